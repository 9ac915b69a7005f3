"""System emails about drafts: to those who can publish one, and to its author about the result."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.utils.urls import absolute_url
from notifications.email.system import about, send_system_mail
from posts.models import Post, PostNote
from posts.signals import review_accepted, review_asked, review_returned


def _publishers() -> Any:
    """Members who may publish posts, by themselves or by a group."""
    permission = {"content_type__app_label": "posts", "codename": "publish_post"}
    own = Q(**{f"user_permissions__{name}": value for name, value in permission.items()})
    of_group = Q(**{f"groups__permissions__{name}": value for name, value in permission.items()})
    staff = User.objects.filter(is_active=True, is_staff=True)
    return staff.filter(Q(is_superuser=True) | own | of_group).distinct()


def _edit_url(post: Post) -> str:
    return absolute_url(reverse("admin:posts_post_change", args=[post.pk]))


@receiver(review_asked)
def notify_publishers(post: Post, by: User, **_kwargs: Any) -> None:
    subject = about(_("%(site)s: a draft is awaiting your review"))
    for publisher in _publishers().exclude(pk=by.pk):
        send_system_mail(
            "draft_asked",
            to=publisher,
            subject=subject,
            post=post,
            writer=by,
            read_url=_edit_url(post),
            button=_("Open the draft"),
        )


@receiver(review_returned)
def notify_author_of_requested_changes(post: Post, by: User, **_kwargs: Any) -> None:
    subject = about(_("%(site)s: changes requested to your draft"))
    note = PostNote.objects.filter(post=post, author=by).last()
    send_system_mail(
        "draft_returned",
        to=post.author,
        subject=subject,
        post=post,
        note=note,
        read_url=_edit_url(post),
        button=_("Open the draft"),
    )


@receiver(review_accepted)
def notify_author_of_acceptance(post: Post, **_kwargs: Any) -> None:
    subject = about(_("Your post at %(site)s was accepted"))
    url = absolute_url(post.get_absolute_url())
    send_system_mail(
        "draft_accepted", to=post.author, subject=subject, post=post, read_url=url, button=_("See your post")
    )
