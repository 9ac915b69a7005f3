"""What happens to a memorial when the account is erased, at the family's request or otherwise."""

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
    """Schedule an account deletion like a member's own. Until it begins, undoing the memorial cancels it.

    words: one of AccountDeletion.Words, for what they wrote. Raises PermissionDenied, also if the memorial is
    not open, and ValidationError if the account has a role that must be removed first.
    """
    if not (may_host(by) and memorial.is_kept_by(by)):
        raise PermissionDenied
    with transaction.atomic():
        memorial = locked(memorial)
        if not memorial.is_open:  # only living members themselves can delete their account
            raise PermissionDenied
        member = memorial.member
        member.is_active = True  # a role is only seen on an active account
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
    """The scheduled deletion of the account, or None."""
    return AccountDeletion.objects.filter(member=memorial.member_id).first()


def drop_memorial(member: User, _deletion: Any) -> int:
    """The step of account deletion that deletes the page with its memories, pictures and book."""
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
    """The step of account deletion that erases what they wrote to keepers of other memorials.

    The log entry itself stays, without a name.
    """
    return Step.objects.filter(by=member).exclude(words="").update(words="")
