from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string

from core.prepared import NUMBERS, Prepared
from core.utils.exists import ExistsForEach
from core.utils.text import search_key

if TYPE_CHECKING:
    from accounts.models import User

MAX_SEARCH_WORDS = 8
# User.silent_until of a suspension without an end. Well before the last representable year.
NO_END = datetime(9000, 1, 1, tzinfo=UTC)


def unlisted_members(now: datetime | None = None) -> models.Q:
    """The condition for members with nothing public yet.

    Used by the directory and profiles; set by a later app. now: a parameter, for prepared queries.
    """
    return import_string(settings.UNLISTED_MEMBERS)(now)


def can_be_notified() -> models.Q:
    """The condition for members who receive notifications at all."""
    return models.Q(is_active=True)


def _moderators_among(keys: list[int]) -> models.QuerySet[Any, tuple[int]]:
    from accounts.models import User  # noqa: PLC0415 - models import querysets

    may_moderate = {"codename": "moderate_comment", "content_type__app_label": "comments"}
    permitted = Permission.objects.filter(**may_moderate)
    in_group = User.groups.through._default_manager.filter(user__in=keys, group__permissions__in=permitted)
    by_right = User.user_permissions.through._default_manager.filter(user__in=keys, permission__in=permitted)
    return in_group.values_list("user").union(by_right.values_list("user"))


_moderators: Prepared[Any] = Prepared(_moderators_among, keys=NUMBERS)


def set_moderator_flags(members: "Iterable[User | None]") -> None:
    """Set User.is_moderator on each of these members, with one indexed query for all. For badges."""
    people = [member for member in members if member is not None]
    keys = {member.pk for member in people}
    found = set(_moderators.rows(keys=sorted(keys))) if keys else set()
    for member in people:
        member.__dict__["is_moderator"] = member.may_write and (member.is_superuser or (member.pk,) in found)


class UserQuerySet(models.QuerySet):
    """Members. Who may be shown to whom: `public`, `listed`, `listed_for`, `with_page`."""

    def public(self) -> Self:
        """Members with a profile: active, not closed."""
        return self.filter(is_active=True)

    def with_page(self) -> Self:
        """Members whose profile can be opened: `public`, and memorials (in no list, count or email)."""
        return self.filter(models.Q(is_active=True) | models.Q(memorial_since__isnull=False))

    def listed(self) -> Self:
        """Members whom others can find: not banned, profile not hidden, and with something public."""
        return self.not_banned().filter(profile_hidden=False).exclude(unlisted_members())

    def listed_for(self, reader: Any) -> Self:
        """Members whom this reader finds in the directory.

        Moderators also find members with nothing public yet, and everyone finds themselves.
        """
        sees_hidden = reader.is_authenticated and reader.is_moderator
        return self.listed_if(~unlisted_members(), reader.pk, sees_hidden=sees_hidden)

    def listed_if(self, has_public: models.Q, reader: int | None, *, sees_hidden: bool) -> Self:
        """`listed_for` with its parts as parameters, for prepared queries.

        has_public: the condition for members with something public; an empty one if they are selected by that
        already. reader: a key. sees_hidden: whether the reader is a moderator.
        """
        if sees_hidden:
            return self.not_banned()
        return self.not_banned().filter(has_public & models.Q(profile_hidden=False) | models.Q(pk=reader))

    def not_banned(self) -> Self:
        """Open accounts without a ban; suspended members are included."""
        return self.public().filter(models.Q(silent_until=None) | models.Q(silent_until__lt=NO_END))

    def with_links(self) -> Self:
        return self.prefetch_related("links")

    def with_topics(self) -> Self:
        from accounts.models import MemberTopic  # noqa: PLC0415 - models import querysets

        return self.prefetch_related(models.Prefetch("topics", MemberTopic.objects.select_related("topic")))

    def search(self, words: str) -> Self:
        """Members whose name, tagline, bio or topics contain every word, ignoring case and accents."""
        from accounts.models import MemberTopic  # noqa: PLC0415 - models import querysets

        found = self
        for word in search_key(words).split()[:MAX_SEARCH_WORDS]:
            found = found.filter(
                models.Q(search_text__contains=word)
                | models.Q(pk__in=MemberTopic.objects.filter(topic__key__contains=word).values("user"))
            )
        return found

    def with_topic(self, kind: str, topic: str) -> Self:
        """Members who can help with a topic or look for it, however it is spelt."""
        return self.filter(topics__kind=kind, topics__topic__key=search_key(topic))

    def named_like(self, begun: str) -> Self:
        """Members whose username, or any word of their display name, starts like this.

        Ignores case and accents.
        """
        begun = begun.casefold()
        plain = search_key(begun) or begun
        return self.filter(
            models.Q(username__startswith=begun)
            | models.Q(name_key__startswith=plain)
            | models.Q(name_key__contains=f" {plain}")
        )

    def by_name(self) -> Self:
        """In the order of the directory, which ignores case and accents."""
        return self.order_by("name_key", "pk")

    def after(self, name_key: str, pk: int) -> Self:
        """The members after this position in `by_name` (keyset pagination)."""
        return self.filter(models.Q(name_key__gt=name_key) | models.Q(name_key=name_key, pk__gt=pk))

    def staff(self) -> Self:
        """Hosts, staff and moderators."""
        return self.public().filter(models.Q(is_staff=True) | models.Q(groups__name="moderators")).distinct()

    def with_address(self, email: str) -> Any:
        """The member who confirmed this address or got it from the host, closed accounts included.

        An unfinished sign-up does not count. email: in lowercase, as all addresses are stored.
        """
        confirmed = self.filter(emailaddress__email=email, emailaddress__verified=True).first()
        return (
            confirmed
            or self.filter(email=email)
            .exclude(pk__in=self.never_signed_in().values("pk"))
            .order_by("pk")
            .first()
        )

    def moderating(self) -> Self:
        """Members who can moderate comments now: the rule of User.is_moderator as a queryset."""
        may_moderate = models.Q(codename="moderate_comment", content_type__app_label="comments")
        permitted = Permission.objects.filter(may_moderate)
        by_right = (
            models.Q(is_superuser=True)
            | models.Q(groups__permissions__in=permitted)
            | models.Q(user_permissions__in=permitted)
        )
        may_write = models.Q(silent_until=None) | models.Q(silent_until__lte=timezone.now())
        return self.public().filter(
            may_write, pk__in=self.model._default_manager.filter(by_right).values("pk")
        )

    def who_moderate(self, now: datetime) -> Self:
        """The same for a member given by key: `moderating` reads the rights of all."""
        from accounts.models.user import permissions_to_moderate  # noqa: PLC0415 - models import querysets

        may_write = models.Q(silent_until=None) | models.Q(silent_until__lte=now)
        has_right = models.Q(is_superuser=True) | models.Exists(
            permissions_to_moderate(models.OuterRef("pk"))
        )
        return self.public().filter(may_write & has_right)

    def never_signed_in(self) -> Self:
        """Unfinished sign-ups: no confirmed address, never signed in."""
        return self.filter(last_login=None, is_staff=False, emailaddress__verified=False).exclude(
            emailaddress__verified=True
        )


