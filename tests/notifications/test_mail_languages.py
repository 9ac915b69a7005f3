"""Every email and push notification is in the recipient's language, whoever causes it."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts.models import AccountDeletion, DataExport, Introduction, User
from accounts.services.mails import send_mail_about
from comments.services import guest_data
from core.services.site_settings import save_settings
from moderation.models import Appeal, Decision, Restriction
from moderation.services.reminders import LongWait
from notifications.email import missed, review, system
from notifications.email.posts import compose_mailing
from notifications.inbound.services import Reply
from notifications.models import Mailing, Notification, OutgoingEmail
from notifications.push.services import message_of
from notifications.services import subscribers
from posts.models import Post, PostNote
from tests.factories import make_host, make_member, make_post, put_comment
from tests.notifications.people import later, make_guest_comment, work, write
from tests.notifications.subscribers import subscribe

pytestmark = pytest.mark.django_db

ENGLISH = re.compile(r"\b(?:the|you|your|this|is|and|of|to|not|from|with)\b", re.IGNORECASE)
SUPPE = "Suppe"


@pytest.fixture
def kay() -> User:
    """Reads German, on a site in English; others who read French cause the emails to her."""
    save_settings({"name": "Tafel", "footer_text": SUPPE, "languages": ["de", "fr"]}, by=None)
    return make_member("kay", email="kay@example.org", language="de")


@pytest.fixture
def bread(kay) -> Post:
    return make_post(
        make_host("gastgeber", email=""), title=SUPPE, slug="suppe", summary=SUPPE, body=f"<p>{SUPPE}</p>"
    )


def said(message: Any) -> str:
    """Return the text of an email, without URLs and markup."""
    html = "".join(str(part[0]) for part in message.alternatives)
    assert not html or '<html lang="de"' in html
    text = re.sub(r"<style.*?</style>|<[^>]+>|&[#\w]+;", " ", html, flags=re.DOTALL)
    return re.sub(r"\S+(?:://|@)\S+", "", f"{message.subject}\n{message.body}\n{text}")


def assert_german(*names: str) -> None:
    assert mail.outbox, names
    for message in mail.outbox:
        assert (names, message.subject, ENGLISH.findall(said(message))) == (names, message.subject, [])
    mail.outbox.clear()


def system_mails(kay: User, bread: Post) -> Iterator[Callable[[], object]]:
    now = timezone.now()
    comment = put_comment(bread, author=kay, body=SUPPE)
    comment.waiting_since = now - timedelta(hours=14)
    restriction = Restriction(kind="suspension", member=kay, words=SUPPE, ends_at=now + timedelta(days=7))
    decision = Decision(comment=comment, action="remove", word=SUPPE)
    note = PostNote.objects.create(post=bread, author=bread.author, body=SUPPE)
    yield lambda: system.notify_of_restriction(restriction=restriction)
    yield lambda: system.notify_of_restriction(restriction=Restriction(kind="ban", member=kay, words=SUPPE))
    yield lambda: system.notify_of_end(restriction=restriction)
    for state in (Appeal.State.GRANTED, "refused"):
        yield lambda state=state: system.notify_of_appeal_answer(
            appeal=Appeal(member=kay, state=state, answer=SUPPE)
        )
    for some in ([decision], [decision, decision]):
        yield lambda some=some: system.notify_of_removal(member=kay, decisions=some)
    yield lambda: system.notify_of_approval(member=kay, comments=[comment, comment])
    waits = LongWait(hours=12, comment_count=3, appeal_count=1, comments=[comment])
    yield lambda: system.notify_moderator(moderator=kay, waits=waits)
    kay.is_staff = kay.is_superuser = True
    kay.save()
    yield lambda: review.notify_publishers(post=bread, by=bread.author)
    bread.author = kay
    yield lambda: review.notify_author_of_requested_changes(post=bread, by=note.author)
    yield lambda: review.notify_author_of_acceptance(post=bread)


def test_what_the_site_says_to_one_person(kay, bread):
    for cause in system_mails(kay, bread):
        with translation.override("fr"):
            cause()
        assert_german("system")


def test_what_somebody_missed(kay, bread):
    put_comment(bread, author=make_member("ute"), body=SUPPE)
    User.objects.filter(pk=kay.pk).update(
        summary_due_at=timezone.now(),
        summary_after_weeks=1,
        last_active_at=timezone.now() - timedelta(days=9),
    )
    with translation.override("fr"):
        assert missed.send_summary(kay.pk)
    assert_german("missed")


def test_what_account_emails_say(kay):
    other = make_member("ute")
    export = DataExport(member=kay, asked_at=timezone.now(), ready_at=timezone.now(), size=2048)
    introduction = Introduction(asker=other, asked=kay, words=SUPPE, answer=SUPPE, answered_at=timezone.now())
    values = {
        "export": export, "introduction": introduction, "words": SUPPE, "kept": kay, "other": other, "cancel_url": "https://x.example/", "merge_url": "https://x.example/",
        "account_deletion": AccountDeletion(member=kay, due_at=timezone.now()), "webhook": SimpleNamespace(pk=1, name=SUPPE, url="https://x.example/"),
    }  # fmt: skip
    folder = settings.BASE_DIR / "templates/accounts/email"
    kinds = {path.name.removesuffix("_subject.txt") for path in folder.glob("*_subject.txt")}
    assert len(kinds) >= 8
    for kind in sorted(kinds):
        with translation.override("fr"):
            send_mail_about(kind, to=kay, **values)
        assert_german(kind)


def test_notifications_by_email_and_on_devices(kay, bread):
    own, ute = put_comment(bread, author=kay, body=SUPPE), make_member("ute")
    with translation.override("fr"):
        answer = write(ute, bread, SUPPE, parent=own)
        row = Notification.objects.get(member=kay, comment=answer)
        with kay.reading():
            assert json.loads(message_of(row, answer))["title"] == "ute hat dir geantwortet"
        with later(minutes=3):
            work()
        assert_german("single")
        for _ in range(2):
            write(ute, bread, f"{SUPPE} {_}", parent=own)
        with later(hours=2):
            work()
    assert_german("bundle")


def test_posts_to_subscribers_are_in_the_language_in_which_they_subscribed(kay, bread):
    at_once, weekly = (
        subscribe(f"{one}@example.org", language="de", rhythm=one) for one in ("at_once", "weekly")
    )
    issue = Mailing.objects.create(week=timezone.localdate())
    mailing = Mailing.objects.create(post=bread, content="whole", issue=issue)
    for subscriber, one in ((at_once, mailing), (weekly, issue)):
        email = OutgoingEmail.objects.create(
            subscriber=subscriber, mailing=one, message_id=f"<{one.pk}@x.example>"
        )
        with translation.override("fr"):
            message = compose_mailing(email)
        assert ENGLISH.findall(said(message)) == []


class TestWhoeverAsksOnAPage:
    @pytest.fixture
    def browser(self, kay) -> Client:
        browser = Client()
        browser.post("/language/", {"language": "de"})
        mail.outbox.clear()
        return browser

    def test_to_subscribe_is_answered_in_its_language(self, browser):
        browser.post("/subscribe/", {"email": "ada@example.org", "rhythm": "weekly"})
        token = re.search(r"http://testserver(\S+confirm\S+)", mail.outbox[0].body)[1]
        assert_german("subscribe")
        browser.post(token)
        assert subscribers.Subscriber.objects.get().language == "de"
        with translation.override("fr"):
            subscribers.send_subscribe_mail.call("ada@example.org", "weekly", "fr")
        assert_german("subscribed")

    def test_for_their_data_is_answered_in_its_language(self, browser, bread):
        make_guest_comment(bread, email="debbie@example.org")
        browser.post("/comments/guests/", {"email": "debbie@example.org"})
        with translation.override("de"):
            guest_data.request_data_link("debbie@example.org", sender="192.0.2.1")
        assert_german("guest data")

    def test_to_sign_in_is_answered_in_their_own(self, kay, browser):
        browser.post("/language/", {"language": "fr"})
        browser.post("/accounts/login/code/", {"email": kay.email})
        assert_german("code")


def test_a_reply_by_email_is_answered_in_the_language_of_its_author(kay, bread):
    row = SimpleNamespace(member=kay, comment=None)
    reply = Reply.__new__(Reply)
    reply.row = row  # type: ignore[assignment] # what the note needs of it
    with translation.override("fr"), reply.in_the_authors_language():
        assert translation.get_language() == "de"


def test_guests_of_the_imported_blog_read_the_language_in_which_they_asked(kay, bread):
    """In whatever language they open the confirmation link."""
    theirs = make_guest_comment(bread, email="debbie@example.org")
    browser, elsewhere = Client(), Client()
    browser.post("/language/", {"language": "de"})
    browser.post("/notifications/guests/", {"email": "debbie@example.org"})
    link = re.search(r"http://testserver(/notifications/guests/\S+)", mail.outbox[0].body)[1]
    assert_german("asked")
    elsewhere.post(link)
    write(make_member("ute"), bread, SUPPE, parent=theirs)
    with translation.override("fr"), later(minutes=3):
        work()
    assert_german("reply to a guest")


# Where emails are created, and how each knows its recipient's language.
MADE_IN = {
    "accounts/allauth/adapter.py": "the member's, or that of the page",
    "accounts/services/mails.py": "the member's",
    "comments/forms/pending.py": "that of the page",
    "comments/services/guest_data.py": "that of the page",
    "core/utils/email.py": "makes all of them",
    "decisions/services/inviting.py": "that of whoever invites, then that in which the guest votes",
    "events/services/guests.py": "that of the page",
    "events/services/telling.py": "that in which the guest answered",
    "notifications/email/build.py": "composed by compose.py, subscribers.py, guests.py and inbound/services.py",
    "notifications/email/posts.py": "the subscriber's",
    "notifications/email/system.py": "the member's",
}


def test_no_other_place_makes_emails():
    """A new place must say here which language it uses, and be in a test above."""
    makers = {
        "build_email",
        "render_mail",
        "EmailMessage",
        "EmailMultiAlternatives",
        "send_mail",
        "mail_admins",
    }
    found = set()
    for path in settings.BASE_DIR.glob("*/**/*.py"):
        place = str(path.relative_to(settings.BASE_DIR))
        if place.startswith((".", "tests/", "core/tasks/mail.py", "var/")):
            continue
        calls = (
            node.func
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        )
        if any(getattr(call, "id", getattr(call, "attr", "")) in makers for call in calls):
            found.add(place)
    assert found == set(MADE_IN)
