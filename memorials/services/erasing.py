"""What becomes of a memorial when the account is erased: because the family asks, or in any other way."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import AccountDeletion, User
from accounts.services.deletion import why_not
from core.utils.files import delete_stored
from memorials.models import Memorial, Step
from memorials.services.book import forget_book
from memorials.services.keeping import locked, may_host, note
from posts.services.trash import purge_post, trash_post


def erase_for_family(memorial: Memorial, words: str, *, by: User) -> AccountDeletion:
    """Schedule what a member does by deleting the account. Until then an undo of the memorial cancels it.

    words: one of AccountDeletion.Words, for what they wrote. Raises PermissionDenied, also while no memorial is open, and
    ValidationError where the account has a role that must be taken away first.
    """
    if not (may_host(by) and memorial.is_kept_by(by)):
        raise PermissionDenied
    with transaction.atomic():
        memorial = locked(memorial)
        if not memorial.is_open:  # a living person's account is erased by nobody but themselves
            raise PermissionDenied
        member = memorial.member
        member.is_active = True  # otherwise the account has no role
        if reason := why_not(member):
            raise ValidationError(reason)
        deletion, is_new = AccountDeletion.objects.get_or_create(
            member=member,
            defaults={
                "words": words,
                "due_at": timezone.now() + timedelta(days=settings.ACCOUNT_DELETION_DAYS),
                "is_final": True,
            },
        )
        if is_new:
            note(memorial, Step.Kind.ERASURE, by)
    return deletion


def erasure_of(memorial: Memorial) -> AccountDeletion | None:
    return AccountDeletion.objects.filter(member=memorial.member_id).first()


def drop_memorial(member: User, _deletion: Any) -> int:
    """A step of deleting an account: the page goes, with the memories, pictures and the book."""
    memorial = Memorial.objects.filter(member=member).select_related("post").first()
    if memorial is None:
        return 0
    with transaction.atomic():
        files = [memorial.recording_file, *(picture.file for picture in memorial.pictures.all())]
        for name in filter(None, (file.name for file in files)):
            transaction.on_commit(partial(delete_stored, name))
        forget_book(memorial.pk)
        trash_post(memorial.post, by=member)
        purge_post(memorial.post)
    return 1


def forget_words(member: User, _deletion: Any) -> int:
    """A step of deleting an account: what they wrote to the keepers of others. That they did stays in the log, without a name."""
    return Step.objects.filter(by=member).exclude(words="").update(words="")
