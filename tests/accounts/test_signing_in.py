"""Signing up and signing in, as a browser does it."""

import re
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings as project
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects, assertTemplateUsed

from accounts.models import User
from tests.factories import PASSWORD, make_host, make_member, make_moderator

SIGNUP = "/accounts/signup/"
LOGIN = "/accounts/login/"
CODE = "/accounts/login/code/"
CONFIRM_CODE = "/accounts/login/code/confirm/"
CONFIRM_EMAIL = "/accounts/confirm-email/"
RESET = "/accounts/password/reset/"
GOOD = "seven wooden spoons"

pytestmark = pytest.mark.django_db


def sign_up(client: Client, **data: str):
    return client.post(SIGNUP, {"email": "dora@example.org", "username": "dora", "password1": ""} | data)


def emailed_code() -> str:
    return re.search(r"^(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]


def who(client: Client) -> str | None:
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).username if user_id else None


# --- signing up ---


@pytest.mark.parametrize("password", ["", GOOD])
def test_sign_up_ends_at_next_after_the_code(client, password):
    response = sign_up(client, password1=password, next="/posts/x/?reply=3")
    assertRedirects(response, CONFIRM_EMAIL, fetch_redirect_response=False)
    assert who(client) is None
    response = client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    assertRedirects(response, "/posts/x/?reply=3", fetch_redirect_response=False)
    user = User.objects.get()
    assert (who(client), user.has_usable_password(), user.display_name) == ("dora", bool(password), "")
    session = response.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert EmailAddress.objects.values_list("email", "verified", "primary").get() == (
        "dora@example.org",
        True,
        True,
    )


def test_the_sign_up_page_hands_next_on(client):
    response = client.get(SIGNUP, {"next": "/posts/x/?reply=3"})
    assertContains(response, '<input type="hidden" name="next" value="/posts/x/?reply=3">', html=True)
    assertContains(response, "/accounts/login/?next=%2Fposts%2Fx%2F%3Freply%3D3")


@pytest.mark.parametrize("way", ["signup", "password", "code"])
def test_what_an_anonymous_session_holds_is_still_there_after_coming_in(client, way):
    session = client.session
    session["draft"] = "half a thought"
    session.save()
    if way == "signup":
        sign_up(client)
        client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    else:
        make_member("dora")
    if way == "password":
        client.post(LOGIN, {"login": "dora", "password": PASSWORD})
    if way == "code":
        client.post(CODE, {"email": "dora@example.org"})
        client.post(CONFIRM_CODE, {"code": emailed_code()})
    assert (who(client), client.session["draft"]) == ("dora", "half a thought")


def test_a_member_without_a_password_comes_in_by_code(client):
    sign_up(client)
    client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    client.post("/accounts/logout/")
    assert client.post(LOGIN, {"login": "dora", "password": ""}).status_code == 200
    response = client.post(CODE, {"email": "Dora@Example.org", "next": "/members/"})
    assertRedirects(response, f"{CONFIRM_CODE}?next=%2Fmembers%2F", fetch_redirect_response=False)
    response = client.post(CONFIRM_CODE, {"code": emailed_code(), "next": "/members/"})
    assertRedirects(response, "/members/", fetch_redirect_response=False)
    assert who(client) == "dora"


def test_a_wrong_code_is_refused_at_the_field_and_three_of_them_end_it(client):
    sign_up(client)
    code = emailed_code()
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    response = client.post(CONFIRM_EMAIL, {"code": wrong})
    assertContains(response, '<ul class="errorlist" id="id_code_error">')
    assertContains(response, "Error:")
    client.post(CONFIRM_EMAIL, {"code": wrong})
    client.post(CONFIRM_EMAIL, {"code": wrong})
    client.post(CONFIRM_EMAIL, {"code": code})
    assert who(client) is None


def test_a_mistyped_address_does_not_keep_the_name(client):
    sign_up(client, email="doar@example.org")
    response = client.post("/accounts/logout/", {"next": SIGNUP})
    assertRedirects(response, SIGNUP)
    sign_up(client)
    client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    assert list(User.objects.values_list("username", "email")) == [("dora", "dora@example.org")]


