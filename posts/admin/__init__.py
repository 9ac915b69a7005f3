"""Posts in the admin."""

from posts.admin.posts import PostAdmin, TagAdmin

__all__ = ["PostAdmin", "TagAdmin"]
