"""The comments of a page with their authors, by prepared queries that read each author once."""

from __future__ import annotations

from itertools import groupby

from accounts.models import ProfileLink, User
from comments.models import Comment
from comments.models.querysets import NOT_SHOWN_OF_AUTHOR, CommentQuerySet
from core.prepared import A_NUMBER, NUMBERS, Prepared, prefetched

# How many comments of a branch longer than a page are on the thread's page; the rest is on pages of its own.
CUT_BRANCH_AT = 30


def rows_of_whole(trees: list[int]) -> list[Comment]:
    """All comments of these branches, by branch."""
    if not trees:
        return []
    rows = _whole_branches.all(trees=trees)
    by_tree = {
        tree_id: list(comments) for tree_id, comments in groupby(rows, key=lambda comment: comment.tree_id)
    }
    return [comment for tree_id in trees for comment in by_tree.get(tree_id, [])]


def rows_of_cut(tree: int) -> list[Comment]:
    """The first comments of a branch, and one more than are shown if there are any."""
    return _cut_branch.all(tree=tree)


def with_authors(rows: list[Comment]) -> list[Comment]:
    """Set the authors, with their pictures and links. Two queries."""
    members = {comment.author_id for comment in rows} - {None}
    if members:
        authors = {member.pk: member for member in _authors.all(members=members)}
        links: dict[int, list[ProfileLink]] = {}
        for link in _links.all(members=members):
            links.setdefault(link.user_id, []).append(link)
        for member in authors.values():
            prefetched(member, "links", links.get(member.pk, []))
        field = Comment._meta.get_field("author")
        for comment in rows:
            if comment.author_id is not None:
                field.set_cached_value(comment, authors.get(comment.author_id))
    return rows


def without_source(comments: CommentQuerySet) -> CommentQuerySet:
    return comments.defer("body", "guest_email")


_whole_branches: Prepared[Comment] = Prepared(
    lambda trees: without_source(Comment.objects.filter(tree_id__in=trees)).in_reading_order(),
    trees=NUMBERS,
)
_cut_branch: Prepared[Comment] = Prepared(
    lambda tree: without_source(Comment.objects.filter(tree_id=tree)).order_by("lft")[: CUT_BRANCH_AT + 1],
    tree=A_NUMBER,
)
_authors: Prepared[User] = Prepared(
    lambda members: User.objects.filter(pk__in=members).defer(*NOT_SHOWN_OF_AUTHOR), members=NUMBERS
)
_links: Prepared[ProfileLink] = Prepared(
    lambda members: ProfileLink.objects.filter(user__in=members), members=NUMBERS
)
