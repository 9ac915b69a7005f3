"""Guests of an imported blog view, export and erase their data after confirming their email address."""

import json
import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import ERASED, Comment
from comments.services import deletion
from comments.services.guest_data import make_token
from comments.signals import guest_erased
from notifications.models import EmailSuppression, GuestConsent
from tests.factories import make_comment, make_member
from tests.notifications.people import later

pytestmark = pytest.mark.django_db

PAGE = "/comments/guests/"
ASKED = "If anything is stored here with that address"
ADDRESS = "ada@example.org"


def make_guest_comment(
    post, body: str, email: str = ADDRESS, name: str = "Ada Old", status: str = ""
) -> Comment:
    comment = make_comment(post, body=body, status=status)
    Comment.objects.filter(pk=comment.pk).update(
        author=None, guest_name=name, guest_email=email, guest_url="https://ada.example/"
    )
    comment.refresh_from_db()
    return comment


@pytest.fixture
def comments(post, other_member) -> list[Comment]:
    first = make_guest_comment(post, "I wrote about the harbour.")
    return [
        first,
        make_guest_comment(post, "And about the lighthouse.", status="held"),
        make_comment(post, parent=first, author=other_member, body="So did I."),
        make_guest_comment(post, "Somebody else did.", email="bob@example.org", name="Bob Old"),
    ]


def link_for(client, email: str) -> str:
    client.post(PAGE, {"email": email})
    return re.search(r"https?://[^/]+(/comments/guests/\S+)", mail.outbox[-1].body).group(1)


def stored(comment: Comment) -> tuple[str, str, str, str, str]:
    comment.refresh_from_db()
    return (comment.guest_name, comment.guest_email, comment.guest_url, comment.body, comment.status)


