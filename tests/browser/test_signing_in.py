"""Every way of signing in: by keyboard in forms, and without scripts if possible."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import User
from community.providers import server as describe_server
from tests.accounts.test_mfa import totp_code
from tests.factories import PASSWORD, make_host, make_member, make_moderator
from tests.openid_server import CLIENT_ID, SECRET, openid_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guild(settings):
    with openid_server() as guild:
        app = describe_server("guild", "The Guild", (CLIENT_ID, SECRET), guild.url, oauth_pkce_enabled=True)
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield guild


def emailed_code() -> str:
    return re.search(r"^\d{6}$", mail.outbox[-1].body, re.MULTILINE)[0]


def tab_to(page: Page, words: str, kind: str = "*") -> None:
    """Press Tab until the field, link or button of that name has the focus, in the order of the page."""
    for _ in range(60):
        here = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()"
        )
        if here == "Skip to content":
            page.keyboard.press("Enter")
        if here.startswith(words) and page.evaluate("kind => document.activeElement.matches(kind)", kind):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {words!r}")


def key_in(page: Page, words: str, typed: str) -> None:
    tab_to(page, words, kind="input, textarea")
    page.keyboard.type(typed)


def press(page: Page, words: str) -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_out(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/logout/")
    page.click("main >> button:has-text('Sign out')")
    page.wait_for_url(f"{site}/")


def is_in(page: Page, name: str) -> None:
    expect(page.locator(".me summary", has_text=f"{name}, account menu")).to_be_attached()


@pytest.mark.journey
def test_by_a_code_in_the_mail_without_scripts(visit):
    make_member("alice")
    alice = visit(javascript=False)
    page = alice.open("/accounts/login/?next=/members/")
    press(page, "Email me a code")
    key_in(page, "Email", "alice@example.org")
    press(page, "Email me a code")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(emailed_code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/")
    is_in(page, "alice")
    assert (alice.complaints, alice.foreign) == ([], [])


@pytest.mark.journey
def test_by_password(visit):
    make_member("alice")
    alice = visit()
    page = alice.open("/accounts/login/?next=/members/")
    key_in(page, "Email or username", "alice")
    key_in(page, "Password", "not this one")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("Wrong username/email or password.")
    expect(page.locator("[role=alert]")).to_be_focused()
    key_in(page, "Password", PASSWORD)
    press(page, "Sign in")
    page.wait_for_url("**/members/")
    is_in(page, "alice")
    assert (alice.complaints, alice.foreign) == ([], [])


def give_key(visitor) -> Callable[[bool], Any]:
    """Add a virtual authenticator; the returned function sets whether it verifies its user from now on."""
    devices = visitor.context.new_cdp_session(visitor.page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    key = devices.send(
        "WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}}
    )
    return lambda knows: devices.send("WebAuthn.setUserVerified", key | {"isUserVerified": knows})


def test_signing_up_with_a_passkey(visit, site):
    dora = visit()
    page = dora.open("/accounts/signup/")
    set_verified = give_key(dora)
    page.click("text=Sign up with a passkey")
    page.fill("[name=display_name]", "Dora Bell")
    page.fill("[name=email]", "dora@example.org")
    page.fill("[name=username]", "d!")
    assert page.locator("[name=password1]").count() == 0
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Username")).to_be_focused()
    page.fill("[name=username]", "dora")
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/confirm-email/")
    page.fill("[name=code]", emailed_code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/signup/")
    set_verified(False)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_have_text("Your device didn’t confirm it. Try again.")
    assert dora.faults() == []
    set_verified(True)
    page.get_by_label("Name").press("Enter")
    page.wait_for_url("**/members/me/welcome/")
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert (key.user.display_name, key.wrap().is_passwordless) == ("Dora Bell", True)
    sign_out(page, site)
    dora.open("/accounts/login/")
    press(page, "Use a passkey")
    page.wait_for_url(f"{site}/")
    is_in(page, "Dora Bell")
    assert (dora.complaints, dora.foreign) == ([], [])


@pytest.mark.journey
def test_by_passkey(visit, site):
    make_member("alice")
    alice = visit()
    alice.sign_in("alice", PASSWORD)
    page = alice.page
    give_key(alice)

    alice.open("/accounts/2fa/webauthn/add/")
    tab_to(page, "Name")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Thumb")
    tab_to(page, "Use it as a passkey")
    page.keyboard.press("Space")  # off
    page.keyboard.press("Space")  # and on
    press(page, "Add")
    page.wait_for_url("**/recovery-codes/")
    key = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert (key.user.username, key.wrap().name, key.wrap().is_passwordless) == ("alice", "Thumb", True)

    sign_out(page, site)
    alice.open("/accounts/login/")
    press(page, "Use a passkey")
    page.wait_for_url(f"{site}/")
    is_in(page, "alice")
    assert (alice.complaints, alice.foreign) == ([], [])


def test_through_another_place_without_scripts(visit, site, guild):
    dora = visit(javascript=False)
    page = dora.open("/accounts/signup/?next=/members/")
    press(page, "Continue with The Guild")
    page.wait_for_url(f"{guild.url}/authorize?**")
    page.click("text=No")
    page.wait_for_url("**/login/cancelled/")
    expect(page.locator("h1")).to_have_text("Sign-in cancelled")

    dora.open("/accounts/login/?next=/members/")
    press(page, "Continue with The Guild")
    page.wait_for_url(f"{guild.url}/authorize?**")
    page.click("text=Yes")
    page.wait_for_url("**/3rdparty/signup/")
    expect(page.locator("[name=username]")).to_have_value("dora")
    press(page, "Sign up")
    page.wait_for_url("**/members/")
    is_in(page, "dora")

    sign_out(page, site)
    dora.open("/accounts/login/")
    press(page, "Continue with The Guild")
    page.wait_for_url(f"{guild.url}/authorize?**")
    page.click("text=Yes")
    page.wait_for_url(f"{site}/")
    is_in(page, "dora")
    assert SocialAccount.objects.get().user.username == "dora"
    assert dora.complaints == []
    assert {address.partition("?")[0] for address in dora.foreign} == {
        f"{guild.url}/authorize",
        f"{guild.url}/decide",
    }


def test_a_member_connects_and_disconnects_an_external_account(visit, site, guild):
    make_member("alice", email="dora@example.org")
    alice = visit()
    page = alice.open("/accounts/login/")
    press(page, "Continue with The Guild")
    page.click("text=Yes")
    page.wait_for_url("**/accounts/login/")
    expect(page.locator("main [role=status]")).to_contain_text("You already have an account.")
    key_in(page, "Email or username", "alice")
    key_in(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
    expect(page.locator("main [role=status]").first).to_contain_text(
        "You can now sign in with The Guild too."
    )
    alice.open("/accounts/3rdparty/")
    press(page, "Disconnect")
    expect(page.locator("main")).to_contain_text("No connected accounts yet.")
    press(page, "Continue with The Guild")
    page.click("text=Yes")
    page.wait_for_url("**/accounts/3rdparty/")
    expect(page.locator("main .said")).to_contain_text("The Guild dora")
    assert SocialAccount.objects.get().user.username == "alice"


def test_a_host_sets_up_an_app_and_comes_in_by_it_or_by_a_recovery_code_without_scripts(
    visit, site, settings
):
    settings.REQUIRE_SECOND_STEP = True
    settings.MFA_TOTP_TOLERANCE = 1  # 30 seconds may end between the code and the page that asks for it
    make_host("nora")
    nora = visit(javascript=False)
    nora.sign_in("nora", PASSWORD)
    page = nora.open("/admin/")
    expect(page.locator("h1")).to_have_text("Set up two-step verification")
    press(page, "Set up an authenticator app")
    secret = page.locator("main code").inner_text()
    key_in(page, "Authenticator code", totp_code(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/recovery-codes/")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    press(page, "Continue")
    page.wait_for_url(f"{site}/admin/")

    def come_back(code: str) -> None:
        sign_out(page, site)
        nora.open("/accounts/login/?next=/admin/")
        page.fill("[name=login]", "nora")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/2fa/authenticate/")
        key_in(page, "Code", code)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/admin/")

    cache.clear()  # a code works once, and 30 seconds are too long to wait in a test
    come_back(totp_code(secret))
    come_back(codes[3])
    assert (nora.complaints, nora.foreign) == ([], [])


def test_one_of_several_sessions_is_ended(visit):
    make_member("alice")
    here, there = visit(), visit(javascript=False)
    for browser in (here, there):
        browser.sign_in("alice", PASSWORD)
    page = here.open("/accounts/sessions/")
    expect(page.locator(".said li")).to_have_count(2)
    press(page, "Sign out")
    expect(page.locator(".said li")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("That device has been signed out.")
    assert "/login/" in there.open("/members/me/edit/").url
    assert "/login/" not in here.open("/members/me/edit/").url


def test_a_second_address_is_added_and_becomes_the_one_we_write_to(visit):
    make_member("alice")
    alice = visit()
    alice.sign_in("alice", PASSWORD)
    page = alice.open("/accounts/email/")
    key_in(page, "Email", "alice@work.example")
    press(page, "Add")
    page.wait_for_selector("[name=code]")
    key_in(page, "Code", emailed_code())
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Make primary")
    press(page, "Make primary")
    expect(page.locator("li", has_text="alice@work.example")).to_contain_text("Primary")
    assert EmailAddress.objects.get(primary=True).email == User.objects.get().email == "alice@work.example"
    assert (alice.complaints, alice.foreign) == ([], [])


def test_no_page_of_signing_in_shuts_anybody_out(visit, settings, guild):
    settings.REQUIRE_SECOND_STEP = True
    carol = make_moderator("carol")
    reader = visit(width=320, scheme="dark")
    found = {}

    def look(path: str) -> None:
        reader.open(path)
        found[path] = reader.faults()

    for path in (
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/login/code/",
        "/accounts/oidc/guild/login/",
        "/accounts/3rdparty/login/cancelled/",
    ):
        look(path)
    look("/accounts/oidc/guild/login/callback/?code=1&state=1")
    reader.complaints.clear()  # the browser logs every 401
    reader.open("/accounts/login/").click("text=Continue with The Guild")
    reader.page.click("text=Yes")
    reader.page.wait_for_url("**/3rdparty/signup/")
    found["sign-up"] = reader.faults()
    reader.sign_in("carol", PASSWORD)
    SocialAccount.objects.create(user=carol, provider="guild", uid="1", extra_data={"name": "carol"})
    for path in (
        "/moderation/",
        "/accounts/3rdparty/",
        "/accounts/sessions/",
        "/accounts/email/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
    ):
        look(path)
    TOTP.activate(carol, generate_totp_secret())
    RecoveryCodes.activate(carol)
    for path in (
        "/accounts/2fa/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/webauthn/add/",
    ):
        look(path)
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert reader.complaints == []
