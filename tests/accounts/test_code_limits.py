"""Six-digit codes are protected by rate limits: for an account, for an IP address, per hour and per day."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.models import CodeTry, EmailCode
from accounts.tasks import forget_code_tries
from tests.accounts.test_mfa import totp_code
from tests.accounts.test_signing_in import (
    CODE,
    CONFIRM_CODE,
    CONFIRM_EMAIL,
    GOOD,
    LOGIN,
    RESET,
    SIGNUP,
    emailed_code,
    who,
)
from tests.factories import PASSWORD, make_member, make_post
from tests.figures import figure

CONFIRM_RESET = "/accounts/password/reset/confirm/"
AUTHENTICATE = "/accounts/2fa/authenticate/"
TOO_MANY = "Too many wrong codes."
WRONG = "That code isn’t right."
ALICE = {"email": "alice@example.org"}
# Where a code is requested, the data, and where it is entered.
WAYS = {
    "sign in": (CODE, ALICE, CONFIRM_CODE),
    "reset": (RESET, ALICE, CONFIRM_RESET),
    "sign up": (SIGNUP, {"email": "dora@example.org", "username": "dora", "password1": ""}, CONFIRM_EMAIL),
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def browser(number: int = 1) -> Client:
    return Client(REMOTE_ADDR=f"192.0.2.{number}")


def type_code(client: Client, page: str, code: str = "00000x") -> str:
    """Return the outcome of a code.

    "in" (correct), "wrong" (compared), "last" (wrong, which invalidates the code), "too many", or "none asked for".
    """
    answer = client.post(page, {"code": code})
    if answer.status_code == 302:
        if page == CONFIRM_RESET and answer["Location"] == "/accounts/password/reset/complete/":
            return "in"
        if who(client):
            return "in"
        said = "".join(str(message) for message in client.get(LOGIN).context["messages"])
        return "last" if "Too many attempts." in said else "none asked for"
    text = answer.content.decode()
    return (
        "wrong"
        if WRONG in text
        else "too many"
        if TOO_MANY in text
        else "newer"
        if "A newer code was sent." in text
        else text
    )


def guess(clock, clients: list[Client], way: str, times: int, pause: float) -> Counter[str]:
    """Enter that many wrong codes, one after the other; request a new one whenever there is none."""
    ask, data, page = WAYS[way]
    seen: Counter[str] = Counter()
    for number in range(times):
        client = clients[number % len(clients)]
        answer = type_code(client, page)
        if answer == "none asked for":
            client.post(ask, data)
            answer = type_code(client, page)
        seen["tried" if answer in {"wrong", "last"} else answer] += 1
        clock.shift(pause)
    return seen


@pytest.mark.parametrize("way", WAYS)
def test_of_thirty_wrong_codes_for_one_account_in_a_minute_six_at_most_are_tried(clock, member, way):
    seen = guess(clock, [browser()], way, 30, 67 / 30)
    assert 3 <= seen["tried"] <= 6
    assert "in" not in seen


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
def test_one_sender_has_few_tries_for_an_account_in_an_hour_and_a_day(clock, member, way):
    clients = [browser(), browser(), browser()]
    assert guess(clock, clients, way, times := figure(14, 25), 3500 / times)["tried"] <= 9
    assert guess(clock, clients, way, times := figure(20, 30), 81_000 / times)["tried"] <= 15


@pytest.mark.full
def test_many_senders_together_have_not_many_more(clock, member):
    clients = [browser(number) for number in range(1, 25)]
    assert guess(clock, clients, "sign in", times := figure(18, 30), 570 / times)["tried"] <= 12
    assert guess(clock, clients, "sign in", figure(45, 70), 1100)["tried"] <= 40


@pytest.mark.full
def test_of_the_guesses_of_one_sender_over_forty_accounts_fifteen_are_tried(clock):
    emails = [make_member(f"reader{number}").email for number in range(40)]
    seen: Counter[str] = Counter()
    for number in range(times := figure(50, 129)):
        client = browser()
        client.post(CODE, {"email": emails[number % 40]})
        answer = type_code(client, CONFIRM_CODE)
        seen["tried" if answer in {"wrong", "last"} else answer] += 1
        clock.shift(62 / times)
    assert seen["tried"] == 15
    assert CodeTry.objects.filter(kind="typed").count() == 15


@pytest.mark.full
def test_an_address_block_is_one_sender_and_its_neighbour_another(clock, member):
    inside = [Client(REMOTE_ADDR=f"2001:db8:0:1::{number}") for number in range(1, 9)]
    assert 4 <= guess(clock, inside, "sign in", 40, 1)["tried"] <= 6
    clock.shift(60)
    outside = Client(REMOTE_ADDR="2001:db8:0:2::1")
    outside.post(CODE, ALICE)
    assert type_code(outside, CONFIRM_CODE, emailed_code()) == "in"


def test_sign_in_reset_and_write_first_share_one_count(clock, member):
    guess(clock, [browser()], "sign in", 3, 1)
    guess(clock, [browser()], "reset", 3, 1)
    clock.shift(30)
    client = browser()
    place = client.post(
        f"/posts/{make_post().slug}/comments/", {"body": "Hello.", "name": "Alice", "link": ""} | ALICE
    )["Location"]
    answer = client.post(place, {"code": emailed_code()})
    assertContains(answer, TOO_MANY, status_code=429)
    assert (answer["Retry-After"].isdecimal(), who(client)) == (True, None)


def test_when_the_tries_are_used_up_a_right_code_is_answered_as_a_wrong_one_and_later_it_works(clock, member):
    guess(clock, [browser()], "sign in", 6, 1)
    clock.shift(60)
    client = browser()
    client.post(CODE, ALICE)
    answer = client.post(CONFIRM_CODE, {"code": emailed_code()})
    assertContains(answer, "Too many wrong codes. Wait 9 minutes. Or sign in another way", status_code=429)
    assert int(answer["Retry-After"]) == 534
    assertContains(
        client.post(CONFIRM_CODE, {"code": "00000x"}),
        "Too many wrong codes. Wait 9 minutes.",
        status_code=429,
    )
    clock.shift(540)
    client = browser()
    client.post(CODE, ALICE)
    assert type_code(client, CONFIRM_CODE, emailed_code()) == "in"


def test_the_limits_do_not_tell_who_is_a_member(clock, member):
    seen = []
    for number, email in enumerate(("alice@example.org", "nobody7@example.org", "closed@example.org")):
        if email.startswith("closed"):
            make_member("closed", is_active=False)
        steps = []
        for _ in range(7):
            client = browser(number + 1)
            asked = client.post(CODE, {"email": email})
            tries = [client.post(CONFIRM_CODE, {"code": "00000x"}) for _ in range(2)]
            again = client.post(CONFIRM_CODE, {"action": "resend"})
            steps += [
                (answer.status_code, answer.get("Location"), answer.get("Retry-After"))
                for answer in (asked, *tries, again)
            ]
            clock.shift(37)
        clock.shift(-37 * 7)
        seen.append(steps)
    assert seen[0] == seen[1] == seen[2]


# --- the attacked member ---


@pytest.fixture
def attack(clock, member, settings):
    """Enter wrong codes from many IP addresses until no attempts are left for today."""
    few = settings.CODE_TRY_RATES["typed"] | {"subject": [(5, 86_400)]}
    settings.CODE_TRY_RATES = settings.CODE_TRY_RATES | {"typed": few, "app": few}

    def attack() -> None:
        assert guess(clock, [browser(number) for number in range(100, 108)], "sign in", 8, 330)["tried"] == 5

    return attack


def test_a_browser_they_have_used_before_is_counted_apart(attack, member):
    home = browser()
    home.post(LOGIN, {"login": "alice", "password": PASSWORD})
    home.post("/accounts/logout/")
    attack()
    home.post(CODE, ALICE)
    assert type_code(home, CONFIRM_CODE, emailed_code()) == "in"


def test_password_sign_in_stays_open_to_them_everywhere(attack):
    attack()
    new = browser(7)
    assert new.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302
    assert who(new) == "alice"


def test_the_mark_of_a_browser_is_worth_nothing_for_another_account_and_cannot_be_forged(
    attack, member, other_member
):
    attack()
    stranger = browser()
    stranger.post(LOGIN, {"login": "bob", "password": PASSWORD})
    stranger.post("/accounts/logout/")
    for kept in (stranger.cookies["known_device"].value, f"{member.pk}.x", f"{member.pk}.x:1:2", "", "\x00"):
        stranger.cookies["known_device"] = kept
        stranger.post(CODE, ALICE)
        assert type_code(stranger, CONFIRM_CODE) in {"too many", "none asked for"}


def test_a_browser_with_the_mark_has_no_more_tries_than_any_other(clock, member):
    home = browser()
    home.post(LOGIN, {"login": "alice", "password": PASSWORD})
    home.post("/accounts/logout/")
    assert home.cookies["known_device"]["httponly"]
    assert guess(clock, [home], "sign in", 30, 2)["tried"] == 6


# --- a new email invalidates the older one ---


@pytest.mark.parametrize("way", ["sign in", "reset"])
def test_a_new_code_ends_the_one_before_in_whatever_browser(clock, member, way):
    ask, data, page = WAYS[way]
    first, second = browser(1), browser(2)
    first.post(ask, data)
    old = emailed_code()
    clock.shift(1)
    second.post(ask, data)
    assert type_code(first, page, old) == "newer"
    assert type_code(second, page, emailed_code()) == "in"


@pytest.mark.parametrize("way", ["sign in", "sign up"])
def test_a_new_code_in_the_same_browser_ends_the_one_before(clock, member, client, way):
    ask, data, page = WAYS[way]
    client.post(ask, data)
    old = emailed_code()
    clock.shift(11)
    client.post(page, {"action": "resend"})
    assert emailed_code() != old
    assert type_code(client, page, old) == "wrong"
    assert type_code(client, page, emailed_code()) == "in"


def test_a_stranger_who_asks_ends_no_code_in_a_browser_the_member_has_used(clock, member):
    home = browser()
    home.post(LOGIN, {"login": "alice", "password": PASSWORD})
    home.post("/accounts/logout/")
    home.post(CODE, ALICE)
    code = emailed_code()
    browser(2).post(CODE, ALICE)
    assert type_code(home, CONFIRM_CODE, code) == "in"


def test_the_link_in_an_older_mail_ends_too(clock, client, post):
    place = client.post(
        f"/posts/{post.slug}/comments/",
        {"body": "Hello.", "name": "Dora", "email": "dora@example.org", "link": ""},
    )["Location"]
    client.post(f"{place}code/")
    old, new = (
        re.search(r"http://testserver(/comments/unsent/\S+)", message.body)[1] for message in mail.outbox
    )
    there = Client()
    assert (there.post(old)["Location"], who(there)) == (place, None)
    there.post(new)
    assert who(there) == "dora"


# --- emails ---


@pytest.mark.full
@pytest.mark.parametrize(
    ("ask", "data"), [(CODE, {}), (RESET, {}), (SIGNUP, {"username": "dora", "password1": ""})]
)
def test_a_stranger_is_not_flooded_with_mails(clock, client, ask, data):
    for number in range(40):
        more = {"username": f"dora{number}"} if data else {}
        answer = client.post(ask, {"email": "vera@example.org"} | data | more)
        client.post("/accounts/logout/")
        clock.shift(1500)
    assert len(mail.outbox) <= 12
    assertContains(answer, "We’ve sent several codes already. Wait ")
    assertContains(answer, 'value="vera@example.org"')


@pytest.mark.full
def test_eight_senders_do_not_use_up_the_codes_of_the_whole_site(post, settings):
    settings.EMAIL_CODE_RATES = settings.EMAIL_CODE_RATES | {"busy": [(16, 3600)]}
    for number in range(8 * 5):
        data = {"body": f"Words {number}.", "name": "X", "email": f"n{number}@example.org", "link": ""}
        browser(number % 8 + 1).post(f"/posts/{post.slug}/comments/", data)
    assert EmailCode.objects.count() == 16
    for number in range(100, 108):
        data = {"body": f"Words {number}.", "name": "X", "email": f"p{number}@example.org", "link": ""}
        assert browser(number).post(f"/posts/{post.slug}/comments/", data).status_code == 302


# --- codes of authenticator apps ---


@pytest.mark.full
@pytest.mark.parametrize("typed", ["000000", "recovery"])
def test_codes_of_an_app_and_recovery_codes_are_counted_too(clock, member, typed):
    TOTP.activate(member, generate_totp_secret())
    RecoveryCodes.activate(member)
    answers: Counter[str] = Counter()
    for number in range(times := figure(44, 60)):
        client = browser(number % 30)
        client.post(LOGIN, {"login": "alice", "password": PASSWORD})
        page = client.post(AUTHENTICATE, {"code": typed}).content.decode()
        answers["tried" if "That code isn’t right." in page else "refused"] += 1
        clock.shift(1300)
    assert (answers["tried"] <= 40, answers["tried"] + answers["refused"]) == (True, times)


def test_right_codes_of_an_app_are_not_counted(clock, member):
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    client = browser()
    for _ in range(20):
        client.post(LOGIN, {"login": "alice", "password": PASSWORD})
        client.post(AUTHENTICATE, {"code": totp_code(secret)})
        assert who(client) == "alice"
        client.post("/accounts/logout/")
        clock.shift(31)
    assert not CodeTry.objects.exists()


def test_a_member_whose_app_is_guessed_at_still_comes_in_with_it_where_they_were_before(
    clock, attack, member
):
    secret = generate_totp_secret()
    home = browser()
    home.post(LOGIN, {"login": "alice", "password": PASSWORD})
    home.post("/accounts/logout/")
    TOTP.activate(member, secret)
    for number in range(8):
        thief = browser(100 + number)
        thief.post(LOGIN, {"login": "alice", "password": PASSWORD})
        thief.post(AUTHENTICATE, {"code": "00000x"})
        clock.shift(300)
    clock.shift(600)
    home.post(LOGIN, {"login": "alice", "password": PASSWORD})
    home.post(AUTHENTICATE, {"code": totp_code(secret)})
    assert who(home) == "alice"


# --- counting ---


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_no_more_than_one_after_the_other():
    make_member("alice")
    client = browser()
    client.post(CODE, ALICE)
    cookie = client.cookies["sessionid"].value

    def try_once(_number: int) -> None:
        side = browser()
        side.cookies["sessionid"] = cookie
        side.post(CONFIRM_CODE, {"code": "00000x"})
        connections.close_all()

    with ThreadPoolExecutor(8) as people:
        list(people.map(try_once, range(16)))
    assert CodeTry.objects.filter(kind="typed").count() <= 6


def test_rows_name_nobody_and_go_when_they_count_no_more(clock, member):
    guess(clock, [browser()], "sign in", 2, 1)
    row = CodeTry.objects.filter(kind="typed").values().first()
    assert "alice" not in str(row)
    assert "192.0.2" not in str(row)
    assert forget_code_tries() == 0
    clock.shift(86_401)
    assert (forget_code_tries(), CodeTry.objects.count()) == (3, 0)


def test_right_codes_cost_nothing(clock, member, client):
    for _ in range(3):
        client.post(CODE, ALICE)
        assert type_code(client, CONFIRM_CODE, emailed_code()) == "in"
        client.post("/accounts/logout/")
        clock.shift(61)
    assert set(CodeTry.objects.values_list("kind", flat=True)) == {"asked"}


def test_without_limits_nobody_is_stopped(clock, member, settings):
    settings.RATE_LIMITS = False
    settings.ACCOUNT_RATE_LIMITS = False
    assert guess(clock, [browser()], "sign in", 30, 1)["tried"] == 30


def test_the_page_says_what_to_do_at_the_field(clock, member):
    guess(clock, [browser()], "reset", 6, 1)
    client = browser()
    client.post(RESET, ALICE)
    page = client.post(CONFIRM_RESET, {"code": "123456"})
    assertContains(page, '<ul class="errorlist" id="id_code_error">', status_code=429)
    assert GOOD not in page.content.decode()
