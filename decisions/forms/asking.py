"""The forms that open a poll or a proposal."""

from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms.site_settings import MomentInput
from core.utils.form_fields import OneLineField, RedisplayMixin, TextField
from decisions.models import MAX_OPTIONS, OPTION_CHARACTERS, Decision, make_key
from decisions.services.asking import KEY, Plan
from posts.models import Post

# How many posts are offered, newest first.
POSTS = 100
# The longest time until a vote ends or a decision is reviewed.
LONGEST = timedelta(days=3 * 366)


class OptionsField(TextField):
    """One option per line. Returns a list without empty lines."""

    def clean(self, value: Any) -> Any:
        lines = [OneLineField(required=False).clean(line) for line in super().clean(value).split("\n")]
        options = [line for line in lines if line]
        if len(options) < 2:
            raise ValidationError(_("Enter at least two options, each on its own line."), code="too_few")
        if len(options) > MAX_OPTIONS:
            raise ValidationError(
                _(
                    "You entered %(count)d options; a poll can have at most %(most)d. Remove some, or split them between two polls."
                ),
                code="too_many",
                params={"count": len(options), "most": MAX_OPTIONS},
            )
        seen: set[str] = set()
        for option in options:
            if option.casefold() in seen:
                raise ValidationError(
                    _("“%(option)s” is listed twice."), code="twice", params={"option": option}
                )
            seen.add(option.casefold())
        for option in options:
            if len(option) > OPTION_CHARACTERS:
                raise ValidationError(
                    _("“%(option)s…” is too long: an option has at most %(most)d characters."),
                    code="too_long",
                    params={"option": option[:40], "most": OPTION_CHARACTERS},
                )
        return options


