"""Background tasks of posts."""

from django_tasks import task

from core.services.share_cards import share_card
from posts.models import Post
from posts.share_cards import card_key, card_of_post


@task(priority=-20)
def draw_share_card(pk: int) -> None:
    """Draw the share card early: when a link to a new post is shared, many servers request it at once."""
    post = Post.objects.filter(pk=pk).first()
    if post is not None:
        share_card(card_key(post), card_of_post(post))
