"""The host sets the sender name and reply address of emails, effective at once; the server's address stays."""

from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.core import mail
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertRedirects

from accounts.services.mails import send_mail_about
from core.models import SiteSettings
from core.services.site_settings import save_settings
from core.utils.email import build_email
from tests.core.test_site_settings import FILLED, PAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


def test_an_email_comes_from_the_new_name_unless_the_environment_names_a_sender(host, settings):
    save_settings({"name": "Harbour Notes"}, by=host)
    assert SiteSettings.current().from_email == "Harbour Notes <hello@testserver>"
    settings.DEFAULT_FROM_EMAIL, settings.DEFAULT_FROM_EMAIL_IS_SET = "Post <post@example.org>", True
    assert SiteSettings.current().from_email == "Post <post@example.org>"


def test_the_sender_is_in_the_next_email_of_each_kind(host_client, client, member):
    names = FILLED | {"sender_name": "Ada, of Häfen", "reply_to": "ada@example.org"}
    assertRedirects(host_client.post(PAGE, names), PAGE)
    mail.outbox.clear()
    client.post("/accounts/password/reset/", {"email": member.email})
    send_mail_about("export_failed", to=member)
    headers = [each.message() for each in mail.outbox]
    senders = [parseaddr(str(each["From"])) for each in headers]
    assert [(str(make_header(decode_header(name))), address) for name, address in senders] == [
        ("Ada, of Häfen", "hello@testserver")
    ] * 2
    assert [each["Reply-To"] for each in headers] == ["ada@example.org"] * 2


def test_the_sender_is_by_default_what_the_server_says(host_client):
    page = host_client.get(PAGE)
    assertContains(page, "The server sets their address, hello@testserver.")
    assertContains(page, 'name="sender_name"')
    assertContains(page, 'placeholder="The Long Table"')


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("sender_name", "me <me@example.org>", "Enter a name only. The server sets the address."),
        ("reply_to", "nobody", "Enter a valid email address."),
    ],
)
def test_the_sender_is_refused_at_the_field(host_client, field, typed, said):
    answer = host_client.post(PAGE, FILLED | {field: typed})
    assert (answer.status_code, answer.context["form"].errors) == (422, {field: [said]})
    assertContains(answer, escape(typed), status_code=422)


def test_the_address_for_answers_leaves_replies_by_email_their_own_address(host, settings):
    save_settings({"reply_to": "ada@example.org"}, by=host)
    template = "accounts/email/export_failed_message"
    email = build_email("x@example.org", template, {}, headers={"Reply-To": "reply+1@example.org"})
    assert email.extra_headers["Reply-To"] == "reply+1@example.org"
