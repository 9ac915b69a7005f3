"""The memorial's own emails, to its keepers. Nobody else gets any."""

from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.services.mails import send_mail_about
from core.utils.urls import absolute_url
from memorials.models import Memorial


def _about(memorial: Memorial, **more: Any) -> dict[str, Any]:
    page = absolute_url(reverse("memorials:memorial-keep", args=[memorial.member.username]))
    return {"memorial": memorial, "name": memorial.member.get_display_name(), "page_url": page} | more


def ask_keeper(memorial: Memorial) -> None:
    if memorial.keeper is not None:
        send_mail_about("memorial_asked", to=memorial.keeper, **_about(memorial, host=memorial.host))


def tell_opened(memorial: Memorial) -> None:
    for keeper in memorial.keepers:
        send_mail_about("memorial_opened", to=keeper, **_about(memorial))


def tell_of_words(memorial: Memorial, words: str, by: User | None) -> None:
    for keeper in memorial.keepers:
        send_mail_about("memorial_told", to=keeper, **_about(memorial, words=words, by=by))


def tell_undone(memorial: Memorial) -> None:
    """The keepers, and whoever's account it is."""
    for keeper in memorial.keepers:
        send_mail_about("memorial_undone", to=keeper, **_about(memorial))
    send_mail_about("memorial_undone_own", to=memorial.member, **_about(memorial))


def tell_of_book(memorial: Memorial, to: User) -> None:
    book = absolute_url(reverse("memorials:book", args=[memorial.member.username]))
    send_mail_about("memorial_book", to=to, **_about(memorial, book_url=book))
