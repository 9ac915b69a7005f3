import re
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from comments.models import Comment
from comments.services.moving import check_place, posts_to_move_to
from moderation.models import Decision, ModerationSettings, RemovalReason, Report
from moderation.services import decisions as services
from moderation.services.queue import Seen
from posts.models import Post

MAX_ID = 2**63 - 1
WORDS_SEARCHED = 8
# The id of a comment by itself, in its permalink, or in the URL of its page.
COMMENT_NAMED = re.compile(r"(?:^#?|/comments/|#comment-)([0-9]{1,19})/?$", re.ASCII)


class IdsField(forms.Field):
    """One or several primary keys, as checkboxes send them. Returns a list without duplicates, in order."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": _("Select at least one comment."),
        "invalid": _("One of these isn’t a comment. Select again."),
        "too_many": ngettext_lazy(
            "Select one comment at a time.", "Select up to %(limit)d at a time.", "limit"
        ),
    }

    def clean(self, value: Any) -> list[int]:
        typed = [text for text in value or [] if text]
        if not typed and not self.required:
            return []
        if not typed:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(typed) > settings.DECISION_MAX_COMMENTS:
            raise ValidationError(
                self.error_messages["too_many"],
                code="too_many",
                params={"limit": settings.DECISION_MAX_COMMENTS},
            )
        if not all(
            len(text) < 20 and text.isascii() and text.isdigit() and int(text) <= MAX_ID for text in typed
        ):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return list(dict.fromkeys(int(text) for text in typed))


class OfferedTextField(forms.ModelChoiceField):
    """One of the host's removal reasons, or none."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {
            "queryset": RemovalReason.objects.filter(is_offered=True),
            "label": _("Reason"),
            "required": False,
            "empty_label": _("No reason"),
            "error_messages": {"invalid_choice": _("This reason is no longer available. Choose another.")},
        }
        super().__init__(**options | kwargs)


class DecisionNoteForm(forms.Form):
    """The fields of every decision: a note, and what the moderator had seen."""

    note = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=Decision._meta.get_field("note").max_length,
        help_text=_("Saved with the decision; only moderators see it. Optional."),
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)

    def clean_seen(self) -> Seen | None:
        return Seen.read(self.cleaned_data["seen"])


class DecisionForm(DecisionNoteForm):
    """A moderator's decision about one or more comments. text and word are for the author."""

    text = OfferedTextField(
        label=_("Reason (shown to the author)"), help_text=_("Its title is public in the moderation log.")
    )
    word = forms.CharField(
        label=_("Message to the author"),
        required=False,
        max_length=Decision._meta.get_field("word").max_length,
        help_text=_("They get it with the reason, also by email. Optional."),
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )
    comments = IdsField()
    action = forms.ChoiceField(
        choices=[
            (action.value, action.label)
            for action in (Decision.Action.APPROVE, Decision.Action.REMOVE, Decision.Action.SPAM)
        ],
        error_messages={
            "required": _("Choose an action: approve, remove or mark as spam."),
            "invalid_choice": _("Choose an action: approve, remove or mark as spam."),
        },
    )

    @property
    def why(self) -> dict[str, Any]:
        """The arguments of services.decide other than the decision itself."""
        return {name: self.cleaned_data[name] for name in ("note", "text", "word")}

    def clean_comments(self) -> list[Comment]:
        ids = self.cleaned_data["comments"]
        # By post, then by position, so that concurrent moderators take locks in the same order.
        found = list(Comment.objects.filter(pk__in=ids).select_related("author").order_by("post_id", "pk"))
        if len(found) != len(ids):
            raise ValidationError(IdsField.default_error_messages["invalid"], code="invalid")
        return found

    @property
    def asked(self) -> list[forms.BoundField]:
        """The reason fields, for pages that do not handle them individually."""
        return [field for field in self.visible_fields() if field.name != "action"]

    @property
    def chosen_ids(self) -> set[str]:
        """The ticked ids, for a page that is shown again."""
        return set(cast(QueryDict, self.data).getlist("comments")) if self.is_bound else set()


