"""Links and topics of member profiles."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.networks import Network, network_of
from accounts.models.querysets import ProfileLinkQuerySet, TopicQuerySet
from core.markup.links import tidy_address
from core.utils.urls import WebAddressModelField


class Topic(models.Model):
    """A topic that members can help with or look for, in the spelling of the first member who entered it."""

    name = models.CharField(max_length=40)
    key = models.CharField(
        max_length=80,
        unique=True,
        help_text="The name without case and accents, so that one topic has one row however it is spelt.",
    )

    objects = TopicQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class MemberTopic(models.Model):
    """A subject that a member can help with or is looking for, in their own words."""

    class Kind(models.TextChoices):
        HELP = "help", _("can help with")
        LOOK = "look", _("is looking for")

    MAX_PER_KIND = 12

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topics", db_index=False
    )
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="members", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "topic"], name="one_topic_per_member_and_kind")
        ]
        indexes = [models.Index(fields=["topic", "kind", "user"], name="members_by_topic")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: {self.topic_id}"


class ProfileLink(models.Model):
    """A link on a member's profile: Twitter, XeeMe, a blog."""

    class State(models.TextChoices):
        """The result of the last check that settled something (docs/decisions/0015).

        The values are older than the names.
        """

        NOT_VERIFIED = "claimed", _("not verified")
        VERIFIED = "proved", _("verified")
        UNAVAILABLE = "gone", _("unavailable")

    class Problem(models.TextChoices):
        """Why the last check did not verify the link, for its owner. %(detail)s is `problem_detail`."""

        NO_LINK = "no_link", _("The page has no link with rel=“me” to your profile here.")
        NOT_THERE = "not_there", _("The page wasn’t found (response %(detail)s).")
        NO_HOST = "no_host", _("%(detail)s doesn’t exist.")
        NETWORK_GONE = "network_gone", _("%(detail)s has closed.")
        NOT_HTTPS = "not_https", _("Only addresses that start with https:// can be verified.")
        NOT_PUBLIC = "not_public", _("%(detail)s isn’t on the public web.")
        LEADS_ELSEWHERE = "leads_elsewhere", _("The page redirects to %(detail)s. Use that address instead.")
        TOO_MANY_REDIRECTS = "too_many_redirects", _("The page redirects too many times.")
        NOT_A_PAGE = "not_a_page", _("The address doesn’t lead to a web page (%(detail)s).")
        TOO_LARGE = (
            "too_large",
            _("The page is larger than 1 MB, and the first part has no link to your profile."),
        )
        UNREADABLE = "unreadable", _("We couldn’t read the page.")
        REFUSED = "refused", _("The server refused to show us the page (response %(detail)s).")
        SERVER_ERROR = "server_error", _("The server had an error (response %(detail)s).")
        BAD_CERTIFICATE = "bad_certificate", _("The server’s certificate isn’t valid for this address.")
        TOO_SLOW = "too_slow", _("The server took too long to respond.")
        NO_ANSWER = "no_answer", _("The server didn’t respond, or not over HTTP.")
        NOT_REACHED = (
            "not_reached",
            _(
                "We couldn’t reach it. That may be our fault, so nothing has changed. We’ll try again tomorrow."
            ),
        )

    MAX_PER_MEMBER = 100

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(
        _("label"),
        max_length=40,
        blank=True,
        help_text=_("For example Twitter or My blog. Leave blank to show the address."),
    )
    url = WebAddressModelField(_("address"), max_length=300)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    # Written by accounts/services/link_verification.py alone.
    state = models.CharField(max_length=8, choices=State, default=State.NOT_VERIFIED, editable=False)
    verified_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the page was last seen to link back."
    )
    checked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last checked."
    )
    check_asked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its owner last asked for a check."
    )
    next_check_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it will be checked again automatically."
    )
    failed_checks = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How many checks in a row had no result."
    )
    problem = models.CharField(max_length=20, blank=True, editable=False, help_text="One of Problem.")
    problem_detail = models.CharField(max_length=100, blank=True, editable=False)

    objects = ProfileLinkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["user", "url"], name="one_link_per_member_and_address"),
            models.CheckConstraint(
                condition=Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="link_goes_to_the_web",
            ),
            models.CheckConstraint(
                condition=~Q(state="proved") | Q(verified_at__isnull=False), name="proved_link_says_when"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="links_to_look_at_again",
            )
        ]

    def __str__(self) -> str:
        return self.label or (self.network.name if self.network else self.address)

    @property
    def address(self) -> str:
        """The URL in a readable form."""
        return tidy_address(self.url)

    @cached_property
    def network(self) -> Network | None:
        """The known service that the URL belongs to, such as Mastodon; None for any other site."""
        return network_of(self.url)

    @property
    def is_verified(self) -> bool:
        return self.state == self.State.VERIFIED

    @property
    def is_unavailable(self) -> bool:
        """Whether the page no longer exists or the whole network was shut down."""
        return self.state == self.State.UNAVAILABLE or (self.network is not None and self.network.is_closed)

    @property
    def is_being_checked(self) -> bool:
        """Whether a check was requested and has no result yet."""
        return self.check_asked_at is not None and (
            self.checked_at is None or self.checked_at < self.check_asked_at
        )

    @property
    def problem_text(self) -> str:
        """Why the last check did not verify the link; empty if it did, or if there was no check."""
        return self.Problem(self.problem).label % {"detail": self.problem_detail} if self.problem else ""


class LinkFollowed(models.Model):
    """The number of clicks on a link on one day. Nothing about who clicked, or at what time, is stored."""

    link = models.ForeignKey(ProfileLink, on_delete=models.CASCADE, related_name="followed_on")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="one_count_per_link_and_day")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.day}: {self.count}"
