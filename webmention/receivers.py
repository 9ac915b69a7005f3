"""Send webmentions for links in published posts and comments, if the host has turned that on."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from comments.models import Comment
from comments.signals import comment_published
from core.models import SiteSettings
from posts.models import Post
from posts.signals import post_published
from webmention.models import SentMention
from webmention.tasks import note_links


@receiver(comment_published)
def send_webmentions_of_comment(comment: Comment, **_kwargs: Any) -> None:
    if comment.link_count and SiteSettings.current().webmentions_out:
        note_links.enqueue(SentMention.Kind.COMMENT.value, comment.pk)


@receiver(post_published)
def send_webmentions_of_post(post: Post, **_kwargs: Any) -> None:
    if not SiteSettings.current().webmentions_out:
        return
    at = post.published_at
    waits = at is not None and at > timezone.now()
    (note_links.using(run_after=at) if waits else note_links).enqueue(SentMention.Kind.POST.value, post.pk)
