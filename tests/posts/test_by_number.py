"""People who count up numbers learn nothing from them: what they may not find is answered like an unused number.

Numbers of comments and posts are consecutive. So the whole answers are compared, and the number of queries.
"""

import json
import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Comment, ThreadVisit
from notifications.models import AdditionalParent, Notification, ThreadSubscription
from posts.models import Post
from tests.api.access import make_token
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

SITE = "http://testserver"
# ABSENT and OTHER are not used.
NUMBER, ABSENT, OTHER = 910_001, 910_999, 910_998
HTMX = {"HX-Request": "true"}
# A nonce, a token against forgery, the signed time of a form.
RANDOM = re.compile(
    r"""(?<=nonce-)[^']+|(?<=nonce=")[^"]+|(?<=name="csrfmiddlewaretoken" value=")[^"]+"""
    r"""|(?<="X-CSRFToken": ")[^"]+|(?<=name="seal" value=")[^"]+"""
)


class Door(NamedTuple):
    """A request with a number. data: sent by POST, or as JSON to the API."""

    path: str
    method: str = "get"
    data: dict[str, str] = {}
    headers: dict[str, str] = {}

    def answer(self, client: Client, number: int, token: str = "") -> tuple[int, dict[str, str], str, int]:
        """Return status, headers, body and the number of queries, without the number and what is random."""
        sent: dict[str, Any] = {"headers": dict(self.headers)}
        data = {name: value.replace("{n}", str(number)) for name, value in self.data.items()}
        if self.path.startswith("/api/"):
            sent["headers"] |= {"Authorization": f"Bearer {token}"} if token else {}
            sent |= {"data": json.dumps(data), "content_type": "application/json"} if data else {}
        elif self.method == "post":
            sent["data"] = data
        with CaptureQueriesContext(connection) as queries:
            response = getattr(client, self.method)(self.path.replace("{n}", str(number)), **sent)

        def usual(text: str) -> str:
            # Hashes, such as that of the reader, may contain the digits of a number.
            return RANDOM.sub("", re.sub(rf"(?<![0-9a-f]){number}(?![0-9a-f])", "{n}", text))

        headers = {name: usual(value) for name, value in response.headers.items()}
        for name in ("X-Request-ID", "ETag"):  # random; a hash of the body
            headers.pop(name, None)
        return response.status_code, headers, usual(response.content.decode()), len(queries)


OF_VISITORS = {
    "permalink": Door("/comments/{n}/"),
    "permalink, HEAD": Door("/comments/{n}/", "head"),
    "permalink with a wrong slug": Door("/comments/{n}/?post=open"),
    "reply": Door("/comments/{n}/reply/"),
    "reply form": Door("/comments/{n}/reply/", headers=HTMX),
    "history": Door("/comments/{n}/history/"),
    "more": Door("/comments/{n}/more/"),
    "more, in the page": Door("/comments/{n}/more/", headers=HTMX),
    "thanks": Door("/comments/{n}/thanks/", "post", {"thanks": "1"}),
    "?comment=": Door("/posts/open/?comment={n}"),
    "?branch=": Door("/posts/open/?branch={n}"),
    "oEmbed": Door(f"/oembed?url={SITE}/comments/{{n}}/"),
    "oEmbed of an anchor": Door(f"/oembed?url={SITE}/%23comment-{{n}}"),
    "oEmbed of an anchor on a page": Door(f"/oembed?url={SITE}/posts/open/%23comment-{{n}}"),
    "API": Door("/api/v1/comments/{n}"),
    "webmention": Door(
        "/webmention/", "post", {"source": "https://blog.example/", "target": f"{SITE}/comments/{{n}}/"}
    ),
}
OF_MEMBERS = OF_VISITORS | {
    "?reply=": Door("/posts/open/?reply={n}"),
    "edit": Door("/comments/{n}/edit/"),
    "edit, saved": Door("/comments/{n}/edit/", "post", {"body": "Taken over."}),
    "delete": Door("/comments/{n}/delete/"),
    "bookmark": Door("/comments/{n}/bookmark/", "post", {"bookmark": "1"}),
    "report": Door("/comments/{n}/report/"),
    "report, sent": Door("/comments/{n}/report/", "post", {"reason": "spam"}),
    "who will be notified": Door("/comments/{n}/told/", "post", {"body": "Hello."}),
    "who was notified": Door("/comments/{n}/receipt/"),
    "API, edit": Door("/api/v1/comments/{n}", "patch", {"body": "Taken over."}),
    "API, delete": Door("/api/v1/comments/{n}", "delete"),
    "API, report": Door("/api/v1/comments/{n}/reports", "post", {"reason": "spam"}),
}  # fmt: skip