class MomentField(forms.DateTimeField):
    """A date and time in the reader's time zone."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid": gettext_lazy("Enter a date and a time.")}
        super().__init__(required=False, widget=MomentInput, error_messages=wrong, **kwargs)

    def clean(self, value: Any) -> Any:
        moment: datetime | None = super().clean(value)
        if moment is not None:
            check_far(moment.replace(tzinfo=None).date())
        return moment


def check_far(day: date) -> None:
    latest = timezone.localdate() + LONGEST
    if day > latest:
        raise ValidationError(_("Choose a day in the next %(years)d years.") % {"years": 3}, code="far")


class AskForm(RedisplayMixin, forms.Form):
    """The common fields of polls and proposals."""

    kind: str
    post = forms.ChoiceField(
        label=gettext_lazy("Post"),
        help_text=gettext_lazy("It appears among the comments of this post, and is discussed there."),
        error_messages={
            "required": gettext_lazy("Choose a post."),
            "invalid_choice": gettext_lazy("Choose a post."),
        },
    )
    title = OneLineField(label=gettext_lazy("Title"), max_length=200)
    # The name of the field in the comment form, whose errors are shown here.
    body = TextField(
        label=gettext_lazy("What it is about"),
        max_length=5000,
        required=False,
        help_text=gettext_lazy("You can use Markdown, as in comments."),
    )
    closes_at = MomentField(
        label=gettext_lazy("Closes"), help_text=gettext_lazy("Leave blank to close it yourself.")
    )
    key = forms.CharField(widget=forms.HiddenInput, validators=[RegexValidator(KEY)])

    def __init__(self, *args: Any, author: User, wanted: str = "", **kwargs: Any) -> None:
        kwargs["initial"] = {"key": make_key(), "post": wanted, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.posts = self._posts(author, (self.data.get("post") if self.is_bound else wanted) or "")
        choices = [("", _("Choose a post")), *((slug, post.title) for slug, post in self.posts.items())]
        cast(forms.ChoiceField, self.fields["post"]).choices = choices
        self.fields["body"].widget.attrs["rows"] = 6

    def _posts(self, author: User, wanted: str) -> dict[str, Post]:
        """The newest posts that accept comments and may be listed, and the requested one."""
        found = Post.objects.posts().filter(comments_open=True).order_by("-published_at", "-pk")
        posts = list(found.discoverable_by(author)[:POSTS])
        if wanted and "\x00" not in wanted and wanted not in {post.slug for post in posts}:
            posts += found.readable_by(author).filter(slug=wanted)
        return {post.slug: post for post in posts}

    @property
    def chosen_post(self) -> Post:
        return self.posts[self.cleaned_data["post"]]

    def clean_closes_at(self) -> datetime | None:
        closes_at: datetime | None = self.cleaned_data["closes_at"]
        if closes_at is not None and closes_at <= timezone.now():
            raise ValidationError(_("Choose a time in the future."), code="past")
        return closes_at

    def plan_fields(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"title": data["title"], "text": data["body"], "closes_at": data["closes_at"]}


class PollForm(AskForm):
    kind = Decision.Kind.POLL
    options = OptionsField(label=gettext_lazy("Options"), help_text=gettext_lazy("Each on its own line."))
    method = forms.ChoiceField(
        label=gettext_lazy("What people choose"),
        choices=Decision.Method,
        widget=forms.RadioSelect,
        initial=Decision.Method.SINGLE,
    )
    most = forms.IntegerField(
        label=gettext_lazy("At most"),
        min_value=1,
        max_value=MAX_OPTIONS,
        required=False,
        help_text=gettext_lazy("Only with several options. Leave blank for no limit."),
    )
    is_secret = forms.ChoiceField(
        label=gettext_lazy("Who can see how people voted"),
        choices=[
            ("", gettext_lazy("Everyone, by name. A vote can be changed until the poll closes.")),
            (
                "1",
                gettext_lazy(
                    "No one: the vote is secret and can’t be changed. Results are shown once the poll is closed."
                ),
            ),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    shows_early = forms.BooleanField(
        label=gettext_lazy("Show the results before the poll closes"), required=False
    )
    opens_at = MomentField(label=gettext_lazy("Opens"), help_text=gettext_lazy("Leave blank to open it now."))
    field_order = [
        "post",
        "title",
        "body",
        "options",
        "method",
        "most",
        "is_secret",
        "shows_early",
        "opens_at",
    ]

    def clean_opens_at(self) -> datetime | None:
        """A time in the past means now.

        Filling in the form takes minutes, and the year 1 is out of range in UTC.
        """
        opens_at: datetime | None = self.cleaned_data["opens_at"]
        return opens_at if opens_at is not None and opens_at > timezone.now() else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if closes_at and opens_at and closes_at <= opens_at:
            self.add_error("closes_at", _("It closes before it opens. Choose a later time."))
        if cleaned.get("most") and cleaned["most"] > len(cleaned.get("options") or range(MAX_OPTIONS)):
            self.add_error("most", _("There aren’t that many options."))
        if cleaned.get("is_secret") and cleaned.get("shows_early"):
            self.add_error(
                "shows_early",
                _("The results of a secret vote are shown once the poll is closed. Untick this."),
            )
        return cleaned

    @property
    def plan(self) -> Plan:
        data = self.cleaned_data
        is_several = data["method"] == Decision.Method.SEVERAL
        return Plan(
            kind=self.kind,
            options=data["options"],
            method=data["method"],
            most=data["most"] if is_several else None,
            is_secret=bool(data["is_secret"]),
            shows_early=data["shows_early"],
            opens_at=data["opens_at"],
            **self.plan_fields(),
        )


class ProposalForm(AskForm):
    kind = Decision.Kind.PROPOSAL
    stage = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        choices=[
            ("discuss", gettext_lazy("Discuss: comments first, positions later")),
            ("sense", gettext_lazy("Sense check: people say what they think, nothing is decided yet")),
            ("decide", gettext_lazy("Decide: the positions count")),
        ],
        widget=forms.RadioSelect,
        initial="sense",
    )
    field_order = ["post", "title", "body", "stage", "closes_at"]

    @property
    def plan(self) -> Plan:
        return Plan(kind=self.kind, stage=self.cleaned_data["stage"], **self.plan_fields())