def test_beginning_again_forgets_nobody_who_came_in(client):
    sign_up(client)
    client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    client.post("/accounts/logout/")
    client.post(LOGIN, {"login": "dora", "password": "nothing"})
    sign_up(client, username="another", email="another@example.org")
    assert set(User.objects.values_list("username", flat=True)) == {"dora", "another"}


def test_the_honeypot_catches_without_a_word_and_without_an_inline_style(client):
    assertNotContains(client.get(SIGNUP), "style=")
    assert sign_up(client, phone_number="12345").status_code == 302
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["short", "        ", "aaaaaaaaaaaa", "password1234", "12345678901", "dora@example.org"]
)
def test_weak_passwords_are_refused_and_everything_else_is_kept(client, password):
    response = sign_up(client, password1=password)
    assertContains(response, 'value="dora@example.org"')
    assertContains(response, 'value="dora"')
    assertContains(response, 'id="id_password1_error"')
    assertNotContains(response, f'value="{password}"') if password.strip() and "@" not in password else None
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["x7 q", GOOD, "ß→日本語 und mehr", "p4" + "long " * 25])
def test_passwords_are_compared_exactly(client, password):
    password = password if len(password) >= 8 else password * 3
    sign_up(client, password1=password)
    client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    client.post("/accounts/logout/")
    for variant in [password.upper(), password[:-1], password + " ", " " + password]:
        if variant != password:
            client.post(LOGIN, {"login": "dora", "password": variant})
            assert who(client) is None
    client.post(LOGIN, {"login": "dora", "password": password})
    assert who(client) == "dora"


# --- usernames ---


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "me",
        "Admin",
        "a_d-m_i-n",
        "..",
        "-dora",
        "\u0430lice",
        "\uff41lice",
        "ali\u200bce",
        "alice\u202e",
        "Kelvin\u212a",
        "a b",
        "x",
        "a" * 31,
    ],
)
def test_reserved_and_deceiving_names_are_refused_at_the_field(client, name):
    response = sign_up(client, username=name)
    assertContains(response, 'id="id_username_error"')
    assert not User.objects.exists()


def test_capitals_become_small_letters(client):
    sign_up(client, username="DoRa")
    assert User.objects.get().username == "dora"


def test_a_name_taken_in_another_case_is_taken(client, member):
    assertContains(sign_up(client, username="ALICE"), "This username is taken. Try another.")


@pytest.mark.parametrize("name", ["n0ra", "nor-a", "caro1", "annabe11"])
def test_nobody_takes_a_name_that_looks_like_one_of_the_staff(client, name):
    make_host("nora")
    make_moderator("carol", display_name="Annabell")
    assertContains(sign_up(client, username=name), "too similar to that of a host or moderator")


# --- membership is not revealed ---


def answers(path: str, known: dict, unknown: dict, follow_up: list[dict]) -> list[list]:
    """The same requests for two visitors; addresses, names and tokens, which differ anyway, are masked."""
    trips = []
    for data in (known, unknown):
        client = Client()
        pages = [client.post(path, data, follow=True)]
        last = pages[0].redirect_chain[-1][0] if pages[0].redirect_chain else path
        pages += [client.post(last, more, follow=True) for more in follow_up]
        blank = re.compile(
            "|".join(re.escape(value) for value in data.values() if value)
            + r"|name=\"csrfmiddlewaretoken\" value=\"\w+\""
        )
        trips.append(
            [(page.status_code, page.redirect_chain, blank.sub("…", page.content.decode())) for page in pages]
        )
    return trips


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        (
            LOGIN,
            {"login": "alice", "password": "wrong words"},
            {"login": "nobody7", "password": "wrong words"},
        ),
        (
            LOGIN,
            {"login": "alice@example.org", "password": "wrong words"},
            {"login": "nobody7@example.org", "password": "wrong words"},
        ),
        (CODE, {"email": "alice@example.org"}, {"email": "nobody7@example.org"}),
        (RESET, {"email": "alice@example.org"}, {"email": "nobody7@example.org"}),
        (
            SIGNUP,
            {"email": "alice@example.org", "username": "dora"},
            {"email": "nobody7@example.org", "username": "edda"},
        ),
    ],
)
def test_the_answers_are_the_same_for_members_and_strangers(member, path, known, unknown):
    more = (
        []
        if path == LOGIN
        else [{"code": "00000x"}, {"action": "change", "email": "third@example.org"}, {"action": "resend"}]
    )
    one, other = answers(path, known, unknown, more)
    assert one == other


