"""Memorials. Memories are comments below a post of its own kind (docs/decisions/0110).

Whether an account is a memorial is also a column of the member (User.memorial_since), so that no page needs
another query.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models import Comment
from core.utils.exists import ExistsForEach
from posts.models import OldAddress, Post
from posts.models.old_addresses import old_address_key

# For this long either keeper can undo a memorial, and everything of the account still exists.
UNDO_FOR = timedelta(days=30)
# The end of its post's slug, after the username.
ENDING = "~memorial"


class MemorialQuerySet(models.QuerySet):
    """Memorials of members who have died, and proposals for one."""

    def open(self) -> Self:
        return self.filter(state="open")

    def shown_to(self, reader: Any) -> Self:
        """Open memorials that this reader may find, newest first."""
        posts = Post.objects.discoverable_by(reader).filter(pk=OuterRef("post"))
        return self.open().filter(ExistsForEach(posts.order_by())).order_by("-opened_at", "-pk")

    def kept_by(self, user: Any) -> Self:
        """Memorials of which this user is one of the two keepers."""
        return self.filter(Q(host=user.pk) | Q(keeper=user.pk))

    def with_members(self) -> Self:
        return self.select_related("post", "member", "host", "keeper")

    def for_list(self) -> Self:
        """With what a list of hundreds shows: no letters, no texts of posts, no keepers."""
        texts = ("letter", "before", "post__body", "member__bio", "member__bio_html")
        return self.select_related("post", "member").defer(*texts, "member__search_text")


class Memorial(models.Model):
    """A memorial. Its post belongs to the member and contains the letter as HTML.

    before: what `undo` restores (services/closing.py).
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("awaiting the second keeper")
        OPEN = "open", pgettext_lazy("memorial", "open")
        DECLINED = "declined", _("declined")
        UNDONE = "undone", _("undone")

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="memorial")
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memorial")
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="memorials_hosted"
    )
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="memorials_kept"
    )
    host_confirmed_at = models.DateTimeField(null=True)
    keeper_confirmed_at = models.DateTimeField(null=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    opened_at = models.DateTimeField(null=True)
    # Sessions and tokens of the account are deleted, and `before` is empty.
    settled_at = models.DateTimeField(null=True)
    before = models.JSONField(default=dict)

    dates = models.CharField(pgettext_lazy("of a life", "dates"), max_length=120, blank=True)
    # Markdown, as typed.
    letter = models.TextField(_("letter"), max_length=20_000, blank=True)
    # There may be a link, a file, or both.
    recording = models.URLField(_("recording"), max_length=500, blank=True)
    recording_file = models.FileField(
        _("recording"), upload_to="memorials/", blank=True, default="", db_default=""
    )
    recording_label = models.CharField(_("what the recording is"), max_length=120, blank=True)

    objects = MemorialQuerySet.as_manager()

    class Meta:
        verbose_name = _("memorial")
        verbose_name_plural = _("memorials")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "open", "declined", "undone"]),
                name="memorial_state_is_known",
            ),
            # A missing keeper equals no one: a CHECK that evaluates to NULL is not violated.
            models.CheckConstraint(condition=~Q(host=F("keeper")), name="memorial_has_two_keepers"),
            models.CheckConstraint(
                condition=~Q(state="open")
                | Q(
                    host_confirmed_at__isnull=False,
                    keeper_confirmed_at__isnull=False,
                    opened_at__isnull=False,
                ),
                name="open_memorial_is_confirmed_by_both",
            ),
        ]

    def __str__(self) -> str:
        return self.post.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def undo_until(self) -> datetime | None:
        """Until when it can be undone; None if it is not open."""
        return self.opened_at + UNDO_FOR if self.is_open and self.opened_at else None

    @property
    def keepers(self) -> list[Any]:
        """The host who proposed it and the second keeper, without those whose accounts are gone."""
        return [one for one in (self.host, self.keeper) if one is not None]

    def is_kept_by(self, user: Any) -> bool:
        return bool(user.is_authenticated and user.pk in {self.host_id, self.keeper_id})


