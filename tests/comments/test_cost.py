"""The cost of a comment and of the first page after it: statements, statements under the lock, templates."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.models.querysets import NO_END
from accounts.signals import profile_changed
from comments.models import Comment
from comments.thread import fragments
from comments.views.thread import PostThreadView
from moderation.services.decisions import decide
from moderation.services.trust import trust_of
from posts.models import Post
from tests.factories import make_host, make_member, make_moderator, put_comment
from tests.query_plans import forget_statistics
from tests.serving import ROOT

pytestmark = pytest.mark.django_db
TRANSACTION = re.compile(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)\b")


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Return the queries without transaction control, and without those of the search index (tests/search)."""
    done = [query["sql"] for query in queries if not TRANSACTION.match(query["sql"])]
    return [sql for sql in done if not re.search(r'\b"?search_', sql)]


@pytest.fixture
def trusted(post):
    """A member whose comments are not checked."""
    ada = make_member("ada", date_joined=timezone.now() - timedelta(days=400))
    for _ in range(6):
        put_comment(post, author=ada)
    long_ago = timezone.now() - timedelta(days=300)
    Comment.objects.update(created_at=long_ago, published_at=long_ago)
    assert trust_of(ada).level >= 2
    return ada


def test_a_reply_takes_few_statements_and_fewer_while_the_post_is_locked(post, trusted, signed_in):
    parent = put_comment(post, author=make_member("bob"))
    browser = signed_in(trusted)
    url = reverse("comments:comment-create", args=[post.slug])
    browser.post(url, {"body": "The first fills what is kept.", "parent": parent.pk})
    with CaptureQueriesContext(connection) as queries:
        response = browser.post(url, {"body": "The second is counted.", "parent": parent.pk})
    assert response.status_code == 302
    done = statements(queries)
    locked_at = next(
        number
        for number, sql in enumerate(done)
        if 'FROM "posts_post"' in sql and f'WHERE "posts_post"."id" = {post.pk}' in sql
    )
    stored_at = max(number for number, sql in enumerate(done) if sql.startswith(("INSERT", "UPDATE")))
    assert len(done) <= 14, done
    assert stored_at - locked_at + 1 <= 8, done[locked_at : stored_at + 1]


def test_a_members_many_comments_make_nothing_longer(post, trusted, django_assert_num_queries):
    """One statement without an override; it reads an index of the author's comments only, in index order."""
    with django_assert_num_queries(1):
        trust_of(trusted)
    if connection.vendor == "sqlite":
        from moderation.services.trust import FACTS  # noqa: PLC0415

        values = {
            "member": 1,
            "without": 0,
            "never": "1970-01-01",
            "is_old": "2020-01-01",
            "lately": "2020-01-01",
            "enough": 30,
        }
        for statistics in ("without", "with"):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {FACTS}", values)
                plan = [row[3] for row in cursor.fetchall()]
                cursor.execute("ANALYZE")
            reads = [line for line in plan if "comments_comment" in line]
            assert reads, statistics
            assert [line for line in reads if "COVERING INDEX" not in line] == [], statistics
            assert "USE TEMP B-TREE FOR ORDER BY" not in plan, statistics
        forget_statistics()


# --- the first page after a comment ------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """Return the templates of comments that were rendered."""
    names: list[str] = []
    real = fragments.render_to_string

    def render(template, context):
        names.append(template)
        return real(template, context)

    monkeypatch.setattr(fragments, "render_to_string", render)
    return names


@pytest.fixture
def talk(post):
    """Six branches: a question and an answer each."""
    for _ in range(6):
        put_comment(parent=put_comment(post))
    return post


def test_after_a_comment_only_what_looks_different_is_drawn(talk, client, drawn):
    path = talk.get_absolute_url()
    client.get(path)
    assert sorted(set(drawn)) == ["comments/_comment.html", "comments/_replies.html"]
    assert drawn.count("comments/_comment.html") == 12
    drawn.clear()
    put_comment(parent=Comment.objects.filter(parent=None)[3], body="Fresh from the oven.")
    page = client.get(path).content.decode()
    assert "Fresh from the oven." in page
    assert sorted(drawn) == ["comments/_comment.html", "comments/_replies.html"]


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_after_a_comment_the_page_around_the_thread_is_joined_from_what_is_kept(
    talk, client, signed_in, monkeypatch, who
):
    made = []
    parts = ["make_around", "make_data_without_number", "make_discussion_frame", "make_form"]
    for part in parts:
        real = getattr(PostThreadView, part)

        def make(self, *given, part=part, real=real):
            made.append(part)
            return real(self, *given)

        monkeypatch.setattr(PostThreadView, part, make)
    reader, path = client if who == "visitor" else signed_in(make_member("reader")), talk.get_absolute_url()
    reader.get(path)
    assert sorted(made) == parts
    made.clear()
    put_comment(talk, body="Fresh from the oven.")
    page = reader.get(path).content.decode()
    assert made == []
    assert re.findall(r'<a href="#talk">\s*(.*?)</a>', page) == ["13 comments"]
    assert re.findall(r'"commentCount": ?(\d+)', page) == ["13"]
    assert ("Fresh from the oven." in page, 'name="body"' in page) == (True, True)
    Post.objects.filter(pk=talk.pk).update(updated_at=timezone.now(), title="Another title")
    assert "Another title" in reader.get(path).content.decode()
    assert sorted(made) == parts