def test_only_the_mail_says_that_there_is_an_account_or_none(client, member):
    sign_up(client, email="alice@example.org")
    Client().post(CODE, {"email": "nobody7@example.org"})
    assert [message.subject for message in mail.outbox] == [
        "You already have an account",
        "No account with this address",
    ]
    assert User.objects.count() == 1


# --- limits ---


def test_the_sixth_guess_is_refused_with_a_message_and_the_name_is_kept(client, member):
    for _ in range(5):
        client.post(LOGIN, {"login": "alice", "password": "a guess"})
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assertContains(response, "Too many attempts. Wait five minutes, then try again.")
    assertContains(response, 'value="alice"')
    assertNotContains(response, PASSWORD)
    assert who(client) is None


def test_all_names_of_an_account_and_all_spellings_of_this_host_share_one_count(member):
    EmailAddress.objects.create(user=member, email="alice@work.example", verified=True)
    names = ["alice", "ALICE", "alice@example.org", "alice@work.example", "Alice@Example.org"]
    for number, name in enumerate(names):
        Client(headers={"host": f"testserver:{number + 1}"}).post(
            LOGIN, {"login": name, "password": "a guess"}
        )
    for host in ("testserver", "TestServer", "testserver:99"):
        for name in names:
            client = Client(headers={"host": host})
            assertContains(client.post(LOGIN, {"login": name, "password": PASSWORD}), "Too many attempts.")
            assert who(client) is None


def test_a_good_login_in_between_does_not_reset_the_counter(member, other_member):
    for number in range(6):
        Client().post(LOGIN, {"login": "bob", "password": PASSWORD})
        Client().post(LOGIN, {"login": "alice", "password": f"guess {number}"})
    client = Client()
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert who(client) is None


def test_limits_do_not_believe_a_forwarded_address(client):
    statuses = [
        sign_up(client, username="-", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").status_code for n in range(25)
    ]
    assert statuses.count(429) == 5


def test_too_many_requests_get_a_page_that_keeps_what_was_typed(client):
    for _ in range(20):
        sign_up(client, username="-")
    response = sign_up(client, username="dora", password1=GOOD)
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assertTemplateUsed(response, "429.html")
    assertContains(response, '<input type="hidden" name="username" value="dora">', status_code=429, html=True)
    assertNotContains(response, GOOD, status_code=429)


def test_thirty_requests_for_a_new_password_send_few_mails(client, member):
    for _ in range(30):
        Client().post(RESET, {"email": "alice@example.org"})
    assert len(mail.outbox) <= 5


def test_without_rate_limits_nobody_is_stopped(client, settings):
    settings.RATE_LIMITS = False
    settings.ACCOUNT_RATE_LIMITS = False
    assert {sign_up(client, username="-").status_code for _ in range(25)} == {200}


# --- redirects ---

EVIL = [
    "https://evil.example/", "//evil.example", "///evil.example", "https:/evil.example", "https:evil.example", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "https://[evil.example/", "//[evil.example", "http://testserver@evil.example/", "https://evil.example\\@testserver/",
    " https://evil.example/", "\thttps://evil.example/", "https://testserver.evil.example/", "data:text/html,x", "/\t/evil.example", "\x01//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_next_stays_on_this_site(client, member, target):
    for page in (LOGIN, SIGNUP, CODE, RESET):
        assert client.get(page, {"next": target}).status_code == 200
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD, "next": target})
    assertRedirects(response, "/", fetch_redirect_response=False)
    for page in (LOGIN, SIGNUP):  # signed in: straight to the page
        assertRedirects(client.get(page, {"next": target}), "/", fetch_redirect_response=False)
    assertRedirects(client.post("/accounts/logout/", {"next": target}), "/", fetch_redirect_response=False)


