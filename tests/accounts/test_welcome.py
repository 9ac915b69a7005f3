"""The host's welcome message to new members, sent once each."""

import re

import pytest
from django.core import mail

from core.services.site_settings import save_settings
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sign_up(client) -> list[str]:
    """Sign up and confirm the address; return the subjects of the emails received."""
    mail.outbox.clear()
    client.post(
        "/accounts/signup/", {"email": "new@example.org", "username": "newcomer", "password1": PASSWORD}
    )
    code = re.search(r"^(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]
    assert client.post("/accounts/confirm-email/", {"code": code}).status_code == 302
    return [message.subject for message in mail.outbox[1:]]


def test_new_members_are_welcomed_when_their_address_is_confirmed(client):
    save_settings({"welcome_mail": "Glad you’re here.\nTea is in the <kitchen>."}, by=None)
    assert sign_up(client) == ["Welcome to The Long Table"]
    assert "Glad you’re here.\nTea is in the <kitchen>." in mail.outbox[-1].body
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": "newcomer", "password": PASSWORD})
    assert [message.subject for message in mail.outbox].count("Welcome to The Long Table") == 1


def test_without_text_nothing_is_sent(client):
    assert sign_up(client) == []
