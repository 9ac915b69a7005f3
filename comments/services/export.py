"""What this app stores about a member, for the data export (accounts/services/export.py)."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.services.export import Part, Row
from comments.models import (
    Bookmark,
    Comment,
    CommentClaim,
    CommentMention,
    CommentPicture,
    PostThanks,
    Thanks,
    ThreadVisit,
)
from core.utils.urls import absolute_url


def _comments(member: User) -> Iterator[Row]:
    """Their comments in all states, with earlier versions, as typed."""
    written = Comment.objects.by(member).select_related("post").prefetch_related("revisions", "pictures")
    for comment in written.order_by("created_at", "pk").iterator(chunk_size=100):
        yield {
            "number": comment.pk,
            "under": comment.post.title,
            "address": absolute_url(comment.get_absolute_url()),
            "answers": comment.parent_id,
            "words": comment.body,
            "state": comment.get_status_display(),
            "why_it_waited": comment.why_held,
            "written_at": comment.created_at,
            "public_since": comment.published_at,
            "changed_at": comment.edited_at,
            "thanks": comment.thanks_count,
            "as_guest": {
                "name": comment.guest_name,
                "address": comment.guest_email,
                "link": comment.guest_url,
            },
            "earlier_words": [
                {"until": revision.created_at, "words": revision.body} for revision in comment.revisions.all()
            ],
            "pictures": [picture.file.name for picture in comment.pictures.all()],
        }


def _pictures(member: User) -> Iterator[Row]:
    for picture in _own_pictures(member):
        yield {
            "number": picture.pk,
            "shows": picture.alt,
            "in_comment": picture.comment_id,
            "uploaded_at": picture.created_at,
            "file": picture.file.name,
            "pictures": [] if picture.comment_id else [picture.file.name],
        }


def _picture_files(member: User) -> Iterator[str]:
    for picture in _own_pictures(member):
        yield from {picture.file_names()[0], picture.file_names()[-1]}


def _own_pictures(member: User) -> Iterable[CommentPicture]:
    return CommentPicture.objects.filter(uploaded_by=member).order_by("pk").iterator(chunk_size=200)


def _thanks(member: User) -> Iterator[Row]:
    for thanks in (
        Thanks.objects.filter(member=member)
        .select_related("comment__author", "comment__post")
        .order_by("pk")
        .iterator(chunk_size=200)
    ):
        yield {
            "for": thanks.comment.author_name,
            "under": thanks.comment.post.title,
            "at": thanks.created_at,
            "address": _address(thanks.comment),
        }


def _thanks_for_posts(member: User) -> Iterator[Row]:
    for thanks in PostThanks.objects.filter(member=member).select_related("post").order_by("pk"):
        yield {"under": thanks.post.title, "at": thanks.created_at}


def _calls(member: User) -> Iterator[Row]:
    called = CommentMention.objects.filter(member=member, comment__in=Comment.objects.visible_to(member))
    for call in (
        called.select_related("comment__author", "comment__post").order_by("pk").iterator(chunk_size=200)
    ):
        yield {
            "by": call.comment.author_name,
            "under": call.comment.post.title,
            "at": call.comment.created_at,
            "address": _address(call.comment),
        }


def _visits(member: User) -> Iterator[Row]:
    for visit in ThreadVisit.objects.filter(member=member).order_by("pk").select_related("post"):
        yield {"looked_at": visit.looked_at, "new_since": visit.new_since, "talk": visit.post.title}


def _bookmarks(member: User) -> Iterator[Row]:
    bookmarks = Bookmark.objects.filter(member=member).select_related(
        "comment__author", "comment__post", "post"
    )
    for bookmark in bookmarks.order_by("pk").iterator(chunk_size=200):
        post = bookmark.place
        yield {
            "under": post.title,
            "by": bookmark.comment.author_name if bookmark.comment else "",
            "at": bookmark.created_at,
            "address": _address(bookmark.comment)
            if bookmark.comment
            else absolute_url(post.get_absolute_url()),
        }


def _claims(member: User) -> Iterator[Row]:
    for claim in CommentClaim.objects.filter(member=member).order_by("pk"):
        yield {
            "address": claim.email,
            "answer": claim.get_answer_display(),
            "asked_at": claim.asked_at,
            "answered_at": claim.answered_at,
        }


def _highlights(member: User) -> Iterator[Row]:
    """What they did as a moderator with the comments of others."""
    for comment in Comment.objects.filter(chosen_by=member).order_by("chosen_at").select_related("post"):
        yield {
            "what": _("marked as the host’s choice"),
            "address": _address(comment),
            "at": comment.chosen_at,
        }
    for comment in (
        Comment.objects.filter(corrected_by=member).order_by("corrected_at").select_related("post")
    ):
        yield {"what": _("corrected"), "address": _address(comment), "at": comment.corrected_at}


def _address(comment: Comment) -> str:
    return absolute_url(comment.get_absolute_url())


PARTS = [
    Part(
        "comments",
        _("Your comments"),
        _comments,
        {
            "under": _("Post"),
            "written_at": _("Posted"),
            "words": _("Message"),
            "state": _("Status"),
            "why_it_waited": _("Why it was held"),
            "thanks": _("Thanks"),
            "changed_at": _("Edited"),
            "earlier_words": _("Edit history"),
            "address": _("Address"),
        },
        frozenset({"comments.Comment.author", "comments.CommentRevision.edited_by"}),
    ),
    Part(
        "pictures",
        _("Your pictures in comments"),
        _pictures,
        {"shows": _("Alt text"), "uploaded_at": _("Uploaded"), "file": _("File")},
        frozenset({"comments.CommentPicture.uploaded_by"}),
        _picture_files,
    ),
    Part(
        "claims",
        _("Comments from before you had an account"),
        _claims,
        {
            "address": _("Address"),
            "answer": pgettext_lazy("noun", "Reply"),
            "asked_at": _("Asked"),
            "answered_at": _("Answered"),
        },
        frozenset({"comments.CommentClaim.member"}),
    ),
    Part(
        "highlights",
        _("Comments you marked or corrected"),
        _highlights,
        {"what": _("What"), "address": _("Address"), "at": _("When")},
        frozenset({"comments.Comment.chosen_by", "comments.Comment.corrected_by"}),
    ),
    Part(
        "thanks",
        _("Comments you said thanks for"),
        _thanks,
        {"for": _("For"), "under": _("Post"), "at": _("When")},
        frozenset({"comments.Thanks.member"}),
    ),
    Part(
        "thanks_for_posts",
        _("Posts you said thanks for"),
        _thanks_for_posts,
        {"under": _("Post"), "at": _("When")},
        frozenset({"comments.PostThanks.member"}),
    ),
    Part(
        "bookmarks",
        _("Your bookmarks"),
        _bookmarks,
        {"under": _("Post"), "by": _("Comment by"), "at": _("When"), "address": _("Address")},
        frozenset({"comments.Bookmark.member"}),
    ),
    Part(
        "calls",
        _("Comments that mention you"),
        _calls,
        {"by": _("Who"), "under": _("Post"), "at": _("When")},
        frozenset({"comments.CommentMention.member"}),
    ),
    Part(
        "visits",
        _("Posts whose comments you read"),
        _visits,
        {"talk": _("Post"), "looked_at": _("Last visit")},
        frozenset({"comments.ThreadVisit.member"}),
    ),
]