@pytest.fixture
def open_post(host):
    post = make_post(host, slug="open")
    put_comment(post, body="In the open.")
    return post


@pytest.fixture
def reader():
    return make_member("stranger")


def numbered(post: Post, number: int = NUMBER, **fields: Any) -> Comment:
    """Put a comment with this number under the post."""
    comment = put_comment(post, body="Said in secret.", **fields)
    Comment.objects.filter(pk=comment.pk).update(id=number)
    return Comment.objects.select_related("post", "author").get(pk=number)


def hidden(open_post: Post) -> dict[str, int]:
    """Put comments that visitors may not find. Returns their numbers."""
    later = timezone.now() + timedelta(days=3)
    posts = {
        "unlisted": {"visibility": "unlisted"},
        "members": {"visibility": "members"},
        "draft": {"published_at": None},
        "scheduled": {"published_at": later},
    }
    numbers = {}
    for number, state in enumerate([*posts, "held", "removed", "spam", "deleted"], NUMBER):
        numbers[state] = number
        if state not in posts:
            numbered(open_post, number, status=state)
            continue
        post = make_post(open_post.author, slug=f"secret-{state}", title="Known to few")
        numbered(post, number)
        Post.objects.filter(pk=post.pk).update(**posts[state])
    return numbers


def told(client: Client, doors: dict[str, Door], numbers: dict[str, int], token: str = "") -> dict[Any, list]:
    """Return the parts of answers that differ from those for an unused number, by door and state."""
    found = {}
    with time_machine.travel(timezone.now(), tick=False):  # nothing that is kept for seconds is read again
        for name, door in doors.items():
            door.answer(client, OTHER, token)  # reads what is kept for all URLs
            absent = door.answer(client, ABSENT, token)
            for state, number in numbers.items():
                there = door.answer(client, number, token)
                if there != absent:
                    found[name, state] = [
                        [one, other] for one, other in zip(absent, there, strict=True) if one != other
                    ]
    return found


def test_visitors_learn_nothing_from_a_number(client, open_post):
    assert told(client, OF_VISITORS, hidden(open_post)) == {}


@pytest.mark.full
def test_members_learn_nothing_from_a_number(signed_in, reader, open_post):
    numbers = hidden(open_post)
    del numbers["members"]
    client = signed_in(reader)
    client.get("/posts/open/")  # the first visit marks what is new
    assert told(client, OF_MEMBERS, numbers, make_token(reader, "write")) == {}
    assert {*Comment.objects.filter(pk__gte=NUMBER).values_list("body", flat=True)} == {"Said in secret."}


def test_each_of_these_addresses_answers_for_a_comment_that_everyone_may_read(
    client, signed_in, reader, open_post
):
    """Otherwise the tests above would show nothing."""
    numbered(open_post)

    def answered(client: Client, doors: dict[str, Door], token: str = "") -> set[str]:
        return {name for name, _state in told(client, doors, {"public": NUMBER}, token)}

    assert answered(client, OF_VISITORS) == {*OF_VISITORS}
    member = signed_in(reader)
    member.get("/posts/open/")
    assert answered(member, OF_MEMBERS, make_token(reader, "write")) == {*OF_MEMBERS}


