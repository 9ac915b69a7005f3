"""Who somebody is. One row is a member, profile included (docs/decisions/0003)."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser, Permission
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.networks import Network, network_of
from accounts.pictures import ProfilePictureField
from accounts.querysets import NO_END, IntroductionQuerySet, ProfileLinkQuerySet, TopicQuerySet, UserManager, unlisted_members
from accounts.validators import validate_username_signs
from core.addresses import WebAddressModelField
from core.markup import RENDERER_VERSION, plain_text, render_markdown, tidy_address
from core.text import one_line, search_key, skeleton, validate_name

AVATAR_TONES = 8
# Fields that others are made of when they are saved.
SOURCES_OF_OTHERS = {"display_name", "username", "tagline", "bio"}
MADE_OF_OTHERS = {"name_key", "name_skeleton", "username_skeleton", "bio_html", "renderer_version", "search_text"}


def permissions_to_moderate(member: int) -> models.QuerySet[Permission]:
    """The permission that makes a moderator, if this member has it; of their own, or by a group."""
    moderate = Permission.objects.filter(codename="moderate_comment", content_type__app_label="comments")
    return moderate.filter(Q(group__user=member) | Q(user=member))


class User(AbstractUser):
    class SeenBy(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        MEMBERS = "members", _("Members")
        ALL = "all", _("Everybody")

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
    # What the names look like (core.text.skeleton; accounts/names.py asks for it). A user name from before the rule that
    # looks like an older one has "#" and its number behind it.
    name_skeleton = models.CharField(max_length=200, editable=False, default="")
    username_skeleton = models.CharField(max_length=80, editable=False, default="")
    tagline = models.CharField(_("one line about you"), max_length=90, blank=True)
    bio = models.TextField(_("more, if you like"), max_length=2000, blank=True)
    bio_html = models.TextField(editable=False, blank=True)
    renderer_version = models.PositiveSmallIntegerField(editable=False, default=0, help_text=_("Of the renderer that drew the words. 0: none did."))
    avatar = ProfilePictureField(_("picture"), upload_to="avatars/", blank=True)
    avatar_alt = models.CharField(_("what the picture shows"), max_length=150, blank=True)
    cover = ProfilePictureField(_("wide picture"), upload_to="covers/", blank=True)
    cover_alt = models.CharField(_("what the wide picture shows"), max_length=150, blank=True)
    thread_order = models.CharField(max_length=8, blank=True, editable=False, help_text=_("How this member last sorted a talk. Empty: oldest first."))

    search_text = models.TextField(editable=False, default="", help_text=_("Names, line and bio as the directory searches them."))

    birthday_day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True, editable=False)
    birthday_month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True, editable=False)
    birthday_year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, editable=False)
    birthday_seen_by = models.CharField(_("who sees it"), max_length=7, choices=SeenBy, default=SeenBy.NOBODY, editable=False)
    takes_introductions = models.BooleanField(_("members may ask to be introduced to me"), default=False)
    # Kept by accounts.writing alone. It ends by itself, and costs no page a query.
    silent_until = models.DateTimeField(_("only reads until"), null=True, blank=True, editable=False)

    objects = UserManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("username"), name="one_member_per_username_in_any_case"),
            # Rows that were not saved one by one have none.
            models.UniqueConstraint(
                fields=["username_skeleton"],
                condition=~Q(username_skeleton=""),
                name="one_member_per_look_of_a_username",
                violation_error_message=_("This name is taken, or too close to one that is. Try another."),
            ),
            models.CheckConstraint(
                name="birthday_is_a_day_of_a_month",
                condition=Q(birthday_day=None, birthday_month=None, birthday_year=None)
                # "Is not null" in so many words: to a database, what it does not know is no breach.
                | Q(birthday_day__isnull=False, birthday_month__isnull=False)
                & (
                    Q(birthday_day__range=(1, 31), birthday_month__in=[1, 3, 5, 7, 8, 10, 12])
                    | Q(birthday_day__range=(1, 30), birthday_month__in=[4, 6, 9, 11])
                    | Q(birthday_day__range=(1, 29), birthday_month=2)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="members_by_name"),
            models.Index(fields=["name_skeleton"], name="members_by_look_of_name"),
        ]

    def __str__(self) -> str:
        return self.get_display_name()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.display_name = one_line(self.display_name)
        self.tagline = one_line(self.tagline)
        self.name_key = self.get_display_name().casefold()[:60]
        self.name_skeleton = skeleton(self.get_display_name())[:200]
        if self.username_skeleton.partition("#")[0] != (look := skeleton(self.username)):
            self.username_skeleton = look
        self.draw_bio()
        self.search_text = search_key(" ".join([self.display_name, self.username, self.tagline, plain_text(self.bio_html)]))
        if kwargs.get("update_fields") is not None and SOURCES_OF_OTHERS & {*kwargs["update_fields"]}:
            kwargs["update_fields"] = {*kwargs["update_fields"], *MADE_OF_OTHERS}
        super().save(*args, **kwargs)

    def draw_bio(self) -> None:
        self.bio_html = render_markdown(self.bio).html
        self.renderer_version = RENDERER_VERSION

    def clean(self) -> None:
        super().clean()
        self.username = self.username.lower()
        from accounts.names import validate_display_name  # noqa: PLC0415 - names look at members

        if not User.objects.filter(pk=self.pk, display_name=one_line(self.display_name)).exists():
            validate_display_name(self.display_name, but=self)

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

    @property
    def may_write(self) -> bool:
        """Whether they may write, thank, report and ask now. Everything that lets members speak asks here, or `check_may_write`."""
        return self.is_active and (self.silent_until is None or self.silent_until <= timezone.now())

    @property
    def is_banned(self) -> bool:
        """May not write, without an end."""
        return self.silent_until is not None and self.silent_until >= NO_END

    def shows_page_to(self, reader: "User | AnonymousUser") -> bool:
        """Whether this reader finds more than the name on their page.

        While they are banned, or nobody has read anything of theirs, only they and moderators do.
        """
        if self == reader or (reader.is_authenticated and reader.is_moderator):
            return True
        return not (self.is_banned or self.is_unlisted)

    @cached_property
    def is_unlisted(self) -> bool:
        """Whether all they wrote was held or taken out, so that nobody has read anything of theirs."""
        return User.objects.filter(unlisted_members(), pk=self.pk).exists()

    @cached_property
    def is_moderator(self) -> bool:
        """Asked on every page, so in one statement (has_perm takes two, and reads all permissions there are)."""
        return self.may_write and (self.is_superuser or permissions_to_moderate(self.pk).exists())

    # --- birthday -----------------------------------------------------------

    def birthday_in(self, year: int) -> date | None:
        """The birthday in some year. Who was born on 29 February celebrates on the 28th when there is no 29th."""
        if self.birthday_month is None or self.birthday_day is None:
            return None
        day = min(self.birthday_day, monthrange(year, self.birthday_month)[1])
        return date(year, self.birthday_month, day)

    def shows_birthday_to(self, reader: "User | AnonymousUser") -> bool:
        if self.birthday_day is None:
            return False
        if self.birthday_seen_by == self.SeenBy.ALL or self == reader:
            return True
        return self.birthday_seen_by == self.SeenBy.MEMBERS and reader.is_authenticated

    def has_birthday_for(self, reader: "User | AnonymousUser") -> bool:
        """Whether it is today, by the clock of this site, and this reader may know."""
        if self.birthday_day is None:
            return False
        today = timezone.localdate()
        return self.birthday_in(today.year) == today and self.shows_birthday_to(reader)


class ChosenPicture(models.Model):
    """A picture that was chosen for a profile which is not saved yet: no form gives a file back to the browser.

    One for each field; the form that may use it names its key. `accounts.tasks` lets go of it after a day.
    """

    class Field(models.TextChoices):
        AVATAR = "avatar", _("picture")
        COVER = "cover", _("wide picture")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chosen_pictures", db_index=False)
    field = models.CharField(max_length=6, choices=Field)
    file = ProfilePictureField()  # lies where a saved one lies, so that it need not be moved
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "field"], name="one_chosen_picture_per_field")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.field}: {self.file.name}"


def get_display_name(user: User) -> str:
    """For settings.ACCOUNT_USER_DISPLAY."""
    return user.get_display_name()


class Topic(models.Model):
    """Something that members help with or look for, under the name that the first of them gave it."""

    name = models.CharField(max_length=40)
    key = models.CharField(max_length=80, unique=True, help_text=_("The name without case and accents: one topic, however it is spelt."))

    objects = TopicQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class MemberTopic(models.Model):
    class Kind(models.TextChoices):
        HELP = "help", _("can help with")
        LOOK = "look", _("is looking for")

    MAX_PER_KIND = 12

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="topics", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="members", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "topic"], name="one_topic_per_member_and_kind")]
        indexes = [models.Index(fields=["topic", "kind", "user"], name="members_by_topic")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: {self.topic_id}"


class Introduction(models.Model):
    """One member asks to be introduced to another. Words go through us; no address is shown to anybody.

    One who says no is not named: the asker goes on waiting.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_asked")
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_received")
    words = models.TextField(_("words"), max_length=1000)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asker", "asked"], condition=~Q(state="accepted"), name="asked_once_until_accepted"),
            models.CheckConstraint(condition=~Q(asker=models.F("asked")), name="nobody_is_introduced_to_themselves"),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at=None) | Q(~Q(state="waiting"), answered_at__isnull=False),
                name="answered_introduction_says_when",
            ),
        ]
        indexes = [models.Index(fields=["asker", "created_at"], name="introductions_by_asker")]

    def __str__(self) -> str:
        return f"{self.asker_id} → {self.asked_id}: {self.state}"