class TestAsking:
    def test_sends_a_link_to_who_wrote_with_the_address(self, client, comments):
        assertContains(client.post(PAGE, {"email": "Ada@Example.org"}), ASKED)
        (message,) = mail.outbox
        assert (message.to, message.subject) == ([ADDRESS], "Your data at The Long Table")

    def test_says_the_same_by_the_same_statements_when_nobody_wrote_with_it(self, client, comments, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
        said = []
        for email in (ADDRESS, "nobody@example.org"):
            with CaptureQueriesContext(connection) as queries:
                page = client.post(PAGE, {"email": email})
            said.append((page.status_code, page.content, len(queries)))
        assert said[0] == said[1]
        assertContains(page, ASKED)

    def test_nothing_is_sent_to_other_addresses(self, client, comments):
        client.post(PAGE, {"email": "nobody@example.org"})
        assert mail.outbox == []

    def test_a_wrong_address_is_refused_at_the_field_and_kept(self, client):
        page = client.post(PAGE, {"email": "ada at example"})
        assertContains(page, "Enter a valid email address.", status_code=422)
        assertContains(page, 'value="ada at example"', status_code=422)

    def test_is_limited_for_each_address(self, client, comments, settings):
        settings.RATE_LIMITS = True
        pages = [client.post(PAGE, {"email": ADDRESS}) for _ in range(3)]
        assert [page.status_code for page in pages] == [200, 200, 429]
        assert int(pages[2]["Retry-After"]) > 0


class TestThePage:
    def test_shows_everything_that_was_written_with_the_address_and_nothing_else(self, client, comments):
        page = client.get(link_for(client, ADDRESS))
        assertContains(page, "2 comments were written with ada@example.org.")
        assertContains(page, "I wrote about the harbour.")
        assertContains(page, "And about the lighthouse.")
        assertContains(page, "Awaiting review")
        assertNotContains(page, "Somebody else did.")
        assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"

    def test_downloads_it(self, client, comments, post):
        page = client.get(f"{link_for(client, ADDRESS)}download/")
        assert page["Content-Disposition"] == 'attachment; filename="data.json"'
        rows = json.loads(page.content)["comments"]
        assert [row["text"] for row in rows] == ["I wrote about the harbour.", "And about the lighthouse."]
        assert rows[0] == {
            "number": comments[0].pk,
            "post": post.title,
            "address": f"http://testserver/comments/{comments[0].pk}/",
            "name": "Ada Old",
            "email": ADDRESS,
            "link": "https://ada.example/",
            "text": "I wrote about the harbour.",
            "status": "public",
            "posted_at": rows[0]["posted_at"],
        }

    def test_what_a_member_has_claimed_is_theirs(self, client, comments):
        link = link_for(client, ADDRESS)
        Comment.objects.filter(guest_email=ADDRESS).update(author=make_member("ada"))
        assertContains(client.get(link), "Nothing is stored with ada@example.org.")

    def test_a_link_ends_and_says_so_and_a_forged_one_is_unknown(self, client, comments):
        link = link_for(client, ADDRESS)
        with later(hours=25):
            for address in (link, f"{link}download/"):
                assertContains(client.get(address), "This link has expired.", status_code=410)
            assert client.post(link, {"what": "all", "is_sure": "on"}).status_code == 410
        assert client.get(f"{link[:-2]}x/").status_code == 404
        assert Comment.objects.written_with(ADDRESS).count() == 2


class TestErasing:
    def test_takes_name_address_and_link_and_leaves_the_text(self, client, comments, post):
        GuestConsent.objects.create(email=ADDRESS)
        link = link_for(client, ADDRESS)
        page = client.post(link, {"what": "name", "is_sure": "on"})
        assertContains(page, "We’re erasing it now.")
        assert stored(comments[0]) == ("A guest", "", "", "I wrote about the harbour.", "public")
        assert stored(comments[1]) == ("A guest", "", "", "And about the lighthouse.", "held")
        assert stored(comments[3])[0:2] == ("Bob Old", "bob@example.org")
        assert not GuestConsent.objects.exists()
        assertNotContains(client.get(post.get_absolute_url()), "Ada Old")
        assertContains(client.get(link), "Nothing is stored with ada@example.org.")

    def test_takes_the_text_too_and_leaves_the_replies(self, client, comments, post):
        client.post(link_for(client, ADDRESS), {"what": "all", "is_sure": "on"})
        for comment in comments[:2]:
            name, email, url, body, status = stored(comment)
            assert (name, email, url, status) == ("A guest", "", "", "deleted")
            assert "wrote" not in body
        assert comments[0].html == ""
        page = client.get(post.get_absolute_url())
        assertNotContains(page, "harbour")
        assertContains(page, "Deleted by the author.")
        assertContains(page, "So did I.")
        assertNotContains(client.get("/search/?q=harbour"), f'href="/comments/{comments[0].pk}/"')

    def test_takes_the_text_of_what_was_deleted_before_too(self, client, comments):
        Comment.objects.filter(pk=comments[0].pk).update(status="deleted")
        client.post(f"{PAGE}{make_token(ADDRESS)}/", {"what": "all", "is_sure": "on"})
        assert stored(comments[0]) == ("A guest", "", "", ERASED, "deleted")

    def test_leaves_what_a_member_claims_in_the_meantime(self, client, comments, member, monkeypatch):
        """Claimed after the rows were selected, and before their post was locked."""
        lock = deletion.lock_row

        def claim_first(*args):
            Comment.objects.filter(pk=comments[0].pk).update(author=member)
            return lock(*args)

        monkeypatch.setattr(deletion, "lock_row", claim_first)
        heard = []
        guest_erased.connect(lambda comments, **_: heard.extend(comments), weak=False, dispatch_uid="heard")
        client.post(f"{PAGE}{make_token(ADDRESS)}/", {"what": "all", "is_sure": "on"})
        guest_erased.disconnect(dispatch_uid="heard")
        assert heard == [comments[1].pk]
        assert stored(comments[0])[:2] == ("Ada Old", ADDRESS)

    def test_keeps_that_an_address_must_not_be_written_to(self, client, comments):
        EmailSuppression.objects.create(email=ADDRESS, cause=EmailSuppression.Cause.COMPLAINT)
        client.post(f"{PAGE}{make_token(ADDRESS)}/", {"what": "name", "is_sure": "on"})
        assert EmailSuppression.objects.filter(email=ADDRESS).exists()

    def test_asks_what_and_whether_one_is_sure(self, client, comments):
        page = client.post(f"{PAGE}{make_token(ADDRESS)}/", {"what": "everything"})
        assertContains(page, "Choose what to erase.", status_code=422)
        assertContains(page, "Tick the box to confirm.", status_code=422)
        assert Comment.objects.written_with(ADDRESS).count() == 2

    def test_works_through_many_posts_and_more_than_a_batch(self, client, comments, host):
        for number in range(30):
            make_guest_comment(comments[0].post, f"Once more, {number}.")
        make_guest_comment(None, "Elsewhere.")
        client.post(f"{PAGE}{make_token(ADDRESS)}/", {"what": "all", "is_sure": "on"})
        assert Comment.objects.filter(guest_name="A guest", status="deleted").count() == 33
        assert not Comment.objects.written_with(ADDRESS).exists()