class UndoForm(forms.Form):
    """Decisions to undo: by their ids, or all of one batch."""

    decisions = IdsField(required=False, error_messages={"invalid": _("There’s no such decision to undo.")})
    batch = forms.UUIDField(
        required=False, error_messages={"invalid": _("There’s no such decision to undo.")}
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["batch"]:
            batch = Decision.objects.filter(batch=data["batch"])
            # A repeated request must find the same decisions, so that each is reported as undone already.
            named = batch.filter(undone_by=None) if batch.filter(undone_by=None).exists() else batch
        elif data["decisions"]:
            named = Decision.objects.filter(pk__in=data["decisions"])
        else:
            self.add_error("decisions", ValidationError(_("No decision was selected."), code="required"))
            return data
        # In the order in which deciding takes the locks.
        data["decisions"] = list(named.select_related("comment").order_by("comment__post_id", "-pk"))
        if not data["decisions"]:
            self.add_error(
                "decisions",
                ValidationError(self.fields["decisions"].error_messages["invalid"], code="invalid"),
            )
        return data


class ThresholdsForm(forms.ModelForm):
    """The thresholds of the spam filter."""

    class Meta:
        model = ModerationSettings
        fields = ["hold_percent", "reject_percent", "first_link_waits"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (
            "hold_percent" in data
            and "reject_percent" in data
            and data["hold_percent"] > data["reject_percent"]
        ):
            self.add_error(
                "reject_percent",
                ValidationError(
                    _("This can’t be lower than the score at which comments are held."), code="order"
                ),
            )
        return data


class PostSearchForm(forms.Form):
    """Search for posts by words in the title."""

    q = forms.CharField(
        label=_("Title contains"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def search(self, posts: QuerySet[Post]) -> QuerySet[Post]:
        """The posts whose title contains every word. All posts if nothing usable was typed."""
        words = self.cleaned_data["q"].split()[:WORDS_SEARCHED] if self.is_valid() else []
        for word in words:
            posts = posts.filter(title__icontains=word)
        return posts


class BranchMoveForm(DecisionNoteForm):
    """The target of a branch: a post, or a comment in it, given by link or id."""

    post = forms.ModelChoiceField(
        Post.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            name: _("This post doesn’t exist. Choose another.") for name in ("required", "invalid_choice")
        },
    )
    under = forms.CharField(
        label=_("Comment it should reply to"),
        required=False,
        max_length=300,
        help_text=_(
            "Paste its link (from the date beside the name) or its number. Leave blank to make it a top-level comment."
        ),
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, comment: Comment, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment, self.by = comment, by
        cast(forms.ModelChoiceField, self.fields["post"]).queryset = posts_to_move_to(by)

    def clean_under(self) -> Comment | None:
        """Any comment of the site. `clean` checks that it belongs to the chosen post."""
        text = self.cleaned_data["under"].strip()
        if not text:
            return None
        named = COMMENT_NAMED.search(text)
        found = (
            Comment.objects.filter(pk=int(named[1])).select_related("author").first()
            if named and int(named[1]) <= MAX_ID
            else None
        )
        if found is None:
            raise ValidationError(
                _("No comment found. Paste a comment’s link or enter its number."), code="invalid"
            )
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "under" in data and data.get("post"):
            try:
                check_place(self.comment, data["post"], data["under"])
            except ValidationError as refusal:
                self.refuse(refusal)
        return data

    def refuse(self, refusal: ValidationError) -> None:
        """Add the service's error to the right field."""
        self.add_error("post" if refusal.code == "post_gone" else "under", refusal)

    def save(self) -> Decision | None:
        """Move the branch. Raises ValidationError and PermissionDenied, as services.move does."""
        data = self.cleaned_data
        return services.move(
            self.comment,
            to_post=data["post"],
            to_parent=data["under"],
            by=self.by,
            note=data["note"],
            seen=data["seen"],
        )


class BranchSplitForm(DecisionNoteForm):
    """The title of the post that is made from a branch."""

    title = forms.CharField(
        label=_("Title of the new post"),
        max_length=Post._meta.get_field("title").max_length,
        error_messages={"required": _("Enter a title.")},
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, comment: Comment, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment, self.by = comment, by
        self.order_fields(["title", "note", "seen"])

    def save(self) -> Decision | None:
        data = self.cleaned_data
        return services.split(
            self.comment, title=data["title"], by=self.by, note=data["note"], seen=data["seen"]
        )


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ["reason", "note"]
        widgets = {"reason": forms.RadioSelect, "note": forms.Textarea(attrs={"rows": 4, "maxlength": False})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["reason"]).choices = Report.Reason.choices
        self.fields["reason"].label = _("What’s wrong with it?")
        self.fields["reason"].error_messages = {
            name: _("Choose a reason.") for name in ("required", "invalid_choice")
        }
        self.fields["note"].label = _("Details")
        self.fields["note"].help_text = _(
            "Only moderators see this. Optional, unless you chose “Something else”."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") == Report.Reason.OTHER and not data.get("note") and "note" not in self.errors:
            self.add_error("note", ValidationError(_("Tell us briefly what’s wrong."), code="required"))
        return data
