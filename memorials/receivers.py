"""Receivers of signals of core and of moderation."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import profile_changed
from core.signals import settings_changed
from memorials.models import Memorial, slug_of, sync_publication
from memorials.services.mails import notify_of_report
from moderation.models import Report
from moderation.signals import comment_reported
from posts.models import Post


@receiver(profile_changed)
def follow_username(member: User, **_kwargs: Any) -> None:
    """Change the slug with the username. The old URL redirects."""
    slug = slug_of(member)
    for memorial in Memorial.objects.filter(member=member).exclude(post__slug=slug).select_related("post"):
        post = memorial.post
        post.keep_own_address()
        post.slug = slug
        post.save(update_fields=["slug"])


@receiver(settings_changed)
def update_publication(after: dict[str, Any], **_kwargs: Any) -> None:
    if "parts" in after:
        sync_publication(is_on="memorials" in after["parts"])


@receiver(comment_reported)
def notify_keepers_of_report(report: Report, **_kwargs: Any) -> None:
    """Notify the keepers once for each memory to be reviewed, however many members report it."""
    memory = report.comment
    if memory.post.kind != Post.Kind.MEMORIAL or Report.objects.open().filter(comment=memory).count() > 1:
        return
    memorial = Memorial.objects.open().with_members().filter(pk=memory.post_id).first()
    if memorial is not None:
        notify_of_report(memorial, memory, report.reporter)
