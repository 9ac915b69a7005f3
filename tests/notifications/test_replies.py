"""Replying by email, with real servers: to the published comment, or to an email with the reason why not."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection

from accounts.models import User
from comments.models import Comment
from comments.services.writing import delete_comment, set_status
from community.env import ConfigurationError
from notifications.email.tokens import ReplyGrant, find_reply_grant, reply_address
from notifications.inbound import imap
from notifications.inbound.services import InboundResult, take_mail
from notifications.models import EmailSuppression, Notification, ReplyMail
from posts.services.publishing import publish_post
from tests.factories import make_comment, make_member, make_post
from tests.notifications.imap_server import Mailbox
from tests.notifications.people import later, make_guest_comment, work, write
from tests.notifications.smtp_server import MailServer

pytestmark = pytest.mark.django_db

Outcome = ReplyMail.Outcome


@pytest.fixture(autouse=True)
def answers_are_taken(settings, monkeypatch):
    monkeypatch.setattr(imap, "_away_until", None)
    settings.REPLY_ADDRESS = "reply@table.example"
    settings.DEFAULT_FROM_EMAIL = "The Long Table <hello@table.example>"


@pytest.fixture
def alices(post, member):
    """Alice's comment on Nora's post; Bob will reply to it."""
    return make_comment(post, author=member)


def answer(
    to: str,
    words: str = "Yes, by the stove.",
    *,
    by: str = "Bob <bob@example.org>",
    number: int = 1,
    **headers: str,
) -> EmailMessage:
    message = EmailMessage()
    fields = {
        "From": by,
        "To": to,
        "Subject": "Re: alice replied to you",
        "Message-ID": f"<{number}@example.org>",
    } | headers
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(
        f"{words}\n\nOn Mon, Nov 23, 2026 at 3:00 PM The Long Table <\n{to}> wrote:\n\n> Where do you sit?\n> \n> -- \n> Stop: https://x.example/unsubscribe/abc/\n"
    )
    return message


def take(message: EmailMessage) -> InboundResult:
    return take_mail(message.as_bytes(policy=policy.SMTP))


def address_for(who: User, comment: Comment) -> str:
    return reply_address(ReplyGrant(who.pk, comment=comment.pk))


def outcome() -> tuple[str, str]:
    row = ReplyMail.objects.get()
    return row.outcome, row.detail


def words_to(address: str) -> str:
    (message,) = [one for one in mail.outbox if one.to == [address]]
    return message.body


# --- from end to end -----------------------------------------------------------


@pytest.mark.parametrize("what", ["comment", "post"])
def test_a_reply_to_a_notification_is_posted_in_its_place(settings, post, member, other_member, host, what):
    if what == "comment":
        mine = make_comment(post, author=other_member)
        cause = write(member, post, "Where do *you* sit?", parent=mine)
    else:
        from accounts.models import Follow  # noqa: PLC0415

        Follow.objects.create(follower=other_member, followed=host)
        post = make_post(author=host, published_at=None)
        publish_post(post)
    with MailServer() as server, later(minutes=2):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        work()
        (received,) = [one for one in server.received if one.to == "bob@example.org"]
    alert = received.message
    assert "Or reply to this email" in alert.get_body(("plain",)).get_content()
    reply = answer(str(alert["Reply-To"]), In_Reply_To=str(alert["Message-ID"]))
    with Mailbox(reply.as_bytes(policy=policy.SMTP)) as box:
        settings.REPLY_MAILBOX_URL = box.url
        imap.fetch_answers()
    comment = Comment.objects.get(author=other_member, body="Yes, by the stove.")
    assert (comment.parent, comment.post, comment.status) == (
        cause if what == "comment" else None,
        post,
        "public",
    )
    assert (box.messages, box.folders) == ({}, {})
    if what == "comment":
        assert Notification.objects.get(member=member, comment=comment).reasons == ["answer"]
        assert Notification.objects.get(member=other_member, comment=cause).seen_at is not None


def test_a_digest_has_an_address_for_each_comment_and_says_so_after_a_reply_to_all(
    settings, post, member, other_member
):
    mine = make_comment(post, author=other_member)
    both = [write(member, post, f"Words {number}.", parent=mine) for number in range(2)]
    with later(minutes=2):
        work()
    (alert,) = [one for one in mail.outbox if one.to == ["bob@example.org"]]
    assert [address_for(other_member, one) in alert.body for one in both] == [True, True]
    mail.outbox.clear()
    assert take(answer(alert.extra_headers["Reply-To"])) is InboundResult.ANSWER
    assert "several things" in words_to("bob@example.org")
    assert not Comment.objects.filter(body="Yes, by the stove.").exists()


def test_without_an_address_for_answers_mails_have_none(settings, post, member, other_member):
    settings.REPLY_ADDRESS = ""
    write(member, post, parent=make_comment(post, author=other_member))
    with later(minutes=2):
        work()
    (alert,) = [one for one in mail.outbox if one.to == ["bob@example.org"]]
    assert not {"Reply-To", "X-Loop"} & alert.extra_headers.keys()
    assert "reply to this email" not in alert.body


def test_guests_are_offered_no_answer_by_mail(settings, post, host):
    from notifications.models import GuestConsent  # noqa: PLC0415

    guest = make_guest_comment(post, email="dora@example.net")
    GuestConsent.objects.create(email="dora@example.net")
    write(host, post, parent=guest)
    with later(minutes=2):
        work()
    (alert,) = mail.outbox
    assert "Reply-To" not in alert.extra_headers


# --- senders ---------------------------------------------------------------------


def test_the_address_says_who_may_answer_what_and_cannot_be_forged(settings):
    address = reply_address(ReplyGrant(7, comment=12))
    assert len(address.partition("@")[0]) <= 64
    assert find_reply_grant(f"x@example.org, {address.upper()}") == ReplyGrant(7, comment=12)
    assert find_reply_grant(reply_address(ReplyGrant(7, post=3))) == ReplyGrant(7, post=3)
    for forged in (
        address.replace("+cc-", "+cd-"),
        address.replace("-7-", "-8-"),
        address.replace("table", "chair"),
        address.replace("reply+", "reply-"),
    ):
        assert forged != address
        assert find_reply_grant(forged) is None
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert find_reply_grant(address) == ReplyGrant(7, comment=12)


def test_any_confirmed_address_of_the_member_will_do(alices, other_member):
    EmailAddress.objects.create(user=other_member, email="Bob@Work.example", verified=True)
    assert take(answer(address_for(other_member, alices), by="bob@work.EXAMPLE")) is InboundResult.ANSWER
    assert outcome() == (Outcome.POSTED, "")


@pytest.mark.parametrize("by", ["Bob <eve@example.net>", "alice@example.org", "bob@example.org, eve@example.net", "unconfirmed@example.org", "\"bob@example.org\" <eve@example.net>"])  # fmt: skip
def test_a_forwarded_alert_lets_nobody_else_write(alices, other_member, by):
    EmailAddress.objects.create(user=other_member, email="unconfirmed@example.org", verified=False)
    take(answer(address_for(other_member, alices), by=by))
    assert ReplyMail.objects.get().outcome == Outcome.REFUSED
    assert not Comment.objects.filter(author=other_member).exists()
    # The reason is sent to the member, without the stranger's text.
    assert [one.to for one in mail.outbox] == [["bob@example.org"]]
    assert "not one of yours" in mail.outbox[0].body
    assert "stove" not in mail.outbox[0].body


# --- the same checks as the form ---------------------------------------------------


def closed(alices):
    alices.post.comments_open = False
    alices.post.save()


def gone(alices):
    delete_comment(alices, by=alices.author)


def unpublished(alices):
    type(alices.post).objects.update(published_at=None)


@pytest.mark.parametrize(
    ("happens", "words"),
    [(closed, "Comments were closed"), (gone, "no longer there"), (unpublished, "no longer there")],
)
def test_a_refused_reply_is_returned_with_the_reason_and_its_text(alices, other_member, happens, words):
    happens(alices)
    assert take(answer(address_for(other_member, alices))) is InboundResult.ANSWER
    said = words_to("bob@example.org")
    assert words in said
    assert "Yes, by the stove." in said
    assert "unsubscribe" not in said
    note = mail.outbox[0]
    assert note.extra_headers["Auto-Submitted"] == "auto-replied"
    assert note.extra_headers["In-Reply-To"] == "<1@example.org>"
    assert note.subject == "Re: alice replied to you"
    assert "Reply-To" not in note.extra_headers


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "nothing new in your email"),
        ("x" * 20_001, "20000"),
        ("> only\n> a quotation", "nothing new in your email"),
    ],
)
def test_empty_and_endless_answers_are_refused(alices, other_member, words, said):
    take(answer(address_for(other_member, alices), words))
    assert ReplyMail.objects.get().outcome == Outcome.REFUSED
    assert said.replace("20000", "20,000") in words_to("bob@example.org").replace("20000", "20,000")


def test_a_closed_account_cannot_reply(alices, other_member):
    User.objects.filter(pk=other_member.pk).update(is_active=False)
    take(answer(address_for(other_member, alices)))
    assert (outcome()[0], Comment.objects.filter(author=other_member).count()) == (Outcome.REFUSED, 0)


def test_who_writes_too_much_is_asked_to_wait(alices, other_member, settings):
    settings.COMMENT_RATES = {"member": [(1, 600)], "host": []}
    for number in range(2):
        take(answer(address_for(other_member, alices), f"Words {number}.", number=number))
    assert list(ReplyMail.objects.order_by("pk").values_list("outcome", flat=True)) == [
        Outcome.POSTED,
        Outcome.REFUSED,
    ]
    assert "Send it again in 10 min" in words_to("bob@example.org")


def test_a_newcomers_link_waits_as_it_would_in_the_form(alices, other_member):
    take(answer(address_for(other_member, alices), "See https://stove.example/"))
    assert outcome()[0] == Outcome.HELD
    assert Comment.objects.get(author=other_member).is_held
    assert "awaiting review" in words_to("bob@example.org")


def test_attachments_are_left_out_with_a_word(alices, other_member):
    message = answer(address_for(other_member, alices))
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="stove.gif")
    take(message)
    assert Comment.objects.get(author=other_member).body == "Yes, by the stove."
    assert "left out" in words_to("bob@example.org")


def test_html_alone_is_understood(alices, other_member):
    message = answer(address_for(other_member, alices))
    message.set_content(
        "<p>Yes, by the <b>stove</b>.</p><script>alert(1)</script><div class='gmail_quote'>yours</div>",
        subtype="html",
    )
    take(message)
    assert Comment.objects.get(author=other_member).body == "Yes, by the stove."


def test_an_answer_follows_a_comment_to_another_post(alices, other_member):
    from comments.services.moving import move_branch  # noqa: PLC0415

    elsewhere = make_post(author=alices.post.author)
    move_branch(alices, to_post=elsewhere, by=alices.post.author)
    take(answer(address_for(other_member, alices)))
    assert Comment.objects.get(author=other_member).post == elsewhere


# --- auto-replies, and duplicates -----------------------------------------------------


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return-Path": "<>"}, {"List-Id": "<x.y>"}, {"X-Loop": "reply@table.example"}], ids=str)  # fmt: skip
def test_no_machine_is_answered(alices, other_member, headers):
    take(answer(address_for(other_member, alices), **headers))
    assert outcome() == (Outcome.AUTOMATIC, next(iter(headers)))
    assert (Comment.objects.filter(author=other_member).count(), mail.outbox) == (0, [])


def test_our_own_emails_coming_back_are_dropped(alices, other_member, post):
    """Otherwise a reply to the note would cause another, without end."""
    closed(alices)
    take(answer(address_for(other_member, alices)))
    (note,) = mail.outbox
    echo = note.message()
    echo["To"] = address_for(other_member, alices)
    assert take_mail(echo.as_bytes()) is InboundResult.ANSWER
    assert len(mail.outbox) == 1
    assert ReplyMail.objects.filter(outcome=Outcome.AUTOMATIC).count() == 1


def test_a_mail_is_taken_once_however_often_it_is_brought(alices, other_member):
    message = answer(address_for(other_member, alices))
    assert [take(message) for _ in range(3)] == [
        InboundResult.ANSWER,
        InboundResult.AGAIN,
        InboundResult.AGAIN,
    ]
    assert Comment.objects.filter(author=other_member).count() == 1


def test_notes_end_when_there_are_too_many(alices, other_member, settings):
    settings.REPLY_NOTE_RATES = [(2, 3600)]
    closed(alices)
    for number in range(5):
        take(answer(address_for(other_member, alices), number=number))
    assert len(mail.outbox) == 2


def test_nobody_is_written_to_where_mail_comes_back(alices, other_member):
    EmailSuppression.objects.create(email=other_member.email, cause="bounce")
    closed(alices)
    take(answer(address_for(other_member, alices)))
    assert mail.outbox == []


# --- the mailbox -------------------------------------------------------------------------


def raw(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=policy.SMTP)


def test_the_mailbox_is_emptied_and_what_is_not_for_us_is_set_aside(
    alices, other_member, settings, monkeypatch
):
    good, strange = (
        raw(answer(address_for(other_member, alices))),
        raw(answer("reply@table.example", number=2)),
    )
    hostile = b"To: " + address_for(other_member, alices).encode() + b"\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)
    )  # fmt: skip
    with Mailbox(good, strange, hostile, good) as box:
        settings.REPLY_MAILBOX_URL = box.url
        found = imap.empty_mailbox()
        assert dict(found) == {
            InboundResult.ANSWER: 1,
            InboundResult.STRANGE: 1,
            InboundResult.BROKEN: 1,
            InboundResult.AGAIN: 1,
        }
        assert box.messages == {}
        assert [len(one) for one in box.folders["Set-Aside"]] == [len(strange), len(hostile)]
        assert imap.empty_mailbox() == {}
    assert Comment.objects.filter(author=other_member).count() == 1


def test_a_line_that_breaks_before_the_message_is_removed_posts_nothing_twice(alices, other_member, settings):
    with Mailbox(raw(answer(address_for(other_member, alices)))) as box:
        settings.REPLY_MAILBOX_URL = box.url
        box.is_cut_off_before_removing = True
        with pytest.raises(imap.AWAY):
            imap.empty_mailbox()
        assert len(box.messages) == 1
        box.is_cut_off_before_removing = False
        assert dict(imap.empty_mailbox()) == {InboundResult.AGAIN: 1}
        assert box.messages == {}
    assert Comment.objects.filter(author=other_member).count() == 1


def test_an_email_that_is_too_long_is_not_fetched_and_its_sender_is_notified(alices, other_member, settings):
    settings.REPLY_MAX_BYTES = 2000
    with Mailbox(raw(answer(address_for(other_member, alices), "x" * 3000))) as box:
        settings.REPLY_MAILBOX_URL = box.url
        imap.empty_mailbox()
    assert "too long" in words_to("bob@example.org")


def test_a_mailbox_that_is_away_is_left_alone_for_a_while(settings, caplog):
    with Mailbox() as box:
        settings.REPLY_MAILBOX_URL = box.url.replace("seven", "eight")
        imap.fetch_answers()
        imap.fetch_answers()
        assert box.spoken.count("LOGIN") == 1
        assert "cannot be read" in caplog.text
        settings.REPLY_MAILBOX_URL = box.url
        with later(minutes=11):
            imap.fetch_answers()
        assert box.spoken.count("LOGIN") == 2


@pytest.mark.parametrize(("name", "value"), [("REPLY_ADDRESS", "no address"), ("REPLY_ADDRESS", "a+b@example.org"), ("REPLY_MAILBOX_URL", "pop3://x:y@z/"), ("REPLY_MAILBOX_URL", "imaps://nobody/")])  # fmt: skip
def test_wrong_settings_are_named(name, value):
    code = "import os; os.environ.update(DEBUG='1', **{%r: %r}); import community.settings" % (name, value)  # noqa: UP031
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert ConfigurationError.__name__ not in done.stderr


def test_a_mail_server_may_hand_mails_over(alices, other_member, monkeypatch, capsys):
    from io import BytesIO, TextIOWrapper  # noqa: PLC0415

    from django.core.management import call_command  # noqa: PLC0415

    for expected in ("a reply", "a reply that was processed before"):
        monkeypatch.setattr(
            sys, "stdin", TextIOWrapper(BytesIO(raw(answer(address_for(other_member, alices)))))
        )
        call_command("read_mail")
        assert capsys.readouterr().out == f"Processed: {expected}.\n"
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"To: nobody@example.org\n\nHello")))
    call_command("read_mail")
    assert capsys.readouterr().out == "Processed: not for this site.\n"


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_take_a_mail_once():
    alices, bob = make_comment(), make_member("bob")
    message = raw(answer(address_for(bob, alices)))

    def bring(_number: int) -> InboundResult:
        try:
            return take_mail(message)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(bring, range(4)))
    assert sorted(found) == sorted([InboundResult.ANSWER] + [InboundResult.AGAIN] * 3)
    assert Comment.objects.filter(author=bob).count() == 1


def test_held_replies_notify_no_one_until_they_are_approved(alices, other_member, moderator):
    take(answer(address_for(other_member, alices), "See https://stove.example/"))
    comment = Comment.objects.get(author=other_member)
    assert not Notification.objects.of_publication(comment).exists()
    set_status(comment, Comment.Status.PUBLIC)
    told = Notification.objects.of_publication(comment)
    assert set(told.values_list("member__username", flat=True)) == {"alice", "nora"}


def test_messages_are_what_we_think_they_are():
    """The parser reads what the writing side of Python's own library produces."""
    message = message_from_bytes(raw(answer("reply+c1-2-x@table.example")), policy=policy.default)
    assert message["To"] == "reply+c1-2-x@table.example"
