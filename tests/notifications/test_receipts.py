"""A receipt remains correct for guests, who have no inbox, and after the records of emails are deleted."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.services.discussion import choose_rules
from notifications.email.delivery import delete_old_emails, gather
from notifications.models import GuestConsent, OutgoingEmail
from notifications.services.preferences import choose, set_thread_level
from notifications.services.preview import Line, read_draft
from notifications.services.recipients import Draft, recipients_of
from posts.models import Post
from tests.factories import make_member, put_comment
from tests.notifications.people import later, make_guest_comment, work, write

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture
def receipt(signed_in, member):
    """Return its lines as displayed, without the times."""

    def read(comment) -> list[str]:
        html = signed_in(member).get(f"/comments/{comment.pk}/receipt/").text
        lines = re.findall(r"<li data-state.*?</li>|<p>[^<]*notified so far.</p>", html, re.DOTALL)
        texts = [re.sub(r"<time.*?</time>|<[^>]+>", "", line) for line in lines]
        return [text.strip().removesuffix(",") for text in texts]

    return read


@pytest.mark.parametrize("withdraws", ["before it is written", "before it is sent"])
def test_a_guest_who_wants_no_more_emails_was_not_notified(post, member, receipt, withdraws):
    consent = GuestConsent.objects.create(email="kim@example.net")
    comment = write(member, post, "Hello.", make_guest_comment(post, "Kim", "kim@example.net"))
    with later(minutes=2):
        if withdraws == "before it is sent":
            gather()
        consent.delete()
        work()
        assert receipt(comment) == ["nora: notified (email)", "Kim: no email reached them"]


def test_says_the_same_of_what_did_not_arrive_once_the_records_are_deleted(post, member, receipt):
    GuestConsent.objects.create(email="kim@example.net")
    GuestConsent.objects.create(email="pat@example.net")
    parent = make_guest_comment(post, "Kim", "kim@example.net")
    also = [put_comment(post, author=make_member(name)) for name in ("bounced", "failed", "unsure")]
    also.append(make_guest_comment(post, "Pat", "pat@example.net"))
    for name in ("reached", "missed"):
        follower = make_member(name)
        set_thread_level(follower, post, "following")
        choose(follower, talks="at_once")
    comment = write(member, post, "Hello.", parent, also)
    with later(minutes=2):
        work()
        letters = OutgoingEmail.objects.all()
        letters.filter(member__username="bounced").update(came_back_at=timezone.now())
        letters.filter(guest_email="kim@example.net").update(came_back_at=timezone.now())
        letters.filter(member__username__in=["failed", "missed"]).update(state="failed")
        letters.filter(member__username="unsure").update(state="unsure")
        letters.filter(guest_email="pat@example.net").update(state="unsure")
        before = receipt(comment)
    with later(days=100):
        delete_old_emails()
        assert not OutgoingEmail.objects.exists()
        after = receipt(comment)
    inbox = "it’s in their inbox here"
    assert dict(zip(before, after, strict=True)) == {
        f"bounced: email bounced; {inbox}": "bounced: notified (inbox)",
        f"failed: the email couldn’t be sent; {inbox}": "failed: notified (inbox)",
        "unsure: emailed, but the mail server didn’t confirm it": "unsure: notified (inbox)",
        "nora: notified (email)": "nora: notified (email)",
        "Kim: email bounced": "Kim: no email reached them",
        "Pat: emailed, but the mail server didn’t confirm it": "Pat: notified (email)",
        "2 followers; 2 notified so far.": "2 followers; 2 notified so far.",
    }


@pytest.mark.parametrize("visibility", ["public", "members", "unlisted"])
@pytest.mark.parametrize("waits", [False, True])
def test_that_anyone_can_read_it_is_said_only_where_it_is_so(post, host, signed_in, visibility, waits):
    host.is_active = False
    host.save()  # so that there is no one to notify
    writer = make_member("writer")
    Post.objects.filter(pk=post.pk).update(visibility=visibility)
    choose_rules(post, policy="all" if waits else "open")
    said = []
    for page in (
        signed_in(writer).post(f"/posts/{post.slug}/told/", {"body": "Hello."}),
        signed_in(writer).get(f"/comments/{write(writer, post, 'Hello.').pk}/receipt/"),
    ):
        said.append([text.strip() for text in re.findall(r"No one w[^<]*", page.text)])
    anyone = " Anyone can read your comment here." if visibility == "public" and not waits else ""
    assert said == [
        [f"No one will be notified.{anyone}"],
        ["No one will be notified until a moderator approves it."]
        if waits
        else [f"No one was notified.{anyone}"],
    ]


def test_who_replies_to_what_they_wrote_as_a_guest_is_not_notified_of_it(post, member, other_member, receipt):
    GuestConsent.objects.create(email=member.email)
    GuestConsent.objects.create(email=other_member.email)
    as_guest = make_guest_comment(post, "Al", member.email.upper())
    line = Line.of(read_draft(post, member, parent=str(as_guest.pk)), counts_all=True)
    assert [(one.name, one.way) for one in line.recipients.named] == [("nora", "at_once")]
    comment = write(member, post, "Hello.", as_guest, [make_guest_comment(post, "Bo", other_member.email)])
    with later(minutes=2):
        work()
        assert receipt(comment) == ["nora: notified (email)", "Bo: notified (email)"]
        EmailAddress.objects.filter(user=member).update(verified=False)  # its owner is unknown
        line = Line.of(read_draft(post, member, parent=str(as_guest.pk)), counts_all=True)
        assert [one.name for one in line.recipients.named] == ["nora", "Al"]


def test_what_is_asked_does_not_grow_with_the_guests_who_are_replied_to(post, member):
    guests = [make_guest_comment(post, f"Guest {n}", f"guest{n}@example.net") for n in range(4)]

    def asked(*answered) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(recipients_of(Draft(post, member, also=answered)).named) == 1 + len(answered)
        return len(queries)

    assert (asked(guests[0]), asked(*guests)) == (2, 2)
    assert len(recipients_of(Draft(post, None, also=tuple(guests))).named) == 5  # of a visitor
