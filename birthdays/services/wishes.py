"""Birthday wishes, which are comments below the post of a birthday (docs/decisions/0110).

The post is created when it is needed.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from birthdays.models import Birthday, shown_to, sync_publication
from comments.models import Comment
from comments.models.submission import Submission
from comments.services.writing import publish_comment
from core import parts
from core.utils.locks import lock_row
from core.utils.site_locale import read_in
from posts.models import Post
from posts.services.trash import purge_post, trash_post

# Time zones are up to a day apart, and late wishes are welcome.
DAYS_AROUND = 2
WISHES_SHOWN = 3


def year_of_wish(member: User) -> int | None:
    """The year of the current birthday, within DAYS_AROUND; None if there is none."""
    today = timezone.localdate()
    for year in (today.year, today.year - 1, today.year + 1):
        day = member.birthday_in(year)
        if day is not None and abs(today - day) <= timedelta(days=DAYS_AROUND):
            return year
    return None


def birthday_of(member: User, year: int) -> Birthday:
    """The birthday of that year with its post. Created if necessary."""
    with transaction.atomic():
        member = lock_row(User.objects, member.pk)
        there = Birthday.objects.select_related("post").filter(member=member, year=year).first()
        if there is not None:
            return there
        post = Post(kind=Post.Kind.BIRTHDAY, title=title_of_birthday(member), author=member)
        post.slug = post.free_slug(base=f"{member.username}~{year}")
        post.save()
        birthday = Birthday.objects.create(post=post, member=member, year=year)
        # The member may have hidden it since its visibility was checked.
        sync_publication(Birthday.objects.filter(pk=birthday.pk), is_on=parts.is_on("birthdays"))
        post.refresh_from_db(fields=["published_at", "visibility"])
        return birthday


def title_of_birthday(member: User) -> str:
    """The title in the site's language, since everyone reads it."""
    with read_in(""):
        return _("%(name)s’s birthday") % {"name": member.get_display_name()}


def send_wish(member: User, *, by: User, words: str, submission: Submission | None = None) -> Comment:
    """Post a one-line wish. It is a comment like any other, checked by the spam filter.

    Raises ValidationError (code "own_birthday"; "no_birthday" if it is not the day or the author may not see
    it; and those of publish_comment) and TooFast.
    """
    if by.pk == member.pk:
        raise ValidationError(_("You can’t send a wish to yourself."), code="own_birthday")
    year = year_of_wish(member)
    is_shown = year is not None and shown_to(by).filter(pk=member.pk).exists()
    birthday = birthday_of(member, year) if year is not None and is_shown else None
    if birthday is None or not birthday.post.is_published:
        raise ValidationError(
            _("It isn’t their birthday now. You’ll find the date below."), code="no_birthday"
        )
    return publish_comment(post=birthday.post, author=by, body=words, submission=submission)


def wishes_to(
    members: list[User], reader: User | AnonymousUser
) -> list[tuple[User, tuple[Birthday | None, list[Comment]]]]:
    """The current birthday of each of these members, if it exists, with the latest wishes. Two queries."""
    found = {}
    for birthday in Birthday.objects.filter(member__in=members).select_related("post"):
        found[birthday.member_id, birthday.year] = birthday
    now = {member.pk: found.get((member.pk, year_of_wish(member) or 0)) for member in members}
    keys = [birthday.pk for birthday in now.values() if birthday and birthday.post.is_readable_by(reader)]
    wishes = Comment.objects.public().filter(post__in=keys, parent=None).select_related("author")
    if isinstance(reader, User):
        wishes = wishes.exclude(author__in=reader.muted_ids)
    by_post: dict[int, list[Comment]] = {}
    for wish in wishes.newest_first()[: WISHES_SHOWN * 20] if keys else ():
        by_post.setdefault(wish.post_id, []).append(wish)
    return [
        (one, (birthday, by_post.get(birthday.pk, [])[:WISHES_SHOWN] if birthday else []))
        for one in members
        for birthday in [now[one.pk]]
    ]


def follow_profile(member: User) -> None:
    """Update who may read the wishes, and the title, after a member changed visibility or name."""
    sync_publication(Birthday.objects.filter(member=member), is_on=parts.is_on("birthdays"))
    title = title_of_birthday(member)
    for post in Post.objects.filter(birthday__member=member).exclude(title=title):
        post.title = title
        post.save(update_fields=["title"])


def drop_birthdays(member: User, _deletion: Any) -> int:
    """The step of account deletion that deletes their birthday pages and the wishes."""
    found = list(Birthday.objects.filter(member=member).select_related("post")[:20])
    for birthday in found:
        trash_post(birthday.post, by=member)
        purge_post(birthday.post)
    return len(found)