# --- people who know the post ----------------------------------------------------------


@pytest.fixture
def unlisted(open_post):
    post = make_post(open_post.author, slug="secret-place", title="Known to few")
    comment = numbered(post, author=make_member("writer"))
    comment.post.keep_own_address()
    Post.objects.filter(pk=comment.post_id).update(slug="new-place", visibility="unlisted")
    comment.post.refresh_from_db()
    return comment


def statuses(client: Client, query: str = "", token: str = "") -> list[int]:
    """Return what the addresses of a comment that are not only for its author answer."""
    doors = [
        Door(f"/comments/{{n}}/{query}"),
        Door(f"/comments/{{n}}/reply/{query}"),
        Door(f"/comments/{{n}}/history/{query}"),
        Door(f"/comments/{{n}}/more/{query}"),
        Door(f"/comments/{{n}}/thanks/{query}", "post", {"thanks": "1"}),
        Door(f"/oembed?url={SITE}/comments/{{n}}/{query}"),
        Door(f"/api/v1/comments/{{n}}{query}"),
    ]
    return [door.answer(client, NUMBER, token)[0] for door in doors]


FOUND, BY_NUMBER = [302, 302, 200, 200, 302, 200, 200], [302, 302, 200, 200, 302, 404, 200]


def test_links_with_the_slug_work_for_everyone_as_do_those_with_its_former_one(
    client, signed_in, reader, unlisted
):
    place = f"/posts/new-place/#comment-{NUMBER}"
    for slug in ("new-place", "secret-place"):
        assert (slug, statuses(client, f"?post={slug}")) == (slug, FOUND)
        assert client.get(f"/comments/{NUMBER}/?post={slug}")["Location"] == place
        assert statuses(signed_in(reader), f"?post={slug}", make_token(reader)) == FOUND
    assert client.get(f"/comments/{NUMBER}/reply/?post=new-place", headers=HTMX).status_code == 200
    assert client.get(f"/oembed?url={SITE}/posts/new-place/%23comment-{NUMBER}").status_code == 200
    assert statuses(client, "?post=none") == [404] * 7


def test_a_comment_for_members_leads_to_the_sign_in_by_its_link_alone(client, signed_in, reader, unlisted):
    Post.objects.filter(pk=unlisted.post_id).update(visibility="members")
    link = f"/comments/{NUMBER}/?post=new-place"
    assert client.get(link)["Location"] == f"/accounts/login/?next=/comments/{NUMBER}/%3Fpost%3Dnew-place"
    assert client.get(f"/oembed?url={SITE}{link}").status_code == 401
    assert (
        f'/accounts/login/?next=/comments/{NUMBER}/"' in client.get(f"/comments/{NUMBER}/").content.decode()
    )
    assert statuses(signed_in(reader), token=make_token(reader)) == BY_NUMBER


def let_in(how: str, comment: Comment) -> Any:
    """Create a member whom a row shows to know the post."""
    post, member = comment.post, make_member("known")
    match how:
        case "moderator":
            return make_moderator("carol")
        case "host":
            return make_host("another")
        case "author of the comment":
            return comment.author
        case "author of the post":
            Post.objects.filter(pk=post.pk).update(author=member)
        case "commenter":
            put_comment(post, member, status="removed")
        case "follower" | "muting":
            level = {"follower": "following", "muting": "muted"}[how]
            ThreadSubscription.objects.create(member=member, post=post, level=level)
        case "reader":
            now = timezone.now()
            ThreadVisit.objects.create(member=member, post=post, new_since=now, looked_at=now)
        case "mentioned" | "mentioned soon" | "mentioned, withdrawn":
            due_at = timezone.now() + timedelta(minutes=3 if how == "mentioned soon" else -3)
            state = "dropped" if how.endswith("withdrawn") else "no_mail"
            Notification.objects.create(
                member=member, comment=comment, kind="replies", way="here", state=state, due_at=due_at
            )
    return member


