"""Posts, their tags, the addresses they had, and what the editor keeps beside them."""

from posts.models.editing import Autosave, Upload
from posts.models.old_addresses import OldAddress
from posts.models.post import Post, Tag

__all__ = ["Autosave", "OldAddress", "Post", "Tag", "Upload"]
