"""The board: cards are comments on one post, shown as a wall; the host chooses one of the week."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Mute
from board.models import Board
from board.services import CARDS_ON_A_PAGE
from comments.models import Comment, DiscussionDefaults
from comments.services.discussion import choose_defaults, rules_of
from comments.services.highlights import choose
from comments.services.images import add_picture, picture_markdown
from comments.services.writing import publish_comment
from posts.models import Post
from tests.factories import make_comment, make_member, make_picture, put_comment, switch_on

pytestmark = pytest.mark.django_db

WALL = "/board/"
CARDS = "/board/~cards/"


@pytest.fixture(autouse=True)
def board(host) -> Post:
    switch_on("board")
    return Board.current().post


def cards(response) -> list[tuple]:
    return [
        (card.words, card.site, card.is_video, card.replies, bool(card.picture))
        for card in response.context["wall"].cards
    ]


def test_members_bring_along_pictures_videos_and_links(client, board, host, member):
    picture = add_picture(make_picture(size=(900, 600)), by=host, alt="A cat in a tuba")
    publish_comment(post=board, author=host, body=f"Rehearsal.\n\n{picture_markdown(picture)}")
    video = make_comment(board, author=member, body="This one: https://www.youtube.com/watch?v=dQw4w9WgXcQ")
    make_comment(board, author=member, body="[Otters](https://www.otters.example/pool), all day.")
    make_comment(board, author=member, body="Words alone.")
    make_comment(board, parent=video, body="Ha!")
    page = client.get(WALL)
    assert cards(page) == [
        ("Words alone.", "", False, 0, False),
        ("Otters, all day.", "otters.example", False, 0, False),
        ("This one: youtube.com/watch?v=dQw4w9WgXcQ", "youtube.com", True, 1, False),
        ("Rehearsal.", "", False, 0, True),
    ]
    assertContains(page, "picture: A cat in a tuba")
    # The wall itself contains no other links.
    assertNotContains(page, 'href="https://')


def test_a_card_has_its_own_thread(client, signed_in, board, member):
    card = make_comment(board, author=member, body="A cat in a tuba.")
    alice = signed_in(make_member("alice2"))
    alice.post(f"/posts/{board.slug}/comments/", {"body": "Ha!", "parent": card.pk})
    assert Comment.objects.get(body="Ha!").parent == card
    assert client.get(card.get_absolute_url()).url == f"{CARDS}#comment-{card.pk}"
    page = client.get(CARDS)
    assertContains(page, "A cat in a tuba.")
    assertContains(page, "Ha!")


def test_what_is_held_or_removed_is_on_no_wall(client, board):
    for status in ("held", "removed", "spam", "deleted"):
        put_comment(board, status=status)
    assert cards(client.get(WALL)) == []
    assertContains(client.get(WALL), "Nothing here yet.")


def test_muted_members_have_no_card(client, signed_in, board, member):
    make_comment(board, author=member)
    reader = make_member("bob")
    Mute.objects.create(member=reader, muted=member)
    assert (len(cards(client.get(WALL))), cards(signed_in(reader).get(WALL))) == (1, [])


def test_the_hosts_choice_is_shown_first_for_a_week(client, host, board):
    chosen = make_comment(board, body="Chosen.")
    make_comment(board, body="Newer.")
    choose(chosen, by=host)
    page = client.get(WALL)
    assert page.context["wall"].of_the_week.comment == chosen
    assertContains(page, "Highlight of the week")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assertNotContains(client.get(WALL), "Highlight of the week")


def test_older_cards_are_on_the_next_page(client, board):
    everything = [put_comment(board, body=f"Card {number}") for number in range(CARDS_ON_A_PAGE + 2)]
    first = client.get(WALL)
    assert [card.comment.pk for card in first.context["wall"].cards] == [one.pk for one in everything[:1:-1]]
    older = f"?before={first.context['wall'].older}"
    assertContains(first, older)
    second = client.get(WALL + older)
    assert [card.comment.pk for card in second.context["wall"].cards] == [everything[1].pk, everything[0].pk]
    assert second.context["wall"].older is None
    assertContains(client.get(f"{WALL}?before=1"), "Nothing older.")
    for odd in ("x", "-1", "0", "9" * 30, "٣"):
        assert client.get(WALL, {"before": odd}).status_code == 200


def test_the_wall_costs_the_same_queries_however_much_is_on_it(client, board):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(WALL)
        return len(queries)

    put_comment(board)
    client.get(WALL)
    few = cost()
    for _card in range(12):
        put_comment(board)
    assert cost() == few


def test_switched_off_its_cards_are_nowhere_and_on_again_they_are_back(client, board):
    card = make_comment(board, body="A cat in a tuba.")
    assertContains(client.get("/feed/comments/"), "A cat in a tuba.")
    switch_on()
    assert [client.get(path).status_code for path in (WALL, CARDS, card.get_absolute_url())] == [
        404,
        404,
        404,
    ]
    assertNotContains(client.get("/feed/comments/"), "A cat in a tuba.")
    assertNotContains(client.get("/search/?q=tuba"), "A cat")
    switch_on("board")
    assertContains(client.get(WALL), "A cat in a tuba.")
    assert Board.objects.count() == 1


def test_it_stays_open_whatever_is_so_for_posts(board):
    choose_defaults(DiscussionDefaults(close_after_days=3))
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        assert rules_of(board).is_open


def test_it_is_no_post_among_the_posts(client, board):
    for path in ("/", "/posts/", "/feed/"):
        assertNotContains(client.get(path), "~cards")
