"""Bounces: they arrive at a monitored address, and their recipient, and no one else, gets no more emails."""

import logging

import pytest
from django.utils import timezone

from notifications.email.delivery import gather, send_some
from notifications.inbound import imap
from notifications.inbound.bounces import read_report
from notifications.inbound.services import InboundResult, take_mail
from notifications.models import EmailSuppression, FanOut, Notification, OutgoingEmail
from tests.factories import make_comment, make_member, make_post
from tests.notifications.imap_server import Mailbox
from tests.notifications.people import write
from tests.notifications.smtp_server import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.DEFAULT_FROM_EMAIL = "The Long Table <hello@table.example>"
        yield server


def letter_for(email: str) -> OutgoingEmail:
    post = make_post()
    kay = make_member("kay", email=email)
    write(make_member(), post, parent=make_comment(post, author=kay))
    Notification.objects.exclude(member=kay).delete()
    FanOut.objects.all().delete()
    Notification.objects.update(due_at=timezone.now(), mail_at=timezone.now())
    gather()
    return OutgoingEmail.objects.get()


@pytest.mark.parametrize(
    ("reply_address", "envelope"),
    [("", "hello@table.example"), ("reply@table.example", "reply@table.example")],
)
def test_what_comes_back_comes_to_the_mailbox_that_is_read(mail_server, settings, reply_address, envelope):
    settings.REPLY_ADDRESS = reply_address
    letter_for("kay@example.org")
    send_some()
    (received,) = mail_server.received
    assert (received.envelope_sender, str(received.message["From"])) == (
        envelope,
        "The Long Table <hello@table.example>",
    )


def test_a_report_in_the_mailbox_for_replies_stops_mail_to_the_address(mail_server, settings, monkeypatch):
    monkeypatch.setattr(imap, "_away_until", None)
    settings.REPLY_ADDRESS = "reply@table.example"
    email = letter_for("kay@example.org")
    send_some()
    (received,) = mail_server.received
    report = (
        f'From: MAILER-DAEMON@mx.example\nTo: {received.envelope_sender}\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; kay@example.org\nAction: failed\n"
        f"Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {email.message_id}\n--b--\n"
    )
    with Mailbox(report.encode()) as box:
        settings.REPLY_MAILBOX_URL = box.url
        imap.fetch_answers()
    assert list(EmailSuppression.objects.values_list("email", "cause")) == [("kay@example.org", "bounce")]
    assert (box.messages, box.folders) == ({}, {})


@pytest.mark.parametrize(("email", "on_the_line"), [("kay@bücher.example", "kay@xn--bcher-kva.example"), ("kay@example.org", "kay@example.org"), ("kay@пример.example", "kay@xn--e1afmkfd.example")])  # fmt: skip
def test_a_refusal_stops_mail_to_the_address_as_we_know_it_and_is_logged(
    mail_server, caplog, email, on_the_line
):
    letter_for(email)
    mail_server.refusals[on_the_line] = "550 5.1.1 no such user"
    with caplog.at_level(logging.WARNING, "notifications.email.delivery"):
        send_some()
    assert list(EmailSuppression.objects.values_list("email", flat=True)) == [email]
    assert "permanently refused (550 5.1.1)" in caplog.text


def test_a_report_about_an_address_in_another_alphabet_is_understood():
    email = OutgoingEmail.objects.create(
        member=make_member("kay"), address="kay@bücher.example", message_id="<abc@example.org>", state="sent"
    )
    report = (
        'Content-Type: multipart/report; report-type=global-delivery-status; boundary="b"\n\n--b\nContent-Type: message/global-delivery-status\n\n'
        f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: utf-8; kay@bücher.example\nAction: failed\nStatus: 5.1.1\n\n--b\n\nMessage-ID: {email.message_id}\n--b--\n"
    )
    assert read_report(report.encode()) == "bounce"
    assert list(EmailSuppression.objects.values_list("email", flat=True)) == ["kay@bücher.example"]


@pytest.mark.parametrize("body", [b"--b\n\nx\n" * 1_400_000, b"\n" * 9_000_000, b"From: a@example.org\n" * 450_000, b"To: <reply+x@y>\n" * 600_000], ids=["parts", "blank lines", "fields", "recipients"])  # fmt: skip
@pytest.mark.parametrize("kind", [b"multipart/mixed", b"multipart/report"])
def test_ten_megabytes_that_are_nothing_for_us_are_left_alone(settings, body, kind):
    settings.REPLY_ADDRESS = "reply@table.example"
    raw = (
        b"From: a@example.org\nTo: reply@table.example\nMessage-ID: <1@example.org>\nContent-Type: "
        + kind
        + b"; boundary=b\n\n"
        + body
    )
    assert take_mail(raw) is InboundResult.STRANGE
