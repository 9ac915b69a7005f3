"""The same ten adverts in the optional parts: polls and proposals, the board, birthdays, events."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from board.models import Board
from comments.models import Comment
from decisions.models import Decision, DecisionSettings
from events.models import Event
from moderation.services.decisions import decide
from posts.models import Post
from tests.decisions.factories import make_proposal
from tests.factories import make_member, switch_on
from tests.moderation.test_attack import ADVERTS, newcomer, signed_in
from tests.moderation.test_doors import HARMLESS, create

pytestmark = pytest.mark.django_db

PARTS = ("board", "birthdays", "decisions", "events")
KEY = "aBcDeFgH{:04d}"


@pytest.fixture(autouse=True)
def all_parts(host) -> None:
    switch_on(*PARTS)
    DecisionSettings(pk=1, members_ask=True).save()


def asked(**fields: object) -> dict[str, object]:
    return {"body": "", "closes_at": "", "key": KEY.format(Comment.objects.count())} | fields


def a_card(member: User, text: str, post: Post) -> None:
    board = Board.current()
    assert board is not None
    signed_in(member).post(create(board.post), {"body": text})


def a_wish(member: User, text: str, post: Post) -> None:
    signed_in(member).post("/birthdays/wish/", {"body": text, "member": "asta"})


def a_poll_about_it(member: User, text: str, post: Post) -> None:
    fields = asked(post=post.slug, title="What do you think?", body=text, options="Yes\nNo", method="single")
    signed_in(member).post("/decisions/new/poll/", fields)


def a_poll_whose_title_it_is(member: User, text: str, post: Post) -> None:
    fields = asked(post=post.slug, title=" ".join(text.split())[:200], options="Yes\nNo", method="single")
    signed_in(member).post("/decisions/new/poll/", fields)


def an_option(member: User, text: str, post: Post) -> None:
    option = " ".join(text.split())[:200]
    fields = asked(
        post=post.slug, title="What do you think?", options=f"{option}\nNothing of it", method="single"
    )
    signed_in(member).post("/decisions/new/poll/", fields)


def a_proposal_of_it(member: User, text: str, post: Post) -> None:
    fields = asked(post=post.slug, title="What do you think?", body=text, stage="decide")
    signed_in(member).post("/decisions/new/proposal/", fields)


def a_position(member: User, text: str, post: Post) -> None:
    decision = Decision.objects.filter(title="A shorter table").first() or make_proposal(post)
    signed_in(member).post(
        f"/decisions/{decision.key}/position/", {"stance": "agree", "body": text, "reason": text}
    )


def an_outcome(member: User, text: str, post: Post) -> None:
    client = signed_in(member)
    client.post(
        "/decisions/new/proposal/",
        asked(post=post.slug, title="Chairs", body="Twelve chairs, from the sale in the town hall.", stage="decide"),
    )  # fmt: skip
    decision = Decision.objects.latest("pk")
    client.post(f"/decisions/{decision.key}/close/", {"sure": "1"})
    client.post(f"/decisions/{decision.key}/outcome/", {"body": text, "text": text, "review_on": ""})


DOORS = [
    a_card,
    a_wish,
    a_poll_about_it,
    a_poll_whose_title_it_is,
    an_option,
    a_proposal_of_it,
    a_position,
    an_outcome,
]


def public() -> dict[str, list[str]]:
    """Return which adverts became public, and how their comments begin."""
    seen: dict[str, list[str]] = {}
    for comment in Comment.objects.public():
        for advert in ADVERTS:
            if advert.aim in comment.body.replace("\\", ""):
                seen.setdefault(advert.aim, []).append(comment.body)
    return seen


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_none_gets_through_a_form_of_an_optional_part(door: Callable[[User, str, Post], None], post):
    today = timezone.localdate()
    make_member("asta", birthday_day=today.day, birthday_month=today.month, birthday_seen_by="all")
    for number, advert in enumerate(ADVERTS):
        door(newcomer(f"{door.__name__[:20].replace('_', '')}{number}"), advert.text, post)
    assert public() == {}


def test_no_event_of_them_is_proposed(post):
    begin = timezone.localtime() + timedelta(days=9)
    for number, advert in enumerate(ADVERTS):
        fields = {
            "title": "A walk along the river", "text": advert.text, "place": "At the bridge", "zone": "Europe/Berlin",
            "starts": f"{begin:%Y-%m-%dT10:00}", "ends": f"{begin:%Y-%m-%dT12:00}", "repeat": "",
        }  # fmt: skip
        signed_in(newcomer(f"walker{number}")).post("/events/new/", fields)
    assert [event.text for event in Event.objects.all()] == []


CASINOS = {
    "title": "Which [casino] pays best?",
    "options": "Lucky Spin casino, 200% welcome bonus, lucky-spin777.bet\nAnother casino_with free spins",
    "method": "single",
}


@pytest.mark.parametrize("is_rewritten", [True, False])
def test_an_approved_comment_opens_its_poll_as_far_as_it_still_says_it(is_rewritten, post, moderator):
    """Held with adverts as options, then edited: approving the new text does not publish the old options."""
    client = signed_in(member := newcomer("nia"))
    client.post("/decisions/new/poll/", asked(post=post.slug, **CASINOS))
    comment = Comment.objects.get(author=member)
    key = comment.decision.key
    assert comment.is_held
    words = HARMLESS if is_rewritten else f"{comment.body}\n\nIt is about the film."
    client.post(f"/comments/{comment.pk}/edit/", {"body": words})
    decide(comment, "approve", by=moderator)
    pages = [Client().get(path).content for path in (f"/decisions/{key}/", "/decisions/")]
    assert [b"pays best" in page for page in pages] == [not is_rewritten] * 2
    assert Decision.objects.exists() is not is_rewritten
