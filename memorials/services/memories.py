"""Memories, which are comments below a memorial: holding them for review, and the family's permission."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.checks import Opinion
from comments.services.discussion import is_exempt
from core.utils.reasons import register_reasons
from memorials.models import Custodian, FamilyChoice, Memorial
from memorials.services.book import forget_book
from posts.models import Post

register_reasons(
    {"memorial_newcomer": _("On a memorial, a moderator first reviews what people who are new here write.")}
)


def hold_newcomers(comment: Comment, submission: Submission | None = None, link: str = "") -> Opinion:
    """Hold newcomers' comments on a memorial (for COMMENT_CHECKS). Keepers and the custodian are exempt."""
    author = comment.author
    if comment.post.kind != Post.Kind.MEMORIAL:
        return Opinion()
    if author is None:
        return Opinion([{"code": "memorial_newcomer"}])
    if author.is_known or is_exempt(author):
        return Opinion()
    memorial = Memorial.objects.filter(pk=comment.post_id).first()
    is_theirs = memorial is not None and (
        memorial.is_kept_by(author)
        or Custodian.objects.filter(member=memorial.member_id, custodian=author).exists()
    )
    return Opinion() if is_theirs else Opinion([{"code": "memorial_newcomer"}])


def choose_for_family(comment: Comment, is_allowed: bool) -> None:
    """Store whether the family may have this memory. An existing book is deleted, as it is out of date."""
    with transaction.atomic():
        choice, is_new = FamilyChoice.objects.get_or_create(
            comment=comment, defaults={"is_allowed": is_allowed}
        )
        if not is_new and choice.is_allowed == is_allowed:
            return
        FamilyChoice.objects.filter(pk=comment.pk).update(is_allowed=is_allowed)
        if not is_allowed:
            forget_book(comment.post_id)


def memories_of(memorial: Memorial, writer: User) -> list[Comment]:
    """The member's memories there that still exist, with `family_choice` if they made one."""
    own = Comment.objects.not_gone().on_post_by(memorial.pk, writer.pk).select_related("family_choice")
    memories = list(own.order_by("pk"))
    for memory in memories:
        memory.post = memorial.post  # for its link
    return memories


def choose_each(memorial: Memorial, writer: User, shown: set[int], allowed: set[int]) -> None:
    """Allow the family the memories in `allowed`, and no others of those that were shown.

    Memories written since, in another window, keep their answer.
    """
    for memory in memories_of(memorial, writer):
        if memory.pk in shown:
            choose_for_family(memory, memory.pk in allowed)


def check_custodian(member: User, custodian: User | None) -> None:
    """Raise ValidationError (code "custodian") if they cannot be the custodian."""
    if custodian is not None and custodian.pk == member.pk:
        raise ValidationError(_("Name someone else, not yourself."), code="custodian")


def name_custodian(member: User, custodian: User | None) -> None:
    """Choose who should speak for a member. None: no one."""
    check_custodian(member, custodian)
    if custodian is None:
        Custodian.objects.filter(member=member).delete()
    else:
        Custodian.objects.update_or_create(member=member, defaults={"custodian": custodian})


def unanswered(memorial: Memorial, reader: Any) -> bool:
    """Whether this reader has memories here that the family may not have, or without an answer."""
    if not reader.is_authenticated:
        return False
    own = Comment.objects.not_gone().on_post_by(memorial.pk, reader.pk)
    return own.exclude(family_choice__is_allowed=True).exists()
