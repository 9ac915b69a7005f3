"""Posts, their tags, their old URLs, and what the editor stores beside them."""

from posts.models.editing import Autosave, Upload
from posts.models.old_addresses import OldAddress
from posts.models.pages import Page
from posts.models.post import KINDS_OF_HOST, Post
from posts.models.review import PostNote, PreviewLink
from posts.models.revisions import PostRevision
from posts.models.tag import Tag

__all__ = [
    "KINDS_OF_HOST",
    "Autosave",
    "OldAddress",
    "Page",
    "Post",
    "PostNote",
    "PostRevision",
    "PreviewLink",
    "Tag",
    "Upload",
]
