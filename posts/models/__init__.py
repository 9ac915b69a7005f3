"""Posts, their tags, and the addresses they had."""

from posts.models.old_addresses import OldAddress
from posts.models.post import Post, Tag

__all__ = ["OldAddress", "Post", "Tag"]
