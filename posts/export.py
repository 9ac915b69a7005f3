"""What this app stores about a member, for the data export (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from core.utils.urls import absolute_url
from posts.models import Autosave, Post, PostNote, PostRevision, PreviewLink, Upload


def _posts(member: User) -> Iterator[Row]:
    for post in Post.objects.filter(author=member).order_by("pk").iterator(chunk_size=100):
        yield {
            "title": post.title,
            "address": absolute_url(post.get_absolute_url()),
            "summary": post.summary,
            "html": post.body,
            "tags": list(post.tags.values_list("name", flat=True)),
            "published_at": post.published_at,
            "pictures": [post.cover.name] if post.cover else [],
            "picture_shows": post.cover_alt,
        }


def _covers(member: User) -> Iterator[str]:
    yield from Post.objects.filter(author=member).exclude(cover="").values_list("cover", flat=True)


def _uploads(member: User) -> Iterator[Row]:
    for upload in Upload.objects.filter(uploaded_by=member).order_by("pk").iterator(chunk_size=100):
        yield {
            "name": upload.title,
            "kind": upload.get_kind_display(),
            "picture_shows": upload.alt,
            "uploaded_at": upload.created_at,
            "pictures": [upload.file.name] if upload.is_picture else [],
        }


def _upload_files(member: User) -> Iterator[str]:
    yield from Upload.objects.filter(uploaded_by=member).values_list("file", flat=True)


def _unsaved(member: User) -> Iterator[Row]:
    for row in Autosave.objects.filter(editor=member).order_by("pk"):
        yield {
            "title": row.title,
            "summary": row.summary,
            "html": row.body,
            "written_at": row.updated_at,
        }


def _versions(member: User) -> Iterator[Row]:
    for version in PostRevision.objects.filter(saved_by=member).order_by("pk").iterator(chunk_size=100):
        yield {
            "title": version.title,
            "summary": version.summary,
            "html": version.body,
            "tags": version.tags,
            "saved_at": version.saved_at,
        }


def _notes(member: User) -> Iterator[Row]:
    for note in PostNote.objects.filter(author=member).select_related("post").order_by("pk"):
        yield {"post": note.post.title, "words": note.body, "written_at": note.created_at}


def _preview_links(member: User) -> Iterator[Row]:
    for link in PreviewLink.objects.filter(created_by=member).select_related("post").order_by("pk"):
        yield {"post": link.post.title, "made_at": link.created_at, "ends_at": link.ends_at}


PARTS = [
    Part(
        "posts",
        _("Your posts"),
        _posts,
        {
            "title": _("Title"),
            "address": _("Address"),
            "summary": _("Summary"),
            "published_at": _("Published"),
        },
        frozenset({"posts.Post.author"}),
        _covers,
    ),
    Part(
        "uploads",
        _("Files you added to posts"),
        _uploads,
        {"name": _("Name"), "kind": _("Kind"), "uploaded_at": _("Uploaded")},
        frozenset({"posts.Upload.uploaded_by"}),
        _upload_files,
    ),
    Part(
        "unsaved_posts",
        _("Posts you began and haven’t saved"),
        _unsaved,
        {"title": _("Title"), "summary": _("Summary"), "written_at": _("Written")},
        frozenset({"posts.Autosave.editor"}),
    ),
    Part(
        "post_versions",
        _("Versions of posts that you saved"),
        _versions,
        {"title": _("Title"), "summary": _("Summary"), "saved_at": _("Saved")},
        frozenset({"posts.PostRevision.saved_by"}),
    ),
    Part(
        "post_notes",
        _("Your notes on drafts"),
        _notes,
        {"post": _("Post"), "words": _("Text"), "written_at": _("Written")},
        frozenset({"posts.PostNote.author"}),
    ),
    Part(
        "preview_links",
        _("Preview links you created"),
        _preview_links,
        {"post": _("Post"), "made_at": _("Created"), "ends_at": _("Ends")},
        frozenset({"posts.PreviewLink.created_by"}),
    ),
]