class TopicQuerySet(models.QuerySet):
    """Topics that members can help with or look for."""

    def most_offered(self) -> Self:
        """Topics that at least one member can help with; `offers` is the number of members.

        Closed accounts are counted: excluding them would cost more than the whole page.
        """
        return (
            self.filter(members__kind="help").annotate(offers=models.Count("pk")).order_by("-offers", "key")
        )

    def to_choose_from(self, most: int) -> Self:
        """The most offered topics, without those offered only by members whom others cannot find.

        Two queries.
        """
        from accounts.models import MemberTopic, User  # noqa: PLC0415 - models import querysets

        listed = User.objects.listed().filter(pk=models.OuterRef("user"))
        shown = MemberTopic.objects.filter(models.Exists(listed), topic=models.OuterRef("pk"), kind="help")
        offered = list(self.most_offered().values_list("pk", flat=True)[:most])
        return self.filter(ExistsForEach(shown), pk__in=offered).most_offered()


class IntroductionQuerySet(models.QuerySet):
    """Requests for an introduction."""

    def with_members(self) -> Self:
        """With both members, and only while both accounts are open."""
        return self.select_related("asker", "asked").filter(asker__is_active=True, asked__is_active=True)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def waiting_for(self, member: "User") -> Self:
        """Pending requests to a member, except from members they muted."""
        return self.filter(asked=member, state="waiting").exclude(asker__in=member.muted_ids)


class ProfileLinkQuerySet(models.QuerySet):
    """The links on profiles."""

    def with_counts(self) -> Self:
        """Annotate the number of clicks: `followed_lately` (last 30 days) and `followed_in_all`."""
        lately = models.Q(followed_on__day__gt=timezone.localdate() - timedelta(days=30))
        return self.annotate(
            followed_lately=Coalesce(models.Sum("followed_on__count", filter=lately), 0),
            followed_in_all=Coalesce(models.Sum("followed_on__count"), 0),
        )


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a base made by a call
    """Creates members with normalised addresses."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Lowercase the address: addresses are compared case-insensitively everywhere."""
        return super().normalize_email(email).lower()
