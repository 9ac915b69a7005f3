"""Forms for a whole discussion and for one comment in it."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.forms.comment import BodyField
from comments.forms.seen import SeenTextMixin
from comments.models import Comment, Discussion, DiscussionDefaults, Policy
from comments.services.discussion import choose_defaults, choose_rules
from core.utils.text import one_line
from moderation.models import CommentRule
from moderation.services import discussions
from moderation.services.blocklist import read_domain
from moderation.services.own_lists import folded
from posts.models import Post
from posts.services.publishing import set_comments_open

SLOW_MINUTES = [1, 5, 10, 30, 60, 180]


class HighlightForm(forms.Form):
    """The action of a button beside a comment."""

    do = forms.ChoiceField(
        choices=[(name, name) for name in ("pin", "unpin", "choose", "unchoose", "close", "reopen")]
    )

    def save(self, comment: Comment, *, by: User) -> bool:
        """Returns False if nothing changed. Raises ValidationError."""
        return discussions.highlight(comment, self.cleaned_data["do"], by=by)


class CorrectionForm(SeenTextMixin, forms.Form):
    """The new text of someone else's comment."""

    body = BodyField()

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment = comment
        self.initial.setdefault("body", comment.body)
        self.fields["body"].label = _("Text of the comment")

    def save(self, *, by: User) -> Comment:
        """Raises ValidationError."""
        text, seen = self.cleaned_data["body"], self.cleaned_data["seen"]
        with self.noting_newer_text():
            return discussions.correct(self.comment, body=text, by=by, seen=seen)


class SlowModeForm(forms.Form):
    """What moderators may change under a post: slow mode, and whether comments are open."""

    slow_minutes = forms.TypedChoiceField(
        label=_("Slow mode"),
        coerce=int,
        empty_value=0,  # type: ignore[arg-type]  # any value, as Django's docs say
        required=False,
    )
    comments_open = forms.BooleanField(label=_("Comments are open"), required=False)

    def __init__(self, *args: Any, post: Post, discussion: Discussion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post, self.discussion = post, discussion
        self.initial.update(slow_minutes=discussion.slow_minutes, comments_open=post.comments_open)
        offered = sorted({*SLOW_MINUTES, discussion.slow_minutes} - {0})
        cast(forms.ChoiceField, self.fields["slow_minutes"]).choices = [
            (0, _("Off")),
            *(
                (minutes, _("One comment per person in %(minutes)d minutes") % {"minutes": minutes})
                for minutes in offered
            ),
        ]

    def save(self, *, by: User) -> None:
        discussions.slow_down(self.post, minutes=self.cleaned_data["slow_minutes"], by=by)
        set_comments_open(self.post, self.cleaned_data["comments_open"], by=by)


class DiscussionForm(SlowModeForm):
    """The same, and what only the host may change: who can comment, and until when."""

    policy = forms.ChoiceField(label=_("Who can comment"), required=False, widget=forms.RadioSelect)
    known_days = forms.IntegerField(
        label=_("Days of membership"),
        required=False,
        min_value=0,
        max_value=3650,
        help_text=_("If only people who have been members for some days can comment."),
    )
    close_after_days = forms.IntegerField(
        label=_("Close comments after this many days"),
        required=False,
        min_value=0,
        max_value=3650,
        help_text=_("Counted from publication. Leave blank for the default; 0: never."),
    )
    field_order = ["policy", "known_days", "close_after_days", "slow_minutes", "comments_open"]

    def __init__(self, *args: Any, post: Post, discussion: Discussion, **kwargs: Any) -> None:
        super().__init__(*args, post=post, discussion=discussion, **kwargs)
        default = DiscussionDefaults.current()
        # Without "no one": for that, comments are closed.
        policies = [choice for choice in Policy.choices if choice[0] != Policy.CLOSED]
        label = _("Default for all posts: %(policy)s") % {"policy": default.get_policy_display()}
        cast(forms.ChoiceField, self.fields["policy"]).choices = [("", label), *policies]
        for name in ("policy", "known_days", "close_after_days"):
            self.initial[name] = getattr(discussion, name)
        self.fields["known_days"].widget.attrs["placeholder"] = default.known_days

    def save(self, *, by: User) -> None:
        chosen = {name: self.cleaned_data[name] for name in ("policy", "known_days", "close_after_days")}
        choose_rules(self.post, **chosen)
        super().save(by=by)


class RulesForm(forms.Form):
    """New entries for the host's own lists, one per line.

    Entries that exist get the new action and reason.
    """

    MAX_LINES = 500

    kind = forms.ChoiceField(label=_("If a comment contains"), choices=CommentRule.Kind.choices)
    values = forms.CharField(
        label=_("Terms, domains or a number of links"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One per line. A * at the end of a word matches any ending."),
    )
    action = forms.ChoiceField(label=_("Then"), choices=CommentRule.Action.choices)
    note = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("Optional. Shown to the author of a comment that is refused."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "values" in cleaned and "kind" in cleaned:
            try:
                cleaned["lines"] = self.read_lines(cleaned["kind"], cleaned["values"])
            except ValidationError as error:
                self.add_error("values", error)
        return cleaned

    def read_lines(self, kind: str, typed: str) -> list[str]:
        lines = list(dict.fromkeys(one_line(line) for line in typed.splitlines() if line.strip()))
        if len(lines) > self.MAX_LINES:
            raise ValidationError(_("Add up to %(limit)d lines at a time."), params={"limit": self.MAX_LINES})
        if kind == CommentRule.Kind.DOMAIN:
            return [read_domain(line, may_block_shared=True) for line in lines]
        if kind == CommentRule.Kind.LINKS:
            if len(lines) != 1 or not lines[0].isdecimal() or int(lines[0]) > 1000:
                raise ValidationError(_("Enter one number, such as 3."))
            return [str(int(lines[0]))]
        for line in lines:
            if len(line) > 253 or not line.strip("* "):
                raise ValidationError(_("“%(line)s” isn’t a word or phrase."), params={"line": line[:40]})
        return [folded(line) for line in lines]

    def save(self) -> int:
        """Save the entries. Returns how many of them are on the lists now."""
        kind = self.cleaned_data["kind"]
        chosen = {"action": self.cleaned_data["action"], "note": self.cleaned_data["note"]}
        for line in self.cleaned_data["lines"]:
            if kind == CommentRule.Kind.LINKS:
                CommentRule.objects.update_or_create(
                    kind=kind, value="", defaults=chosen | {"limit": int(line)}
                )
            else:
                CommentRule.objects.update_or_create(kind=kind, value=line, defaults=chosen)
        return len(self.cleaned_data["lines"])


class DefaultsForm(forms.ModelForm):
    """The default for all posts."""

    class Meta:
        model = DiscussionDefaults
        fields = ["policy", "known_days", "close_after_days"]
        widgets = {"policy": forms.RadioSelect}

    def save(self, commit: bool = True) -> DiscussionDefaults:
        defaults: DiscussionDefaults = super().save(commit=False)
        choose_defaults(defaults)
        return defaults
