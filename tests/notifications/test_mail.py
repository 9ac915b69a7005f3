"""The content of an email: text, HTML, and headers for mail programs. Replies to it are understood."""

import re
import unicodedata
from email import message_from_bytes, policy
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Follow
from comments.services.images import add_picture
from notifications.email.build import Foot, Item, Threading, build_mail
from notifications.inbound.bounces import read_report
from notifications.models import EmailSuppression, Notification, OutgoingEmail
from notifications.models.types import Reason
from notifications.services.preferences import choose
from posts.services.publishing import publish_post
from tests.factories import make_comment, make_member, make_picture, make_post
from tests.notifications.people import later, work, write


def sent_to(address: str) -> list[mail.EmailMultiAlternatives]:
    return [message for message in mail.outbox if message.to == [address]]


@pytest.mark.django_db
def test_a_mail_carries_what_mail_programs_ask_for(other_member, member, post):
    make_comment(post, author=member)  # no newcomer, so the link below is not held
    mine = make_comment(post, author=other_member, body="Where do *you* sit?")
    answer = write(member, post, "By the stove.\n\nhttps://stove.example/", parent=mine)
    with later(minutes=2):
        work()
    (message,) = sent_to("bob@example.org")
    email = OutgoingEmail.objects.get(member=other_member)
    assert message.subject == f"alice replied to you on “{post.title}”"
    headers = message.extra_headers
    stop = headers["List-Unsubscribe"]
    assert headers == {
        "Message-ID": email.message_id,
        "In-Reply-To": f"<talk-{post.pk}.{other_member.pk}@testserver>",
        "References": f"<talk-{post.pk}.{other_member.pk}@testserver>",
        "List-Id": f"<post-{post.pk}.testserver>",
        "List-Unsubscribe": stop,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert re.fullmatch(r"<http://testserver/unsubscribe/[\w.-]+/>", stop)
    assert "You wrote:\n> Where do you sit?" in message.body
    assert f"http://testserver/comments/{answer.pk}/" in message.body
    (html, kind) = message.alternatives[0]
    assert kind == "text/html"
    assert 'href="https://stove.example/"' in html
    assert "bob@example.org" not in html + message.body


@pytest.mark.django_db
def test_a_reply_to_the_notification_is_under_its_comment(other_member, member, post):
    mine = make_comment(post, author=other_member)
    first = write(member, post, "One.", parent=mine)
    with later(minutes=2):
        work()
        write(other_member, post, "Two.", parent=first)
    with later(minutes=5):
        work()
        second = make_comment(post, parent=first, author=make_member("kay"), body="@bob, three.")
    with later(minutes=9):
        work()
    first_letter = OutgoingEmail.objects.get(notifications__comment=first, member=other_member)
    headers = sent_to("bob@example.org")[-1].extra_headers
    assert (headers["In-Reply-To"], headers["References"].split()) == (
        first_letter.message_id,
        [f"<talk-{post.pk}.{other_member.pk}@testserver>", first_letter.message_id],
    )
    assert (
        Notification.objects.filter(comment=second, member=other_member).get().letter.message_id
        == headers["Message-ID"]
    )


@pytest.mark.django_db
def test_followers_of_the_host_are_notified_of_a_new_post_once_published(host, member):
    Follow.objects.create(follower=member, followed=host)
    post = make_post(author=host, published_at=None, title="The open door")
    publish_post(post, at=timezone.now() + timezone.timedelta(hours=2))
    with later(hours=1):
        work()
    assert mail.outbox == []
    with later(hours=2, minutes=2):
        work()
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["alice@example.org"], "New post by nora: The open door")
    ]


@given(name=st.text(max_size=60), title=st.text(max_size=120))
def test_nothing_can_be_smuggled_into_the_head_of_a_mail(name, title):
    item = Item(
        writer=name,
        reason=Reason.ANSWER,
        title=title,
        url="https://example.org/",
        when=timezone.now(),
        words_text="Words.",
        talk_key="post-1",
    )
    built = build_mail(
        "kay@example.org",
        [item],
        Foot("https://example.org/stop/", has_discussion=True),
        Threading("<a@example.org>"),
    )
    parsed = message_from_bytes(built.message().as_bytes(), policy=policy.default)
    assert parsed["To"] == "kay@example.org"
    assert sorted(parsed.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "X-Auto-Response-Suppress"]
    )  # fmt: skip
    assert "\n" not in built.subject
    assert "\r" not in built.subject


