"""What this app exports about a member (accounts/services/export.py)."""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.services.export import Part, Row
from memorials.models import Custodian, FamilyChoice, Memorial, MemorialPicture, Step


def _memorials(member: User) -> Iterator[Row]:
    found = Memorial.objects.filter(Q(host=member) | Q(keeper=member) | Q(member=member)).with_members()
    for memorial in found.order_by("pk"):
        yield {
            "title": memorial.post.title,
            "state": memorial.get_state_display(),
            "dates": memorial.dates,
            "opened_at": memorial.opened_at,
        }


def _steps(member: User) -> Iterator[Row]:
    for step in Step.objects.filter(by=member).select_related("memorial__post").order_by("pk"):
        yield {
            "title": step.memorial.post.title,
            "what": step.get_kind_display(),
            "words": step.words,
            "when": step.created_at,
        }


def _pictures(member: User) -> Iterator[Row]:
    for picture in MemorialPicture.objects.filter(added_by=member).select_related("memorial__post"):
        name = picture.file.name
        yield {"title": picture.memorial.post.title, "description": picture.alt, "pictures": [name]}


def _picture_files(member: User) -> Iterator[str]:
    yield from MemorialPicture.objects.filter(added_by=member).values_list("file", flat=True)


def _custodian(member: User) -> Iterator[Row]:
    for row in Custodian.objects.filter(member=member).select_related("custodian"):
        yield {"custodian": row.custodian.username, "since": row.created_at}


def _choices(member: User) -> Iterator[Row]:
    rows = FamilyChoice.objects.filter(comment__author=member).select_related("comment__post").order_by("pk")
    for row in rows.iterator(chunk_size=200):
        yield {
            "title": row.comment.post.title,
            "comment": row.comment_id,
            "the_family_may_have_it": row.is_allowed,
        }


PARTS = [
    Part(
        "memorials",
        _("Memorials you keep"),
        _memorials,
        {
            "title": _("Title"),
            "state": _("Status"),
            "dates": pgettext_lazy("of a life", "Dates"),
            "opened_at": _("When"),
        },
        frozenset({"memorials.Memorial.host", "memorials.Memorial.keeper", "memorials.Memorial.member"}),
    ),
    Part(
        "memorial_log",
        _("What you did for memorials"),
        _steps,
        {"title": _("Title"), "what": _("What"), "words": _("Comment"), "when": _("When")},
        frozenset({"memorials.Step.by"}),
    ),
    Part(
        "memorial_pictures",
        _("Pictures you added to memorials"),
        _pictures,
        {"title": _("Title"), "description": _("Alt text")},
        frozenset({"memorials.MemorialPicture.added_by"}),
        _picture_files,
    ),
    Part(
        "custodian",
        _("Who may speak for you"),
        _custodian,
        {"custodian": _("Username"), "since": _("When")},
        frozenset({"memorials.Custodian.member"}),
    ),
    Part(
        "memories",
        _("Memories, and whether the family may have them"),
        _choices,
        {
            "title": _("Title"),
            "comment": _("Comment"),
            "the_family_may_have_it": _("The family may have this memory"),
        },
        frozenset(),
    ),
]