# --- sessions and passwords ---


def test_signing_out_asks_first(signed_in, member):
    client = signed_in(member)
    assertContains(client.get("/accounts/logout/"), "Sign out?")
    assert who(client) == "alice"
    client.post("/accounts/logout/")
    assert who(client) is None


def test_signing_in_gives_a_new_session_key(client, member):
    session = client.session
    session["draft"] = "x"
    session.save()
    before = session.session_key
    client.post(LOGIN, {"login": "alice@example.org", "password": PASSWORD})
    assert who(client) == "alice"
    assert client.session.session_key != before


def test_a_new_password_ends_the_other_sessions(signed_in, member):
    here, there = signed_in(member), signed_in(member)
    data = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
    assert here.post("/accounts/password/change/", data).status_code == 302
    assert [page.status_code for page in (here.get("/members/me/edit/"), there.get("/members/me/edit/"))] == [
        200,
        302,
    ]
    assert mail.outbox[-1].subject == "Your password was changed"


def test_labels_of_passwords_are_in_sentence_case(signed_in, member):
    labels = re.findall(
        r"<label[^>]*>([^<]*password[^<]*)<",
        signed_in(member).get("/accounts/password/change/").content.decode(),
        re.IGNORECASE,
    )
    assert [label.strip() for label in labels] == ["Current password", "New password", "New password (again)"]


def test_a_forgotten_password_is_replaced_by_code(client, member, signed_in):
    there = signed_in(member)
    response = client.post(RESET, {"email": "alice@example.org"}, follow=True)
    page = client.post(response.redirect_chain[-1][0], {"code": emailed_code()}, follow=True)
    assertContains(page, "Reset your password")
    assertContains(page, "New password (again)")
    client.post(page.redirect_chain[-1][0], {"password1": GOOD, "password2": GOOD}, follow=True)
    member.refresh_from_db()
    assert member.check_password(GOOD)
    assert there.get("/members/me/edit/").status_code == 302


def test_a_closed_account_is_out_at_once_and_does_not_come_in(signed_in, member, client):
    there = signed_in(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert there.get("/members/me/edit/").status_code == 302
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD}, follow=True)
    assertContains(response, "This account is deactivated")
    assert who(client) is None


def test_the_admin_has_no_sign_in_page_of_its_own(client):
    assertRedirects(
        client.get("/admin/login/?next=/admin/"), f"{LOGIN}?next=%2Fadmin%2F", fetch_redirect_response=False
    )
    response = client.get("/admin/posts/", follow=True)
    assert response.redirect_chain[-1][0].startswith(LOGIN)


def test_a_member_is_not_let_into_the_admin(signed_in, member):
    assert signed_in(member).get("/admin/login/").status_code == 403


# --- the pages ---

FOR_VISITORS = [
    "account_login",
    "account_signup",
    "account_request_login_code",
    "account_reset_password",
    "account_inactive",
]
FOR_MEMBERS = [
    "account_email",
    "account_change_password",
    "account_logout",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "socialaccount_connections",
    "usersessions_list",
    "account_reauthenticate",
    "account_reset_password",
]


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_every_sign_in_page_has_our_design(client, name):
    response = client.get(reverse(name))
    assertTemplateUsed(response, "base.html")
    assertNotContains(response, "style=")
    assert response.content.decode().count("<h1") == 1


@pytest.mark.parametrize("name", FOR_MEMBERS)
def test_every_account_page_has_our_design(client, member, name):
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    response = client.get(reverse(name))
    assertTemplateUsed(response, "base.html")
    assertNotContains(response, "style=")
    assert response.content.decode().count("<h1") == 1


def test_scripts_on_the_pages_are_files(client, member):
    for page in (LOGIN, SIGNUP, CODE):
        for attributes in re.findall(r"<script([^>]*)>", client.get(page).content.decode()):
            assert "src=" in attributes or "application/json" in attributes