@pytest.mark.parametrize("who", ["visitor", "moderator"])
def test_the_page_after_a_comment_takes_few_statements(
    talk, client, signed_in, django_assert_max_num_queries, who
):
    """The statements of the second request.

    The version, the post, the branches, their comments, authors, links and moderators, pinned comments, and
    two for replies to several comments; for signed-in members also the session, the user and their
    permissions.
    """
    reader = client if who == "visitor" else signed_in(make_moderator("moderator"))
    path = talk.get_absolute_url()
    reader.get(path)
    reader.get(path)
    put_comment(talk, body="Fresh from the oven.")
    with django_assert_max_num_queries(10 if who == "visitor" else 15):
        page = reader.get(path).content.decode()
    assert "Fresh from the oven." in page


def test_what_changes_on_the_profile_of_who_wrote_the_post_is_seen_at_once(talk, client):
    """The page around the comments is cached separately from their version."""
    host, path = talk.author, talk.get_absolute_url()
    client.get(path)
    host.display_name, host.tagline = "Dora of the Mill", "I bake."
    host.save()
    profile_changed.send(sender=User, member=host)
    page = client.get(path).content.decode()
    assert page.count("Dora of the Mill") >= 2
    assert "I bake." in page


def test_whatever_the_template_shows_of_a_comment_is_part_of_what_it_is_kept_by():
    template = (ROOT / "templates/comments/_comment.html").read_text(encoding="utf-8")
    derived = {
        "anchor": "pk",
        "get_absolute_url": "pk",
        "guest_link": "guest_url",
        "was_edited": "edited_at",
        "is_held": "status",
    }
    # These are part of the state of their own (fragments._article_state).
    by_themselves = {"author", "author_name", "is_by_host", "link_query", "why_held"}
    shown = set(re.findall(r"\bcomment\.([a-z_]+)", template.partition("#}")[2])) - by_themselves
    assert {derived.get(name, name) for name in shown} <= set(fragments.COLUMNS_OF_COMMENT)


@pytest.mark.parametrize("who", ["visitor", "member", "moderator", "host"])
def test_a_page_that_is_joined_looks_like_one_that_is_made_anew(talk, client, signed_in, who):
    reader = {
        "visitor": lambda: client,
        "member": lambda: signed_in(make_member("reader")),
        "moderator": lambda: signed_in(make_moderator("moderator")),
        "host": lambda: signed_in(make_host("owner")),
    }[who]()
    path = talk.get_absolute_url()
    reader.get(path)
    comments = list(Comment.objects.order_by("pk"))
    author = comments[0].author
    author.display_name = "Dora of the Mill"
    author.save()
    Comment.objects.filter(pk=comments[2].pk).update(edited_at=timezone.now())
    put_comment(parent=comments[1])
    put_comment(talk, status="held")
    put_comment(parent=comments[4], status="removed")

    def seen() -> str:
        page = reader.get(path).content.decode()
        return re.sub(r'(csrfmiddlewaretoken" value|seal" value|nonce)="[^"]*"', "", page)

    seen()  # records the visit
    for cache in ("pages", "parts"):
        caches[cache].clear()
    joined = seen()
    for cache in ("pages", "parts", "comments"):
        caches[cache].clear()
    assert joined == seen()


def test_moderators_share_a_page_where_something_is_held(
    talk, signed_in, drawn, django_assert_max_num_queries
):
    put_comment(talk, status="held", body="Look at me first.")
    one, other = signed_in(make_moderator("one")), signed_in(make_moderator("two"))
    path = talk.get_absolute_url()
    one.get(path)
    one.get(path)
    drawn.clear()
    with django_assert_max_num_queries(7):
        page = other.get(path).content.decode()
    assert ("Look at me first." in page, drawn) == (True, [])


def test_a_decision_is_seen_at_once_by_those_who_share(talk, signed_in, client):
    held = put_comment(talk, status="held", body="Look at me first.")
    moderator = make_moderator("moderator")
    browser = signed_in(moderator)
    path = talk.get_absolute_url()
    assert 'data-status="held"' in browser.get(path).content.decode()
    assert "Look at me first." not in client.get(path).content.decode()
    decide(held, "approve", by=moderator)
    assert 'data-status="held"' not in browser.get(path).content.decode()
    assert "Look at me first." in client.get(path).content.decode()


def test_a_new_role_or_name_is_seen_in_what_is_kept(talk, client):
    """Hosts have a badge on everyone's posts; a banned member who hides their profile loses the display name."""
    author = Comment.objects.earliest("pk").author
    author.display_name, author.silent_until = "Dora of the Mill", NO_END
    author.save()
    path = talk.get_absolute_url()
    page = client.get(path).content.decode()
    assert ("Dora of the Mill" in page, ">Host<" in page) == (True, False)
    author.is_staff = author.profile_hidden = True
    author.save()
    profile_changed.send(sender=User, member=author)
    page = client.get(path).content.decode()
    assert ("Dora of the Mill" in page, ">Host<" in page) == (False, True)
