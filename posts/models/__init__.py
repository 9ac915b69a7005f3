"""Posts, their tags, the addresses they had, and what the editor keeps beside them."""

from posts.models.editing import Autosave, Upload
from posts.models.old_addresses import OldAddress
from posts.models.pages import Page
from posts.models.post import Post
from posts.models.review import PostNote, PreviewLink
from posts.models.revisions import PostRevision
from posts.models.tag import Tag

__all__ = [
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
