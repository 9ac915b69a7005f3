"""Information about a branch before it is moved."""

from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils.translation import ngettext

from accounts.models import User
from comments.models import Comment
from core.utils.punctuation import with_commas

PEOPLE_NAMED = 6


class BranchAuthor(NamedTuple):
    """An author in a branch, and their number of comments."""

    name: str
    comments: int


class Branch(NamedTuple):
    """A comment and everything below it.

    `hidden` of the `comments` are not public. Deleted ones are included there.
    """

    comments: int
    hidden: int
    people: int
    voices: list[BranchAuthor]

    @property
    def more_people(self) -> int:
        return self.people - len(self.voices)

    @property
    def names(self) -> str:
        """The authors with the most comments and their numbers, and how many other authors there are."""
        names = with_commas(f"{voice.name} ({voice.comments})" for voice in self.voices)
        if not self.more_people:
            return names
        return ngettext(
            "%(names)s and one other person", "%(names)s and %(count)d other people", self.more_people
        ) % {"names": names, "count": self.more_people}


def look_at(comment: Comment) -> Branch:
    """Count a branch and its most frequent authors, without deleted comments."""
    inside: QuerySet[Comment] = comment.get_descendants(include_self=True).order_by()
    counted = inside.aggregate(
        comments=Count("pk"), hidden=Count("pk", filter=~Q(status=Comment.Status.PUBLIC))
    )
    speakers = inside.exclude(status=Comment.Status.DELETED).values("author", "guest_name")
    most = list(
        speakers.annotate(number=Count("pk")).order_by("-number", "author", "guest_name")[:PEOPLE_NAMED]
    )
    members = User.objects.in_bulk([row["author"] for row in most if row["author"]])
    voices = [
        BranchAuthor(
            members[row["author"]].get_display_name() if row["author"] else row["guest_name"], row["number"]
        )
        for row in most
    ]
    return Branch(people=speakers.distinct().count(), voices=voices, **counted)
