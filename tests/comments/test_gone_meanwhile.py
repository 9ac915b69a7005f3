"""A post that is deleted during a request: the response says so, returns the typed text, and stores nothing."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import Atomic
from django.utils import timezone
from django.utils.html import strip_tags

from comments.models import Comment
from core.utils.gone import is_row_gone
from moderation.models import Decision
from posts.models import Post
from posts.services.trash import purge_post, trash_post
from tests.api.access import program_of
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment

# Foreign keys are checked at the end of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before_writing(monkeypatch) -> Callable[[Callable[[], object]], None]:
    """Run something once, when the next transaction begins, so that what the request has read is stale.

    Except short transactions in which PostgreSQL records something first, such as the use of a token.
    """
    monkeypatch.setattr("core.utils.writer_slots._waiting_for_rows", lambda _connection: nullcontext())
    waiting: list[Callable[[], object]] = []
    enter = Atomic.__enter__

    def begin(self: Atomic) -> None:
        if waiting:
            waiting.pop()()
        enter(self)

    monkeypatch.setattr(Atomic, "__enter__", begin)
    return waiting.append


def purge(post: Post) -> None:
    trash_post(post, by=post.author)
    assert purge_post(post)


@pytest.fixture
def of_ada(before_writing, signed_in) -> Callable[[str, dict[str, str] | None], tuple]:
    """Return the response to Ada's request for this URL, or to her form, while the post is deleted."""
    host, ada, bob = make_host("host"), make_member("ada"), make_member("bob")
    browser = signed_in(ada)

    def answer(path: str, form: dict[str, str] | None) -> tuple:
        post = make_post(author=host)
        asked, own = put_comment(post, author=bob), put_comment(post, author=ada)
        names = {"POST": post.slug, "ASKED": str(asked.pk), "OWN": str(own.pk)}

        def filled(text: str) -> str:
            for name, value in names.items():
                text = text.replace(name, value)
            return text

        before_writing(lambda: purge(post))
        if form is None:
            page = browser.get(filled(path))
        else:
            page = browser.post(filled(path), {name: filled(value) for name, value in form.items()})
        html = page.content.decode()
        return page.status_code, "<h1>This was deleted</h1>" in html, "Warm bread." in html

    return answer


def test_the_author_learns_that_it_was_deleted_and_gets_their_text_back(of_ada):
    body = "Warm bread."
    forms = {
        "a comment": ("/posts/POST/comments/", {"body": body}),
        "a reply": ("/posts/POST/comments/", {"body": body, "parent": "ASKED"}),
        "a reply that calls somebody": ("/posts/POST/comments/", {"body": f"@bob {body}", "parent": "ASKED"}),
        "more of one": ("/posts/POST/comments/", {"body": body, "add_to": "OWN"}),
        "an edit": ("/comments/OWN/edit/", {"body": body}),
        "a report": ("/comments/ASKED/report/", {"reason": "spam", "note": body}),
    }
    assert {name: of_ada(*form) for name, form in forms.items()} == dict.fromkeys(forms, (410, True, True))
    assert not Comment.objects.exists()


def test_buttons_get_the_same_response(of_ada):
    buttons = {
        "thanks": ("/comments/ASKED/thanks/", {"thanks": "1"}),
        "no thanks": ("/comments/ASKED/thanks/", {"thanks": "0"}),
        "a bookmark": ("/comments/ASKED/bookmark/", {"bookmark": "1"}),
        "a bookmark of the post": ("/posts/POST/bookmark/", {"bookmark": "1"}),
        "thanks for the post": ("/posts/POST/thanks/", {"thanks": "1"}),
        "following": ("/posts/POST/follow/", {"level": "following"}),
        "deleting": ("/comments/OWN/delete/", {}),
        "the page itself, whose visit is noted": ("/posts/POST/", None),
    }
    assert {name: of_ada(*form) for name, form in buttons.items()} == dict.fromkeys(
        buttons, (410, True, False)
    )


def test_it_says_what_to_do_now(signed_in, before_writing):
    browser, post = signed_in(make_member("ada")), make_post()
    before_writing(lambda: purge(post))
    page = browser.post(f"/posts/{post.slug}/comments/", {"body": "Warm bread."})
    main = page.content.decode().split("</h1>")[1].split("<label")[0]
    assert " ".join(strip_tags(main).split()) == (
        "It was deleted in the meantime, so nothing was saved. "
        "Copy your text before you leave this page. Go to all posts or members."
    )


def test_a_visitors_text_comes_back_too(client, before_writing):
    post = make_post()
    before_writing(lambda: purge(post))
    sent = {"body": "Warm bread.", "name": "Vera", "email": "vera@example.org"}
    page = client.post(f"/posts/{post.slug}/comments/", sent)
    assert (page.status_code, "Warm bread." in page.content.decode()) == (410, True)


def test_api_clients_get_a_problem_document(before_writing):
    post = make_post()
    program = program_of(make_member("ada"), "write")
    before_writing(lambda: purge(post))
    answer = program.post(f"posts/{post.slug}/comments", {"body": "Warm bread."})
    assert (answer.status_code, answer.json()) == (
        410,
        {
            "type": "about:blank",
            "title": "Gone",
            "status": 410,
            "detail": "It was deleted in the meantime.",
            "code": "gone",
        },
    )


def test_a_moderator_decides_about_the_others(before_writing, signed_in):
    lost, kept = put_comment(make_post()), put_comment(make_post())
    browser = signed_in(make_moderator("moderator"))
    before_writing(lambda: purge(lost.post))
    form = {"comments": [lost.pk, kept.pk], "action": "remove"}
    page = browser.post("/moderation/decide/", form, follow=True)
    assert "One comment was left unchanged" in page.content.decode()
    assert list(Decision.objects.values_list("comment", "action")) == [(kept.pk, "remove")]


def test_a_moderator_undoes_the_others(before_writing, signed_in):
    moderator = make_moderator("moderator")
    lost, kept = put_comment(make_post()), put_comment(make_post())
    browser = signed_in(moderator)
    browser.post("/moderation/decide/", {"comments": [lost.pk, kept.pk], "action": "remove"})
    decisions = [str(pk) for pk in Decision.objects.values_list("pk", flat=True)]
    before_writing(lambda: purge(lost.post))
    assert browser.post("/moderation/undo/", {"decisions": decisions}).status_code == 302
    kept.refresh_from_db()
    assert kept.status == Comment.Status.PUBLIC


def test_what_else_a_database_refuses_is_no_deletion():
    with pytest.raises(IntegrityError) as refused:
        Post.objects.create(slug=make_post().slug, title="Twice", published_at=timezone.now())
    assert not is_row_gone(refused.value)


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite nobody writes beside somebody who deletes"
)
def test_a_row_that_cannot_be_deleted_is_there():
    post = put_comment(make_post()).post
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Post.objects.filter(pk=post.pk)._raw_delete("default")
    assert not is_row_gone(refused.value)
