"""The authors of an export's posts. An import creates no accounts."""

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _

from accounts.models import User
from transfer.imports.stream import ForeignAuthor, ForeignPost


class Authors:
    """The member with the author's confirmed email address who may write here; else the importing host."""

    def __init__(self, authors: dict[str, ForeignAuthor], by: User) -> None:
        self.authors, self.by = authors, by
        self.members: dict[str, User] = {}
        self.notes: list[str] = []

    def author_of(self, post: ForeignPost) -> User:
        if post.author not in self.members:
            self.members[post.author] = self._member(post.author)
        return self.members[post.author]

    def _member(self, key: str) -> User:
        author = self.authors.get(key) or ForeignAuthor(key, key)
        email = author.email.strip().lower()
        address = (
            EmailAddress.objects.filter(email=email, verified=True, user__is_active=True)
            .select_related("user")
            .first()
            if email
            else None
        )
        if address is not None and (address.user.is_staff or address.user.has_perm("posts.change_post")):
            return address.user
        name = author.name or author.key
        if name and name.lower() not in {self.by.username.lower(), self.by.get_display_name().lower()}:
            self.notes.append(
                _("Posts by %(name)s have you as their author; change it in the editor.")
                % {"name": name[:100]}
            )
        return self.by
