"""The members behind the authors of a WordPress export."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.models.validators import validate_not_reserved, validate_username_chars
from core.utils.text import one_line, skeleton, validate_name
from transfer.wordpress.conversions import email_of, free_name
from transfer.wordpress.items import Author, WpComment, WpItem
from transfer.wordpress.survey import Survey


def _owner_of(email: str) -> User | None:
    """The member who confirmed this address, else the account that an earlier import made for it.

    Anyone can sign up with someone else's address, so one that isn't confirmed proves nothing. An account made by an
    import has no row of its address, no password and no sign-in: nobody has typed that address here.
    """
    confirmed = User.objects.filter(emailaddress__email__iexact=email, emailaddress__verified=True)
    imported = User.objects.filter(
        email__iexact=email, emailaddress=None, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    return confirmed.order_by("pk").first() or imported.order_by("pk").first()


class People:
    """The members that are the file's authors: found by confirmed address or name, or created when needed."""

    def __init__(self, found: Survey, everybody: User | None, is_dry_run: bool) -> None:
        self.by_login = {author.login.lower(): author for author in found.authors if author.login}
        self.by_number = {author.number: author for author in found.authors if author.number}
        self.by_email = {author.email.lower(): author for author in reversed(found.authors) if author.email}
        self.fallback = found.authors[0].login if found.authors else ""
        self.everybody = everybody
        self.hosts = {thread.author.lower() for thread in found.threads.values()}
        self.is_dry_run = is_dry_run
        self.members: dict[str, User] = {}
        self.made: list[str] = []
        self.notes: list[str] = []

    def author_of(self, item: WpItem) -> User:
        if self.everybody is not None:
            return self.everybody
        if login := item.author or self.fallback:
            return self._member(login)
        host = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        return host or self._member("host")

    def author_of_comment(self, comment: WpComment) -> User | None:
        """The member who wrote the comment, None for a guest.

        WordPress stores the account's id with comments of signed-in users. Exports before WXR 1.2, and those
        of other programs, do not say whose id it is; then the author with that address is used. An address
        alone proves nothing, since guests can enter any.
        """
        if not comment.user:
            return None
        author = self.by_number.get(comment.user) or self.by_email.get(comment.email.lower())
        if author is None or not author.login:
            return None
        if self.everybody is not None and author.login.lower() in self.hosts:
            return self.everybody
        return self._member(author.login)

    def forget(self, made: int, notes: int) -> None:
        """Undo the bookkeeping of a rolled-back transaction.

        Only the first `made` members and `notes` notes are kept.
        """
        del self.made[made:], self.notes[notes:]
        self.members.clear()

    def _member(self, login: str) -> User:
        if login.lower() not in self.members:
            author = self.by_login.get(login.lower()) or Author(0, login, "", login)
            self.members[login.lower()] = self._find(author) or self._make(author)
        return self.members[login.lower()]

    def _find(self, author: Author) -> User | None:
        email = User.objects.normalize_email(email_of(author.email))
        by_email = _owner_of(email) if email else None
        if by_email is not None:
            return by_email
        by_name = User.objects.filter(username__iexact=author.login).first()
        if by_name is not None and email and by_name.email:
            self.notes.append(
                _(
                    "“%(login)s” was matched to the member %(username)s by username: the email address is different or not confirmed."
                )
                % {"login": author.login, "username": by_name.username}
            )
        return by_name

    def _make(self, author: Author) -> User:
        """A member who can sign in by resetting the password, if the address is theirs."""
        name = one_line(author.name)[:60]
        try:
            validate_name(name)
        except ValidationError:
            name = ""
        username = self._free_username(author)
        user = User(
            username=username,
            display_name="" if name == username else name,
            email=User.objects.normalize_email(email_of(author.email)),
        )
        user.set_unusable_password()
        if not self.is_dry_run:
            user.save()
        self.made.append(username)
        return user

    def _free_username(self, author: Author) -> str:
        names = (slugify(text)[:30].strip("-_") for text in (author.login.partition("@")[0], author.name))
        return free_name(next((name for name in names if len(name) > 1), "writer"), 30, self._is_refused)

    def _is_refused(self, username: str) -> bool:
        try:
            validate_username_chars(username)
            validate_not_reserved(username)
        except ValidationError:
            return True
        if username in self.made:
            return True
        return User.objects.filter(
            Q(username__iexact=username) | Q(username_skeleton=skeleton(username))
        ).exists()
