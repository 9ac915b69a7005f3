"""Sign-ins and failed attempts are logged with the member's id, without names, addresses or typed text."""

import json
import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import User
from core.utils.logs import JsonFormatter
from tests.accounts.test_mfa import totp_code
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
LOGIN, SECOND = "/accounts/login/", "/accounts/2fa/authenticate/"


def lines(caplog) -> list[tuple[str, str]]:
    return [
        (record.levelname, record.getMessage().partition("; request")[0])
        for record in caplog.records
        if record.name == "security"
    ]


@pytest.fixture(autouse=True)
def listening(caplog) -> None:
    caplog.set_level(logging.INFO, logger="security")


@pytest.fixture
def ann(db) -> User:
    return make_member("ann", email="ann@example.org")


def test_passwords(ann, caplog):
    browser = Client()
    browser.post(LOGIN, {"login": "ann", "password": "not this one"})
    browser.post(LOGIN, {"login": "ann", "password": PASSWORD})
    browser.post("/accounts/logout/")
    assert lines(caplog) == [
        ("WARNING", "wrong password; page account_login; member unknown"),
        ("INFO", f"signed in by password; page account_login; member {ann.pk}"),
        ("INFO", f"signed out; page account_logout; member {ann.pk}"),
    ]
    assert not any(typed in caplog.text for typed in ("not this one", PASSWORD, "ann@", " ann"))


def test_a_wrong_code_by_email(ann, caplog):
    browser = Client()
    browser.post("/accounts/login/code/", {"email": "ann@example.org"})
    browser.post("/accounts/login/code/confirm/", {"code": "000000"})
    assert [line for line in lines(caplog) if "code" in line[1]] == [
        ("WARNING", f"wrong sign-in code; page account_confirm_login_code; member {ann.pk}")
    ]


def test_the_second_step(ann, caplog):
    secret = generate_totp_secret()
    TOTP.activate(ann, secret)
    browser = Client()
    browser.post(LOGIN, {"login": "ann", "password": PASSWORD})
    browser.post(SECOND, {"code": "000000"})
    browser.post(SECOND, {"code": totp_code(secret)})
    assert lines(caplog) == [
        ("WARNING", f"wrong second step; page mfa_authenticate; member {ann.pk}"),
        ("INFO", f"signed in by password, mfa; page mfa_authenticate; member {ann.pk}"),
    ]


def test_a_page_that_is_refused(ann, signed_in, caplog):
    assert signed_in(ann).get("/moderation/").status_code == 403
    [line] = [line for line in lines(caplog) if line[1].startswith("refused")]
    assert line == ("WARNING", f"refused; page moderation:queue; member {ann.pk}")
    [record] = [
        record for record in caplog.records if record.name == "security" and "refused" in record.getMessage()
    ]
    assert json.loads(JsonFormatter().format(record))["security"] == {
        "event": "refused", "page": "moderation:queue", "member": ann.pk,
    }  # fmt: skip
