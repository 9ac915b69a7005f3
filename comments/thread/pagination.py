"""Keyset pagination of a thread.

Without OFFSET or counting, so that every page costs what the first one costs
(docs/decisions/0004-keyset-pagination-by-branches.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from accounts.models import User
from comments.models import Comment
from comments.thread.rows import CUT_BRANCH_AT, rows_of_cut, rows_of_whole, with_authors, without_source
from core.prepared import A_NUMBER, Prepared
from posts.models import Post

# How many ancestors are quoted above a branch on a page of its own.
ANCESTORS_QUOTED = 3
# So many branches are divided into numbered pages; later ones are reached page by page.
BRANCHES_NUMBERED = 1_000
# The largest possible key, for row ids and tree numbers.
LARGEST_KEY = 2**63 - 1


class Order(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"
    THANKED = "thanked"

    @property
    def columns(self) -> list[str]:
        """The columns to order the top-level comments by. Each order has an index."""
        return {"oldest": ["tree_id"], "newest": ["-tree_id"], "thanked": ["-thanks_count", "tree_id"]}[self]


def read_order(value: str, default: Order = Order.OLDEST) -> Order:
    return Order(value) if value in set(Order) else default


def read_number(value: str) -> int:
    """Parse a number from a URL; 0 for anything else."""
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0
    return number if number <= LARGEST_KEY else 0


def read_numbers(values: list[str]) -> list[int]:
    """Parse ids of comments: "1,2,3" in a link, or repeated fields of a form. Anything else is ignored."""
    numbers = (read_number(part.strip()) for value in values for part in value[:2000].split(","))
    return list(dict.fromkeys(filter(None, numbers)))


class Key(NamedTuple):
    """The position of a branch in an order. `thanks` matters only in the order by thanks."""

    thanks: int
    tree_id: int


@dataclass(frozen=True)
class ThreadPosition:
    """A position in a thread: `?sort=`, and `?page=` or `?before=` (a branch), or `?branch=` (a comment)."""

    order: Order = Order.OLDEST
    key: Key | None = None
    is_before: bool = False
    branch: int = 0
    left: int = 0

    @classmethod
    def from_query(cls, query: QueryDict, default: Order = Order.OLDEST) -> Self:
        """Parse the query string. Invalid values are ignored, which gives the first page."""
        order = read_order(query.get("sort", ""), default)
        if branch := read_number(query.get("branch", "")):
            return cls(order=order, branch=branch, left=read_number(query.get("page", "")))
        before = query.get("before", "")
        key = cls._read_key(order, before or query.get("page", ""))
        return cls(order=order, key=key, is_before=bool(before and key))

    @staticmethod
    def _read_key(order: Order, value: str) -> Key | None:
        thanks, _dash, tree = value.partition("-") if order is Order.THANKED else ("0", "", value)
        return Key(read_number(thanks), read_number(tree)) if read_number(tree) else None

    @property
    def page(self) -> str:
        """The value of `page` or `before`."""
        if self.branch:
            return str(self.left) if self.left else ""
        if self.key is None:
            return ""
        return (
            f"{self.key.thanks}-{self.key.tree_id}" if self.order is Order.THANKED else str(self.key.tree_id)
        )

    def query(self, default: Order = Order.OLDEST, **changes: Any) -> str:
        """The query string of this position, without default values.

        default: the reader's default order.
        """
        values = {
            "sort": self.order.value if self.order is not default else "",
            "branch": self.branch or "",
            "before" if self.is_before else "page": self.page,
        } | changes
        query = QueryDict(mutable=True)
        for name, value in values.items():
            if value:
                query[name] = str(value)
        return f"?{query.urlencode()}" if query else ""


class Branch(NamedTuple):
    """The columns of a top-level comment that are needed to choose a page."""

    pk: int
    tree_id: int
    size: int
    thanks: int

    @property
    def key(self) -> Key:
        return Key(self.thanks, self.tree_id)

    @property
    def is_cut(self) -> bool:
        return self.size > max(settings.COMMENTS_PER_PAGE, CUT_BRANCH_AT)

    @property
    def shown(self) -> int:
        return CUT_BRANCH_AT if self.is_cut else self.size


@dataclass(frozen=True)
class Window:
    """The rows of a page in reading order, and the positions of its neighbours."""

    position: ThreadPosition
    rows: list[Comment]
    previous: ThreadPosition | None = None
    next: ThreadPosition | None = None
    # Where a branch continues on another page, and about how many comments are left in it.
    rest: ThreadPosition | None = None
    rest_size: int = 0
    # For a branch on a page of its own: the comment it begins with, and its ancestors, outermost first.
    top: Comment | None = None
    ancestors: list[Comment] = field(default_factory=list)
    # Parents of comments on the page that are not on it themselves.
    answered: dict[int, Comment] = field(default_factory=dict)


def read_window(post: Post, position: ThreadPosition, reader: User | AnonymousUser) -> Window:
    """The part of the thread at `position`: whole branches, together about COMMENTS_PER_PAGE comments.

    At most six queries: one for the branches, two for their comments, two for the authors and their links,
    and one for the previous page.
    """
    if position.branch:
        top = _top_of_branch(post, position, reader)
        if top is not None:
            return _read_branch(post, position, top)
        position = ThreadPosition(order=position.order)
    if position.is_before:
        branches, farther = _choose(
            _branches(post, position, reader, limit=_most() + 1, is_backwards=True), is_backwards=True
        )
        branches.reverse()
        has_earlier = farther is not None
        following: ThreadPosition | None = replace(position, is_before=False)
    else:
        branches, farther = _choose(_branches(post, position, reader, limit=_most() + 1))
        has_earlier = position.key is not None and bool(
            _branches(post, position, reader, limit=1, is_backwards=True)
        )
        following = ThreadPosition(order=position.order, key=farther.key) if farther else None
    rows = rows_of_whole([branch.tree_id for branch in branches if not branch.is_cut])
    last = branches[-1] if branches else None
    rest = None
    if last is not None and last.is_cut:
        kept = rows_of_cut(last.tree_id)
        if len(kept) > CUT_BRANCH_AT:
            rest = ThreadPosition(order=position.order, branch=last.pk, left=kept.pop().lft)
        rows += kept
    return Window(
        position=position,
        rows=with_authors(rows),
        previous=ThreadPosition(order=position.order, key=branches[0].key, is_before=True)
        if has_earlier and branches
        else None,
        next=following,
        rest=rest,
        rest_size=last.size - CUT_BRANCH_AT if rest and last else 0,
    )


class Page(NamedTuple):
    """A page of a thread, with the trees on it."""

    position: ThreadPosition
    trees: frozenset[int]


def find_pages(post: Post, order: Order, reader: User | AnonymousUser) -> list[Page]:
    """All pages from the first, as `read_window` divides them. One query."""
    branches = _branches(post, ThreadPosition(order=order), reader, limit=BRANCHES_NUMBERED)
    pages: list[Page] = []
    while branches:
        chosen, _farther = _choose(branches)
        key = chosen[0].key if pages else None
        trees = frozenset(branch.tree_id for branch in chosen)
        pages.append(Page(ThreadPosition(order=order, key=key), trees))
        branches = branches[len(chosen) :]
    return pages


def _branches(
    post: Post,
    position: ThreadPosition,
    reader: User | AnonymousUser,
    *,
    limit: int,
    is_backwards: bool = False,
) -> list[Branch]:
    """The first top-level comments from the key on, or those before it, nearest first."""
    if position.key is None and not is_backwards:
        kind = "visitor" if not isinstance(reader, User) else "moderator" if reader.is_moderator else "member"
        first = _first_branches(position.order, kind, limit)
        return [Branch(*row) for row in first.rows(post=post.pk, reader=reader.pk)]
    columns = (
        [_turned(column) for column in position.order.columns] if is_backwards else position.order.columns
    )
    branches = _branches_of(post.pk, reader, columns)
    if position.key is None:
        return [Branch(*row) for row in branches[:limit]]
    thanks, tree = position.key
    edge = ("gt" if columns[-1] == "tree_id" else "lt") + ("" if is_backwards else "e")
    same = {f"tree_id__{edge}": tree}
    if position.order is not Order.THANKED:
        return [Branch(*row) for row in branches.filter(**same)[:limit]]
    # Two queries, each along the index. With an OR in one, a database would read all branches with as many
    # thanks.
    found = [Branch(*row) for row in branches.filter(thanks_count=thanks, **same)[:limit]]
    if len(found) < limit:
        farther = {f"thanks_count__{'gt' if is_backwards else 'lt'}": thanks}
        found += [Branch(*row) for row in branches.filter(**farther)[: limit - len(found)]]
    return found


def _branches_of(
    post: int, reader: User | AnonymousUser, columns: list[str]
) -> QuerySet[Comment, tuple[int, int, int, int]]:
    rows = Comment.objects.filter(post=post).branches_shown_to(reader).order_by(*columns)
    return rows.values_list("pk", "tree_id", "branch_size", "thanks_count")


@cache
def _first_branches(order: Order, kind: str, limit: int) -> Prepared[Comment]:
    """The first branches as seen by visitors, members or moderators, needed for the URL of a new comment."""

    def make(post: int, reader: int) -> QuerySet[Comment, Any]:
        user: User | AnonymousUser = AnonymousUser()
        if kind != "visitor":
            user = User(pk=reader)
            user.is_moderator = kind == "moderator"
        return _branches_of(post, user, order.columns)[:limit]

    return Prepared(make, post=A_NUMBER, reader=A_NUMBER)


def _turned(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _most() -> int:
    """How many comments a page may have if its last branch is whole: a fifth more than it should."""
    return settings.COMMENTS_PER_PAGE + settings.COMMENTS_PER_PAGE // 5


def _choose(branches: list[Branch], *, is_backwards: bool = False) -> tuple[list[Branch], Branch | None]:
    """Whole branches until the page is full, and the first one that did not fit.

    A branch that is cut is the last one, so there is at most one.
    """
    chosen: list[Branch] = []
    count = 0
    for branch in branches:
        is_after_cut = bool(chosen) and (branch if is_backwards else chosen[-1]).is_cut
        if chosen and (is_after_cut or count >= settings.COMMENTS_PER_PAGE or count + branch.shown > _most()):
            return chosen, branch
        chosen.append(branch)
        count += branch.shown
    return chosen, None


def _top_of_branch(post: Post, position: ThreadPosition, reader: User | AnonymousUser) -> Comment | None:
    """The first comment of a branch on a page of its own, with its ancestors, in one query.

    None if nothing of the branch is shown to the reader, as for a number that is not used.
    """
    above = ["parent" + "__parent" * level for level in range(ANCESTORS_QUOTED)]
    inside = Comment.objects.visible_to(reader).filter(
        tree_id=OuterRef("tree_id"), lft__gte=OuterRef("lft"), lft__lt=OuterRef("rght")
    )
    some = Comment.objects.for_post(post).filter(Exists(inside), pk=position.branch)
    return some.select_related("author", *above, *(f"{name}__author" for name in above)).first()


def _read_branch(post: Post, position: ThreadPosition, top: Comment) -> Window:
    left = position.left if top.lft < position.left <= top.rght else 0
    position = replace(position, left=left)
    inside = Comment.objects.filter(tree_id=top.tree_id, lft__lte=top.rght)
    onward = without_source(inside.filter(lft__gte=left or top.lft)).order_by("lft")
    rows = with_authors(list(onward[: settings.COMMENTS_PER_PAGE + 1]))
    following = rows.pop() if len(rows) > settings.COMMENTS_PER_PAGE else None
    previous = None
    if left:
        earlier = inside.filter(lft__gte=top.lft, lft__lt=left).order_by("-lft").values_list("lft", flat=True)
        lefts = list(earlier[: settings.COMMENTS_PER_PAGE])
        previous = replace(position, left=lefts[-1] if lefts[-1] > top.lft else 0)
    here = {comment.pk for comment in rows}
    missing = {
        comment.parent_id
        for comment in rows
        if comment.parent_id and comment.parent_id not in here and comment.pk != top.pk
    }
    answered = Comment.objects.select_related("author").in_bulk(missing) if missing else {}
    ancestors: list[Comment] = []
    above = top.parent
    while above is not None and len(ancestors) < ANCESTORS_QUOTED:
        ancestors.insert(0, above)
        above = above.parent if len(ancestors) < ANCESTORS_QUOTED else None
    return Window(
        position=position,
        rows=rows,
        previous=previous,
        next=replace(position, left=following.lft) if following else None,
        top=top,
        ancestors=ancestors,
        answered=answered | {comment.pk: comment for comment in ancestors},
    )


def find_position(
    comment: Comment, order: Order = Order.OLDEST, reader: User | AnonymousUser | None = None
) -> ThreadPosition:
    """The position of the comment. Reads at most one page of branches and one cut branch."""
    reader = reader or AnonymousUser()
    first_page, _farther = _choose(
        _branches(comment.post, ThreadPosition(order=order), reader, limit=_most() + 1)
    )
    branch = next((branch for branch in first_page if branch.tree_id == comment.tree_id), None)
    is_first = branch is not None
    if branch is None:
        columns = ("pk", "tree_id", "branch_size", "thanks_count")
        roots = Comment.objects.filter(tree_id=comment.tree_id, parent=None)
        branch = Branch(*roots.values_list(*columns).get())
    if branch.is_cut and comment.level and _is_behind_cut.rows(tree=comment.tree_id, left=comment.lft):
        return ThreadPosition(order=order, branch=comment.pk)
    return ThreadPosition(order=order) if is_first else ThreadPosition(order=order, key=branch.key)


_is_behind_cut: Prepared[Comment] = Prepared(
    lambda tree, left: (
        Comment.objects.filter(tree_id=tree, lft__lt=left)
        .order_by("lft")
        .values_list("pk", "lft")[CUT_BRANCH_AT - 1 : CUT_BRANCH_AT]
    ),
    tree=A_NUMBER,
    left=A_NUMBER,
)


def url_of(comment: Comment, order: Order = Order.OLDEST, reader: User | AnonymousUser | None = None) -> str:
    """The URL of the comment: its post, the page of the thread, the anchor.

    order: the reader's default.
    """
    return f"{comment.post.get_absolute_url()}{find_position(comment, order, reader).query(order)}#{comment.anchor}"