def test_one_more_address_is_added_by_code(client, member):
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "alice@work.example"})
    assertRedirects(client.post(CONFIRM_EMAIL, {"code": emailed_code()}), "/accounts/email/")
    assertContains(client.get("/accounts/email/"), "alice@work.example")
    client.post("/accounts/email/", {"action_primary": "", "email": "alice@work.example"})
    client.post("/accounts/email/", {"action_remove": "", "email": "alice@example.org"})
    assert EmailAddress.objects.values_list("email", "primary").get() == ("alice@work.example", True)
    member.refresh_from_db()
    assert member.email == "alice@work.example"


def test_who_came_in_a_moment_ago_is_not_asked_again_who_they_are_and_later_is(client, member):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post(LOGIN, {"login": "alice", "password": PASSWORD})
        clock.shift(299)
        assert client.get("/accounts/2fa/totp/activate/").status_code == 200
        clock.shift(2)
        answer = client.get("/accounts/2fa/totp/activate/")
        assertRedirects(answer, "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F")


# --- the emails ---


def test_mails_are_plain_and_signed_and_quote_nothing_twice(client, member):
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    data = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
    client.post("/accounts/password/change/", data, headers={"User-Agent": 'Fox & "Hen" <1>'})
    body = mail.outbox[-1].body
    assert body.startswith("Hello,\n\nYour password was changed.\n")
    assert 'Fox & "Hen" <1>' in body
    assert body.endswith("The Long Table\nhttp://testserver/")
    assert mail.outbox[-1].alternatives == []


def test_addresses_in_mails_are_ours_whatever_the_request_says(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    Client(headers={"host": "evil.example"}).post(RESET, {"email": "nobody7@example.org"})
    assert "evil.example" not in mail.outbox[-1].body
    assert "http://testserver/accounts/signup/" in mail.outbox[-1].body


@pytest.mark.parametrize("app", ["account", "mfa", "socialaccount"])
def test_every_kind_of_email_has_our_text(app):
    theirs = {path.name for path in (Path(allauth.__file__).parent / "templates" / app / "email").iterdir()}
    ours = {path.name for path in (project.BASE_DIR / "templates" / app / "email").iterdir()}
    assert theirs - ours == set()


def test_of_two_who_take_a_name_at_once_the_second_reads_that_it_is_taken(client, monkeypatch):
    make_member("sasha")
    # As if the other had signed up between the check and the insert.
    monkeypatch.setattr(
        "accounts.allauth.adapter.AccountAdapter.clean_username",
        lambda _self, username, shallow=False: username,
    )
    response = client.post("/accounts/signup/", {"username": "sasha", "email": "second@example.org"})
    assert response.context["form"].errors == {"username": ["This username is taken. Try another."]}
    assertContains(response, "second@example.org")
    assert User.objects.count() == 1


# --- the display name ---


def test_who_signs_up_with_a_name_is_called_by_it(client):
    sign_up(client, display_name=" Dora  Bell ")
    assert User.objects.get(username="dora").display_name == "Dora Bell"
    response = client.post(CONFIRM_EMAIL, {"code": emailed_code()})
    assertRedirects(response, "/members/me/welcome/")


def test_who_signs_up_on_the_way_to_a_page_comes_there_and_is_shown_the_way_to_the_welcome_pages(client):
    link = '<a href="/members/me/welcome/">Choose your name, a picture and notifications</a>'
    sign_up(client, next="/guidelines/", password1=PASSWORD)
    page = client.post(CONFIRM_EMAIL, {"code": emailed_code()}, follow=True)
    assertRedirects(page, "/guidelines/")
    assertContains(page, link, html=True)
    client.post("/accounts/logout/")
    sign_in = {"login": "dora", "password": PASSWORD, "next": "/guidelines/"}
    assertNotContains(client.post("/accounts/login/", sign_in, follow=True), link, html=True)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Nora Lind", "too similar to that of a host"),
        ("Former member", "used for deleted accounts"),
        ("x" * 200, "at most"),
    ],
)
def test_a_name_that_nobody_may_have_is_refused_at_sign_up_too(client, name, error):
    make_host("nora", display_name="Nora Lind")
    assertContains(sign_up(client, display_name=name), error)
    assert not User.objects.filter(username="dora").exists()
