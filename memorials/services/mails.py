"""Emails of memorials: to keepers, to the custodian at the opening, and to the member after a mistake."""

from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.services.mails import send_mail_about
from comments.models import Comment
from core.utils.urls import absolute_url
from memorials.models import Memorial


def _about(memorial: Memorial, **more: Any) -> dict[str, Any]:
    page = absolute_url(reverse("memorials:memorial-keep", args=[memorial.member.username]))
    return {"memorial": memorial, "name": memorial.member.get_display_name(), "page_url": page} | more


def ask_keeper(memorial: Memorial) -> None:
    """Email the second keeper that their confirmation is needed."""
    if memorial.keeper is not None:
        send_mail_about("memorial_asked", to=memorial.keeper, **_about(memorial, host=memorial.host))


def _readers(memorial: Memorial) -> list[User]:
    """The keepers whose accounts are not closed."""
    return [keeper for keeper in memorial.keepers if keeper.is_active]


def notify_opened(memorial: Memorial, custodian: User | None) -> None:
    """Email the keepers, and the custodian whom the member chose, that the memorial is open."""
    for keeper in _readers(memorial):
        send_mail_about("memorial_opened", to=keeper, **_about(memorial))
    if custodian is not None:
        send_mail_about("memorial_custodian", to=custodian, **_about(memorial))


def notify_of_message(memorial: Memorial, words: str, by: User | None) -> None:
    """Email the keepers. If their accounts are closed, email the site's owners, who can undo it too."""
    for keeper in _readers(memorial) or User.objects.filter(is_superuser=True, is_active=True):
        send_mail_about("memorial_told", to=keeper, **_about(memorial, words=words, by=by))


def notify_undone(memorial: Memorial) -> None:
    """Email the keepers and the member."""
    for keeper in _readers(memorial):
        send_mail_about("memorial_undone", to=keeper, **_about(memorial))
    send_mail_about("memorial_undone_own", to=memorial.member, **_about(memorial))


def notify_of_report(memorial: Memorial, memory: Comment, reporter: User | None) -> None:
    """Email that a memory was reported.

    Without the reporter's name and note, and not to the reporter or the author.
    """
    there = absolute_url(memory.get_absolute_url())
    for keeper in _readers(memorial):
        if keeper not in (reporter, memory.author):
            send_mail_about("memorial_reported", to=keeper, **_about(memorial, memory_url=there))


def notify_of_book(memorial: Memorial, to: User) -> None:
    """Email one person that the book of memories can be downloaded."""
    book = absolute_url(reverse("memorials:book", args=[memorial.member.username]))
    send_mail_about("memorial_book", to=to, **_about(memorial, book_url=book))
