"""The cards of the board, newest first."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from board.models import Board
from comments.models import Comment, CommentPicture
from comments.models.querysets import CommentQuerySet
from core.markup.comments import Picture
from core.markup.links import links_in
from core.markup.plain import excerpt
from core.markup.videos import video_at

CARDS_ON_A_PAGE = 24
WORDS = 160
# How long the host's choice stays at the top.
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Card:
    """One card. site: the host of its first link, without "www."; the card itself links to its thread."""

    comment: Comment
    picture: Picture | None
    site: str
    is_video: bool
    words: str
    replies: int


@dataclass(frozen=True)
class BoardPage:
    """of_the_week: the host's latest choice, at most A_WEEK old, on the first page only.

    older: the key for the next page.
    """

    cards: list[Card]
    of_the_week: Card | None
    older: int | None


def wall_for(board: Board, reader: User | AnonymousUser, before: int | None) -> BoardPage:
    """A page of cards before the given comment. At most five queries."""
    shown = _shown_to(reader, board, parent=None)
    page = shown.filter(pk__lt=before) if before else shown
    comments = list(page.order_by("-pk")[: CARDS_ON_A_PAGE + 1])
    chosen = None
    if before is None:
        # "Level 0" instead of "no parent": with that, all cards would be read, by the index of those.
        recent = _shown_to(reader, board, level=0).filter(chosen_at__gte=timezone.now() - A_WEEK)
        chosen = recent.order_by("-chosen_at").first()
    cards = _cards([*comments[:CARDS_ON_A_PAGE], *([chosen] if chosen else [])], board)
    of_the_week = cards.pop() if chosen else None
    return BoardPage(
        cards=cards,
        of_the_week=of_the_week,
        older=comments[CARDS_ON_A_PAGE - 1].pk if len(comments) > CARDS_ON_A_PAGE else None,
    )


def _shown_to(reader: User | AnonymousUser, board: Board, **is_card: int | None) -> CommentQuerySet:
    # "None of the other statuses" instead of "public": with that, all cards would be read by status and sorted.
    shown = Comment.objects.public_of_all().filter(post=board.pk, **is_card).select_related("author")
    return shown.exclude(author__in=reader.muted_ids) if isinstance(reader, User) else shown


def _cards(comments: list[Comment], board: Board) -> list[Card]:
    for comment in comments:
        comment.post = board.post  # for their links
    pictures: dict[int, CommentPicture] = {}
    for picture in CommentPicture.objects.filter(comment__in=comments).order_by("-pk"):
        pictures[picture.comment_id or 0] = picture  # keep the first one
    trees = {comment.tree_id for comment in comments}
    sizes = (
        Comment.objects.public_of_all().filter(tree_id__in=trees).values_list("tree_id").annotate(Count("pk"))
    )
    replies = {tree: count - 1 for tree, count in sizes.order_by()}
    return [_card(one, pictures.get(one.pk), replies.get(one.tree_id, 0)) for one in comments]


def _card(comment: Comment, picture: CommentPicture | None, replies: int) -> Card:
    address = next((link.url for link in links_in(comment.html)), "")
    return Card(
        comment,
        picture.shown() if picture else None,
        site=_site_of(address),
        is_video=bool(address) and video_at(address) is not None,
        words=excerpt(comment.html, WORDS),
        replies=replies,
    )


def _site_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