class Follow(models.Model):
    """A member who wants to hear when another writes. Nobody is told that they are followed."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="followed_once_by_each_member"),
            models.CheckConstraint(condition=~Q(follower=models.F("followed")), name="nobody_follows_themselves"),
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
            models.CheckConstraint(condition=~Q(member=models.F("muted")), name="nobody_mutes_themselves"),
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
        NOT_REACHED = "not_reached", _("We couldn't reach it. That may be our fault, so nothing has changed. We'll try again tomorrow.")

    MAX_PER_MEMBER = 100

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(_("label"), max_length=40, blank=True, help_text=_("Such as Twitter, XeeMe or My blog. Left empty, the address speaks."))
    url = WebAddressModelField(_("address"), max_length=300)
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
            models.CheckConstraint(condition=Q(url__startswith="http://") | Q(url__startswith="https://"), name="link_goes_to_the_web"),
            models.CheckConstraint(condition=~Q(state="proved") | Q(proved_at__isnull=False), name="proved_link_says_when"),
        ]
        indexes = [models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="links_to_look_at_again")]

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


class MailedCode(models.Model):
    """Six digits that went to an address, for somebody who may have an account or not: nobody has looked yet.

    accounts/codes.py makes and tries them. Rows stay for as long as they count for the limits.
    """

    MAX_TRIES = 3

    email = models.EmailField()
    sender = models.CharField(max_length=32, help_text=_("core.ratelimit.sender_key of who asked for it."))
    digest = models.CharField(max_length=64, help_text=_("A keyed hash of the code."))
    failed_tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(failed_tries__lte=3), name="a_code_bears_three_tries")]
        indexes = [
            models.Index(fields=["email", "created_at"], name="codes_by_address"),
            models.Index(fields=["sender", "created_at"], name="codes_by_sender"),
            models.Index(fields=["created_at"], name="codes_by_time"),
        ]

    def __str__(self) -> str:
        return f"code of {self.created_at}"

    @property
    def tries_left(self) -> int:
        return self.MAX_TRIES - self.failed_tries

    @property
    def is_old(self) -> bool:
        return timezone.now() - self.created_at > timedelta(minutes=settings.MAILED_CODE_MINUTES)

    @property
    def is_over(self) -> bool:
        """Whether it brings nobody in any more."""
        return self.is_old or not self.tries_left or self.used_at is not None


class CodeTry(models.Model):
    """A code that somebody asked for, or a wrong one that they typed; kept for as long as it counts (accounts/code_limits.py).

    For whom and where from are keyed hashes: the table names nobody, and does not say who is a member.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", "mailed code, asked for"
        TYPED = "typed", "mailed code, typed"
        APP = "app", "code of an app or recovery code, typed"

    kind = models.CharField(max_length=5, choices=Kind)
    subject = models.CharField(max_length=32)
    sender = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "kind", "created_at"], name="code_tries_by_subject"),
            models.Index(fields=["sender", "kind", "created_at"], name="code_tries_by_sender"),
            models.Index(fields=["created_at"], name="code_tries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.created_at}"


class DataExport(models.Model):
    """A ZIP file with all that is kept about a member, asked for by them. Made by the worker, swept after some days."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    # In the private storage (settings.STORAGES), which no web server shows.
    file = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text=_("In bytes."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ready_at=None), name="one_export_at_a_time"),
            models.CheckConstraint(condition=Q(ready_at=None) | ~Q(file=""), name="ready_export_has_a_file"),
        ]
        indexes = [models.Index(fields=["asked_at"], name="exports_by_age")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + timedelta(days=settings.EXPORT_DAYS)


class Departure(models.Model):
    """A member who leaves. Until `due_at` the account rests and they can stay; then what they wished is carried out.

    The row goes when everything is done. From `begun_at` on there is no way back.
    """

    class Words(models.TextChoices):
        ERASE = "erase", _("Erase my words")
        KEEP = "keep", _("Keep them under a neutral name")

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="departure", primary_key=True)
    words = models.CharField(_("What becomes of what you wrote"), max_length=5, choices=Words)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    # The host closed the account meanwhile: what the member wished is carried out, but they cannot open it again.
    is_final = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="departures_by_day")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.words} {self.due_at:%Y-%m-%d}"

    @property
    def erases(self) -> bool:
        return self.words == self.Words.ERASE


class FormerName(models.Model):
    """A user name that belonged to somebody who left: nobody else gets it. Only a keyed hash of it is kept."""

    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.digest[:8]
