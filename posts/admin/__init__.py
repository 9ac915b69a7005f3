"""Posts in the admin."""

from posts.admin.pages import PageAdmin
from posts.admin.posts import PostAdmin, TagAdmin

__all__ = ["PageAdmin", "PostAdmin", "TagAdmin"]