NOT_WHOLE = re.compile(r"""(?:href|src|srcset|poster)=["'](?!https?://|mailto:)""")


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["at_once", "daily"])
def test_pictures_links_and_names_in_a_mail_lead_somewhere(other_member, member, post, way):
    """An email has no base URL: each URL in it is absolute, and its plain-text part describes images."""
    choose(other_member, answers=way)
    make_comment(post, author=member)
    described, bare = (
        add_picture(make_picture(), by=member, alt="A *red* door"),
        add_picture(make_picture(size=(90, 60)), by=member),
    )
    body = (
        f"Look, @alice and @bob:\n\n![The stove](picture:{described.pk})\n\n![](picture:{bare.pk})\n\n[about us](/about/) and https://youtu.be/dQw4w9WgXcQ\n\n"
        f"https://stove.example/\n\n```\n![](picture:{bare.pk})\n```"
    )
    write(member, post, body, parent=make_comment(post, author=other_member))
    with later(days=2):
        work()
    (message,) = sent_to("bob@example.org")
    html = message.alternatives[0][0]
    assert NOT_WHOLE.findall(html) == []
    assert "srcset" not in html
    if way == "at_once":
        assert len(re.findall(r'<img src="http://testserver/media/[^"]+" alt="[^"]+"', html)) == 2
        assert 'href="http://testserver/members/bob/"' in html
        assert "\n[Picture: The stove]\n\n[Picture: no description]\n" in message.body
        assert message.body.count("](picture:") == 1  # in a code block it stays code, as on the page
    else:
        assert message.body.count("](picture:") == 1


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?=E2=80=AE?= Kay",
        "a=?UTF-8?B?4oCu?=",
        "\u202eKay",
        "Kay\u200b\u2066",
        "=\u200b?utf-8?q?=E2=80=AE?=",
    ],
)
@pytest.mark.parametrize("is_bundle", [True, False])
def test_no_name_puts_hidden_characters_into_a_subject(name, is_bundle):
    item = Item(
        writer=name,
        reason=Reason.ANSWER,
        title="Plain",
        url="https://example.org/",
        when=timezone.now(),
        talk_key="post-1",
    )
    built = build_mail(
        "kay@example.org",
        [item],
        Foot("https://example.org/stop/"),
        Threading("<a@example.org>"),
        is_bundle=is_bundle,
    )
    read = str(message_from_bytes(built.message().as_bytes(), policy=policy.default)["Subject"])
    assert [char for char in read if unicodedata.category(char) in {"Cf", "Cc"}] == []
    assert read.strip() == built.subject


def test_every_kind_of_mail_can_be_looked_at(tmp_path):
    out = StringIO()
    call_command("preview_mails", str(tmp_path), stdout=out)
    kinds = [*Reason.values, "guest", "bundle", "bundle_of_one", "reply_note", "consent"]
    kinds += ["restriction_set", "restriction_lifted", "appeal_answered", "comments_removed", "waits_long"]
    kinds += ["in_touch", "new_activity"]
    kinds += ["post_summary", "posts_of_week", "subscribe_confirm", "subscribed"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{kind}.{suffix}" for kind in kinds for suffix in ("html", "txt", "eml")
    )
    assert "answer       Nora Quill replied to you on “A month of saying yes to strangers”" in out.getvalue()
    for path in tmp_path.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in page
        assert "<script" not in page
        assert "{%" not in page
        assert "{{" not in page
        assert "because ." not in page
    assert "You’re receiving this because " in (tmp_path / "answer.html").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_what_somebody_wrote_is_quoted_in_the_readers_direction():
    """Otherwise the closing quotation mark of an English text would be misplaced in an Arabic sentence."""
    item = Item(
        writer="Kit", reason=Reason.ANSWER, title="Tea", url="https://example.org/", when=timezone.now(),
        words_text="Yes.", words_html="<p>Yes.</p>", yours="Tea & milk?",
    )  # fmt: skip
    with translation.override("ar"):
        built = build_mail(
            "a@example.org", [item], Foot("https://example.org/"), Threading("<a@example.org>")
        )
    assert "«<bdi>Tea &amp; milk?</bdi>»" in built.alternatives[0][0]


REPORT = """From: MAILER-DAEMON@mx.example
To: hello@example.org
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/{part}

{fields}
--b
Content-Type: message/rfc822

Message-ID: {message_id}
Subject: Hello

Words
--b--
"""
FAILED = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; kay@example.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {status} sorry"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "part", "fields", "understood", "stops"),
    [
        (
            "delivery-status",
            "delivery-status",
            FAILED.format(action="failed", status="5.1.1"),
            "bounce",
            [("kay@example.org", "bounce")],
        ),
        ("delivery-status", "delivery-status", FAILED.format(action="failed", status="5.7.1"), "bounce", []),
        ("delivery-status", "delivery-status", FAILED.format(action="delayed", status="4.4.1"), "", []),
        (
            "feedback-report",
            "feedback-report",
            "Feedback-Type: abuse\nUser-Agent: Some/1",
            "complaint",
            [("kay@example.org", "complaint")],
        ),
        ("feedback-report", "feedback-report", "Feedback-Type: not-spam\nUser-Agent: Some/1", "", []),
    ],
)
def test_reports_of_mail_servers_are_understood(kind, part, fields, understood, stops):
    email = OutgoingEmail.objects.create(
        member=make_member("kay"), address="kay@example.org", message_id="<abc@example.org>", state="sent"
    )
    report = REPORT.format(kind=kind, part=part, fields=fields, message_id=email.message_id).encode()
    assert read_report(report) == understood
    assert list(EmailSuppression.objects.values_list("email", "cause")) == stops


@pytest.mark.django_db
@pytest.mark.parametrize("raw", [b"", b"\xff\x00" * 50, b"Message-ID: <abc@example.org>\n\nwords", REPORT.format(kind="delivery-status", part="delivery-status", fields=FAILED.format(action="failed", status="5.1.1"), message_id="<other@example.org>").encode()])  # fmt: skip
def test_what_is_no_report_about_a_mail_of_ours_changes_nothing(raw):
    OutgoingEmail.objects.create(
        member=make_member("kay"), address="kay@example.org", message_id="<abc@example.org>", state="sent"
    )
    assert read_report(raw) == ""
    assert not EmailSuppression.objects.exists()
