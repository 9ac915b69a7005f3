"""Signals of posts. Receivers get the arguments listed here, inside the transaction of the service."""

from django.dispatch import Signal

# post: Post
post_published = Signal()
