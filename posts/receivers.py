"""What happens when a post is published."""

from typing import Any

from django.dispatch import receiver

from posts.models import Post
from posts.signals import post_published
from posts.tasks import draw_share_card


@receiver(post_published)
def prepare_share_card(post: Post, **_kwargs: Any) -> None:
    draw_share_card.enqueue(post.pk)
