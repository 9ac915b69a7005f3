"""Who somebody is. One row is a member, profile included (docs/decisions/0003)."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Permission
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.networks import Network, network_of
from accounts.querysets import ProfileLinkQuerySet, UserManager
from accounts.validators import validate_username_signs
from core.markup import RENDERER_VERSION, render_markdown, tidy_address
from core.text import one_line, validate_name

AVATAR_TONES = 8


class User(AbstractUser):
    username = models.CharField(
        _("name in addresses"),
        max_length=30,
        unique=True,
        validators=[validate_username_signs],
        error_messages={"unique": _("This name is taken. Try another.")},
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(
        _("name"), max_length=60, blank=True, validators=[validate_name], help_text=_("What people should call you here.")
    )
    name_key = models.CharField(max_length=60, editable=False, default="", help_text=_("Sorts the directory."))
    tagline = models.CharField(_("one line about you"), max_length=90, blank=True)
    bio = models.TextField(_("more, if you like"), max_length=2000, blank=True)
    bio_html = models.TextField(editable=False, blank=True)
    renderer_version = models.PositiveSmallIntegerField(editable=False, default=0, help_text=_("Of the renderer that drew the words. 0: none did."))
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    thread_order = models.CharField(max_length=8, blank=True, editable=False, help_text=_("How this member last sorted a talk. Empty: oldest first."))

    objects = UserManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("username"), name="one_member_per_username_in_any_case"),
        ]
        indexes = [models.Index(fields=["name_key", "id"], name="members_by_name")]

    def __str__(self) -> str:
        return self.get_display_name()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.display_name = one_line(self.display_name)
        self.tagline = one_line(self.tagline)
        self.name_key = self.get_display_name().casefold()[:60]
        self.draw_bio()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"]} | (
                {"name_key", "bio_html", "renderer_version"} if {"display_name", "bio", "username"} & {*kwargs["update_fields"]} else set()
            )
        super().save(*args, **kwargs)

    def draw_bio(self) -> None:
        self.bio_html = render_markdown(self.bio).html
        self.renderer_version = RENDERER_VERSION

    def clean(self) -> None:
        super().clean()
        self.username = self.username.lower()
        if self.display_name:
            validate_name(one_line(self.display_name))

    def get_absolute_url(self) -> str:
        return reverse("accounts:member-detail", args=[self.username])

    def get_display_name(self) -> str:
        return self.display_name or self.username

    get_full_name = get_display_name
    get_short_name = get_display_name

    @property
    def initial(self) -> str:
        return self.get_display_name()[:1].upper()

    @property
    def tone(self) -> int:
        """Which of the quiet colours stands behind the initial, 1 to AVATAR_TONES."""
        return (self.pk or 0) % AVATAR_TONES + 1

    @cached_property
    def muted_ids(self) -> frozenset[int]:
        """Whom this member would rather not hear from."""
        return frozenset(self.mutes.values_list("muted_id", flat=True))

    @property
    def is_host(self) -> bool:
        """The host writes in the admin."""
        return self.is_active and self.is_staff

    @cached_property
    def is_moderator(self) -> bool:
        """Asked on every page, so in one statement (has_perm takes two, and reads all permissions there are)."""
        if not self.is_active or self.is_superuser:
            return self.is_active
        may_moderate = Permission.objects.filter(codename="moderate_comment", content_type__app_label="comments")
        return may_moderate.filter(models.Q(group__user=self) | models.Q(user=self)).exists()


def get_display_name(user: User) -> str:
    """For settings.ACCOUNT_USER_DISPLAY."""
    return user.get_display_name()


class Follow(models.Model):
    """A member who wants to hear when another writes. Nobody is told that they are followed."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="followed_once_by_each_member"),
            models.CheckConstraint(condition=~models.Q(follower=models.F("followed")), name="nobody_follows_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id}"


class Mute(models.Model):
    """A member who would rather not hear from another: their branches come folded, and their words cause no alert.

    The muted one never knows.
    """

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="muted_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "muted"], name="muted_once_by_each_member"),
            models.CheckConstraint(condition=~models.Q(member=models.F("muted")), name="nobody_mutes_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} ✕ {self.muted_id}"


class ProfileLink(models.Model):
    """A place elsewhere where a member can be found: Twitter, XeeMe, a blog."""

    class State(models.TextChoices):
        CLAIMED = "claimed", _("claimed")
        PROVED = "proved", _("proved")
        GONE = "gone", _("gone")

    class Problem(models.TextChoices):
        """Why the last look did not prove it, for the owner to read. %(detail)s is `problem_detail`."""

        NO_LINK = "no_link", _("The page has no link with rel=“me” to your page here.")
        NOT_THERE = "not_there", _("The page is not there (answer %(detail)s).")
        NO_HOST = "no_host", _("There is no %(detail)s.")
        NETWORK_GONE = "network_gone", _("%(detail)s has closed.")
        NOT_HTTPS = "not_https", _("Only an address that begins with https:// can be proved.")
        NOT_PUBLIC = "not_public", _("%(detail)s is not a place on the public web.")
        LEADS_ELSEWHERE = "leads_elsewhere", _("The page leads on to %(detail)s. Give that address instead.")
        TOO_MANY_REDIRECTS = "too_many_redirects", _("The page leads on, and on, and on.")
        NOT_A_PAGE = "not_a_page", _("What is there is not a page (%(detail)s).")
        TOO_LARGE = "too_large", _("The page is larger than 1 MB, and there was no link to your page in the first part.")
        UNREADABLE = "unreadable", _("The page is built in a way that cannot be read.")
        REFUSED = "refused", _("The server would not show us the page (answer %(detail)s).")
        SERVER_ERROR = "server_error", _("The server had a fault (answer %(detail)s).")
        BAD_CERTIFICATE = "bad_certificate", _("The server's certificate is not valid for this address.")
        TOO_SLOW = "too_slow", _("The server took too long.")
        NO_ANSWER = "no_answer", _("The server did not answer, or not in HTTP.")

    MAX_PER_MEMBER = 100

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(_("label"), max_length=40, blank=True, help_text=_("Such as Twitter, XeeMe or My blog. Left empty, the address speaks."))
    url = models.URLField(_("address"), max_length=300, validators=[URLValidator(schemes=["http", "https"])])
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    # What is known of it; kept by accounts/proof.py alone.
    state = models.CharField(max_length=8, choices=State, default=State.CLAIMED, editable=False)
    proved_at = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("When the page was last seen to link back."))
    checked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("When we last looked."))
    check_asked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("When its owner last asked us to look."))
    next_check_at = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("When we look again by ourselves."))
    failed_checks = models.PositiveSmallIntegerField(default=0, editable=False, help_text=_("How often in a row nobody could tell."))
    problem = models.CharField(max_length=20, blank=True, editable=False, help_text=_("One of Problem."))
    problem_detail = models.CharField(max_length=100, blank=True, editable=False)

    objects = ProfileLinkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["user", "url"], name="one_link_per_member_and_address"),
            models.CheckConstraint(condition=models.Q(url__startswith="http://") | models.Q(url__startswith="https://"), name="link_goes_to_the_web"),
            models.CheckConstraint(condition=~models.Q(state="proved") | models.Q(proved_at__isnull=False), name="proved_link_says_when"),
        ]
        indexes = [models.Index(fields=["next_check_at"], condition=models.Q(next_check_at__isnull=False), name="links_to_look_at_again")]

    def __str__(self) -> str:
        return self.label or (self.network.name if self.network else self.address)

    @property
    def address(self) -> str:
        """The address as people read it."""
        return tidy_address(self.url)

    @cached_property
    def network(self) -> Network | None:
        return network_of(self.url)

    @property
    def is_proved(self) -> bool:
        return self.state == self.State.PROVED

    @property
    def is_gone(self) -> bool:
        """Nobody finds it there any more: the page went, or the whole network closed."""
        return self.state == self.State.GONE or (self.network is not None and self.network.is_gone)

    @property
    def is_being_checked(self) -> bool:
        return self.check_asked_at is not None and (self.checked_at is None or self.checked_at < self.check_asked_at)

    @property
    def problem_in_words(self) -> str:
        """Why the last look did not prove it; empty when it did, or when nobody looked."""
        return self.Problem(self.problem).label % {"detail": self.problem_detail} if self.problem else ""


class LinkFollowed(models.Model):
    """How often a link was followed on a day. Nothing says by whom: no address, no member, no time of day."""

    link = models.ForeignKey(ProfileLink, on_delete=models.CASCADE, related_name="followed_on")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="one_count_per_link_and_day")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.day}: {self.count}"
