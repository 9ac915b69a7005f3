"""Posts in the admin."""

from posts.admin.pages import PageAdmin
from posts.admin.posts import PostAdmin
from posts.admin.tags import TagAdmin

__all__ = ["PageAdmin", "PostAdmin", "TagAdmin"]
