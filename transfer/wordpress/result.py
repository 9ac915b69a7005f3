"""The plan and the result of importing one post of a WordPress blog, and their wording."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from comments.models import Comment
from transfer.imports.report import PLACES_NAMED, loss_in_words
from transfer.threads import PlannedPosition
from transfer.wordpress.survey import Survey, Thread


@dataclass
class Plan:
    """What is new under one post."""

    thread: Thread
    post_id: int
    is_new: bool
    seats: dict[int, PlannedPosition]
    # New replies to existing comments: their ids in the order in which they must be written.
    late: list[int]
    known: dict[int, int]
    read_late: dict[int, Comment] = field(default_factory=dict)

    @property
    def news(self) -> int:
        return len(self.seats) + len(self.late)


@dataclass
class Result:
    posts: int = 0
    pages: int = 0
    drafts: int = 0
    pictures: int = 0
    known_posts: int = 0
    comments: int = 0
    known_comments: int = 0
    held: int = 0
    guests: set[str] = field(default_factory=set)
    commenters: set[str] = field(default_factory=set)
    # The items with something new, so that losses of existing ones are not reported again.
    new_posts: set[int] = field(default_factory=set)
    new_comments: set[int] = field(default_factory=set)
    people: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The posts that are new or got comments, in file order.
    touched: list[int] = field(default_factory=list)
    # What was left out because the database rejected it.
    failures: list[str] = field(default_factory=list)

    def add(self, more: "Result") -> None:
        """Add the results of one post."""
        for name, value in vars(more).items():
            mine = getattr(self, name)
            if isinstance(value, set):
                mine |= value
            else:
                setattr(self, name, mine + value)


def named(thread: Thread, comment: int) -> str:
    """Name a post or comment by its id, or by its position if the id was assigned here."""
    place = {"number": thread.number, "line": thread.line}
    is_page = thread.kind == "page"
    if comment > 0:
        return _("comment %(number)s") % {"number": comment}
    if comment and thread.number > 0:
        return (
            _("a comment under page %(number)s") if is_page else _("a comment under post %(number)s")
        ) % place
    if comment:
        return (
            _("a comment under the page in line %(line)s")
            if is_page
            else _("a comment under the post in line %(line)s")
        ) % place
    if thread.number > 0:
        return (_("page %(number)s") if is_page else _("post %(number)s")) % place
    return (_("the page in line %(line)s") if is_page else _("the post in line %(line)s")) % place


def losses_in_words(found: Survey, result: Result) -> list[str]:
    """One line for each kind of loss in new things, with the first places."""
    lines = []
    for loss, places in sorted(found.losses.items()):
        left_out = loss == _("an empty comment is left out")
        new = [
            named(found.threads[item], comment)
            for item, comment in places
            if item in found.threads
            and (comment in result.new_comments or (item in result.new_posts and (not comment or left_out)))
        ]
        if new:
            lines.append(loss_in_words(loss, new[:PLACES_NAMED], len(new)))
    return lines