@pytest.mark.parametrize(
    "how",
    ["moderator", "host", "author of the comment", "author of the post", "commenter", "follower", "muting", "reader", "mentioned"],
)  # fmt: skip
def test_old_links_by_number_work_for_those_who_were_let_in(signed_in, unlisted, how):
    member = let_in(how, unlisted)
    found = [302, 302, 200, 200, 403, 404, 200] if how == "author of the comment" else BY_NUMBER
    assert statuses(signed_in(member), token=make_token(member)) == found


@pytest.mark.parametrize("how", ["mentioned soon", "mentioned, withdrawn"])
def test_a_notification_that_was_never_shown_lets_nobody_in(signed_in, unlisted, how):
    member = let_in(how, unlisted)
    assert statuses(signed_in(member), token=make_token(member)) == [404] * 7


def test_who_opens_the_page_may_use_the_numbers_on_it(client, signed_in, reader, unlisted):
    member = signed_in(reader)
    page = member.get("/posts/new-place/").content.decode()
    assert statuses(member, token=make_token(reader)) == BY_NUMBER
    # Every link of the page to the comment works for visitors, who have no row.
    links = {*re.findall(rf'"(/comments/{NUMBER}/[^"]*)"', page)}
    assert f"/comments/{NUMBER}/?post=new-place" in links
    assert {link for link in links if not link.endswith("?post=new-place")} == set()
    assert f"/comments/{NUMBER}/more/?post=new-place" in client.get("/posts/new-place/").content.decode()


def test_links_on_public_posts_are_by_number_alone(client, open_post):
    comment = numbered(open_post)
    assert comment.get_absolute_url() == f"/comments/{NUMBER}/"
    assert "?post=" not in client.get("/posts/open/").content.decode()


def test_a_page_that_was_kept_while_the_post_was_public_is_not_kept_with_its_links(client, open_post):
    numbered(open_post)
    assert f'href="/comments/{NUMBER}/"' in client.get("/posts/open/").content.decode()
    Post.objects.filter(pk=open_post.pk).update(visibility="unlisted", updated_at=timezone.now())
    assert f'href="/comments/{NUMBER}/?post=open"' in client.get("/posts/open/").content.decode()


def test_a_comment_that_was_moved_there_is_found_no_longer(client, unlisted):
    """Neither on the page of its former post."""
    assert client.get(f"/posts/open/?comment={NUMBER}").status_code == 200
    assert client.get(f"/comments/{NUMBER}/?post=open").status_code == 404


def test_the_number_of_a_post_suggests_no_names_of_those_who_wrote_there(signed_in, reader, unlisted):
    member = signed_in(reader)

    def suggested(query: str) -> str:
        return member.get(f"/members/names/?{query}").content.decode()

    absent = suggested(f"post={ABSENT}")
    assert "writer" not in absent
    assert suggested(f"post={unlisted.post_id}") == absent
    assert suggested(f"post={unlisted.post_id}&parent={NUMBER}") == absent
    assert "writer" in suggested(f"post={unlisted.post_id}&slug=new-place")


def test_a_reply_names_no_further_comment_that_was_moved_to_an_unlisted_post(client, open_post, unlisted):
    reply = put_comment(open_post, body="To several.")
    beside = put_comment(open_post, make_member("nearby"))
    for other in (beside, unlisted):
        AdditionalParent.objects.create(comment=reply, answered=other)
        AdditionalParent.objects.create(comment=other, answered=reply)

    def links(slug: str) -> set[str]:
        page = client.get(f"/posts/{slug}/").content.decode()
        marks = re.findall(r'<(?:li|p class="inreply")><a href="(/comments/[^"]*)"', page)
        return {*marks}

    assert links("open") == {f"/comments/{beside.pk}/", f"/comments/{reply.pk}/"}
    assert links("new-place") == {f"/comments/{reply.pk}/"}