class Step(models.Model):
    """An entry in the log of a memorial. by: empty for someone not signed in, and for the site itself."""

    class Kind(models.TextChoices):
        PROPOSED = "proposed", _("proposed the memorial and confirmed it")
        CONFIRMED = "confirmed", _("confirmed as the second keeper")
        DECLINED = "declined", _("declined to confirm")
        OPENED = "opened", _("The memorial was opened and the account closed.")
        TOLD = "told", _("wrote to the keepers")
        EDITED = "edited", _("edited the page")
        PICTURE = "picture", _("added a picture")
        PICTURE_GONE = "no_picture", _("removed a picture")
        RECORDING = "recording", _("added a recording")
        RECORDING_GONE = "no_record", _("removed a recording")
        BOOK = "book", _("asked for the book")
        SETTLED = "settled", _("Devices and API tokens of the account were removed for good.")
        ERASURE = "erasure", _("asked to erase the account")
        UNDONE = "undone", _("undid the memorial and opened the account again")

    # Kinds without an actor.
    BY_ITSELF = frozenset({Kind.OPENED, Kind.SETTLED})

    memorial = models.ForeignKey(Memorial, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="memorial_steps"
    )
    words = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("step of a memorial")
        verbose_name_plural = _("steps of memorials")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.memorial_id} {self.kind}"

    @property
    def is_by_itself(self) -> bool:
        return self.kind in self.BY_ITSELF


class MemorialPicture(models.Model):
    """Re-encoded, so without location and camera data (core.utils.images)."""

    memorial = models.ForeignKey(Memorial, on_delete=models.CASCADE, related_name="pictures")
    file = models.ImageField(_("picture"), upload_to="memorials/", width_field="width", height_field="height")
    alt = models.CharField(_("alt text"), max_length=200)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="memorial_pictures"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("picture of a memorial")
        verbose_name_plural = _("pictures of memorials")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(alt=""), name="memorial_picture_is_described")]

    def __str__(self) -> str:
        return self.alt


class FamilyChoice(models.Model):
    """Whether the family may have a memory. Without a row, its author has not answered, which means no."""

    comment = models.OneToOneField(
        Comment, on_delete=models.CASCADE, primary_key=True, related_name="family_choice"
    )
    is_allowed = models.BooleanField()

    class Meta:
        verbose_name = _("choice about a memory")
        verbose_name_plural = _("choices about memories")

    def __str__(self) -> str:
        return f"{self.comment_id} {self.is_allowed}"


class Custodian(models.Model):
    """The person a member chose during their lifetime for a possible memorial."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="custodian_choice"
    )
    custodian = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="custodian_of"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("custodian")
        verbose_name_plural = _("custodians")
        constraints = [
            models.CheckConstraint(condition=~Q(member=F("custodian")), name="custodian_is_somebody_else")
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.custodian_id}"


class Book(models.Model):
    """The book of a memorial, made by the worker. file: in the private storage, "" until ready_at."""

    memorial = models.OneToOneField(Memorial, on_delete=models.CASCADE, primary_key=True, related_name="book")
    asked_at = models.DateTimeField(default=timezone.now)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=100, blank=True)
    # Of all its contents: a book with something that was changed or withdrawn since is not handed out.
    digest = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("book of a memorial")
        verbose_name_plural = _("books of memorials")

    def __str__(self) -> str:
        return f"{self.memorial_id}: {self.done}/{self.total}"

    @property
    def is_being_made(self) -> bool:
        return self.ready_at is None and self.failed_at is None


def slug_of(member: Any) -> str:
    """The slug of the post of a member's memorial.

    "~" cannot be typed, so it never blocks a slug of the host's.
    """
    return f"{member.username}{ENDING}"


def memorial_of(username: str) -> Memorial | None:
    """A member's memorial in any state, by username.

    An earlier username is found if no one with a memorial has it now.
    """
    memorials = Memorial.objects.with_members()
    found = memorials.filter(member__username=username.lower()).first()
    if found is None:
        path = f"/members/{username}/memorial/"
        former = OldAddress.objects.filter(key=old_address_key(path), post__kind=Post.Kind.MEMORIAL)
        found = memorials.filter(pk__in=former.values("post")).first()
    return found


def sync_publication(*, is_on: bool) -> None:
    """Publish the posts of open memorials, or unpublish them all while the part is off."""
    posts = Post.objects.filter(kind=Post.Kind.MEMORIAL, trashed_at=None)
    if not is_on:
        posts.exclude(published_at=None).update(published_at=None)
        return
    opened = Memorial.objects.open().filter(pk=OuterRef("pk")).values("opened_at")
    hidden = posts.filter(pk__in=Memorial.objects.open().values("pk"), published_at=None)
    hidden.update(published_at=Subquery(opened))
