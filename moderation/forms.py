from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from comments.models import Comment
from moderation.models import Decision, Report
from moderation.queue import Seen

MAX_ID = 2**63 - 1


class IdsField(forms.Field):
    """One or several primary keys, as checkboxes send them. Gives a list without repeats, in the order that came."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": _("Choose at least one comment."),
        "invalid": _("One of these is not a comment. Choose again."),
        "too_many": ngettext_lazy("Choose one comment at a time.", "Choose at most %(limit)d at a time.", "limit"),
    }

    def clean(self, value: Any) -> list[int]:
        typed = [text for text in value or [] if text]
        if not typed:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(typed) > settings.DECISION_MAX_COMMENTS:
            raise ValidationError(self.error_messages["too_many"], code="too_many", params={"limit": settings.DECISION_MAX_COMMENTS})
        if not all(len(text) < 20 and text.isascii() and text.isdigit() and int(text) <= MAX_ID for text in typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return list(dict.fromkeys(int(text) for text in typed))


class DecisionForm(forms.Form):
    """What a moderator decides about one comment or several."""

    comments = IdsField()
    action = forms.ChoiceField(
        choices=[choice for choice in Decision.Action.choices if choice[0] != Decision.Action.UNDO],
        error_messages={
            "required": _("Choose what to do: approve, remove or mark as spam."),
            "invalid_choice": _("Choose what to do: approve, remove or mark as spam."),
        },
    )
    note = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=Decision._meta.get_field("note").max_length,
        help_text=_("Kept with the decision; moderators read it. You may leave it empty."),
        widget=forms.TextInput(attrs={"maxlength": False, "autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)

    def clean_seen(self) -> Seen | None:
        return Seen.read(self.cleaned_data["seen"])

    def clean_comments(self) -> list[Comment]:
        ids = self.cleaned_data["comments"]
        # By post and then by place, so that moderators who decide at the same time take locks in the same order.
        found = list(Comment.objects.filter(pk__in=ids).select_related("author").order_by("post_id", "pk"))
        if len(found) != len(ids):
            raise ValidationError(IdsField.default_error_messages["invalid"], code="invalid")
        return found

    @property
    def chosen_ids(self) -> set[str]:
        """What was ticked, for the page that comes back."""
        return set(self.data.getlist("comments")) if self.is_bound else set()


class UndoForm(forms.Form):
    """Which decisions are to be taken back."""

    decisions = IdsField(
        error_messages={"required": _("Nothing was chosen to be taken back."), "invalid": _("There is no such decision to take back.")}
    )

    def clean_decisions(self) -> list[Decision]:
        found = list(Decision.objects.filter(pk__in=self.cleaned_data["decisions"]).select_related("comment").order_by("comment__post_id", "-pk"))
        if not found:
            raise ValidationError(self.fields["decisions"].error_messages["invalid"], code="invalid")
        return found


class ReportForm(forms.ModelForm):
    class Meta:
        model = Report
        fields = ["reason", "note"]
        widgets = {"reason": forms.RadioSelect, "note": forms.Textarea(attrs={"rows": 4, "maxlength": False})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = Report.Reason.choices
        self.fields["reason"].label = _("What is wrong with it?")
        self.fields["reason"].error_messages = {name: _("Choose one of the reasons.") for name in ("required", "invalid_choice")}
        self.fields["note"].label = _("In your own words")
        self.fields["note"].help_text = _("Only moderators read this. You may leave it empty, unless you chose “Something else”.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") == Report.Reason.OTHER and not data.get("note") and "note" not in self.errors:
            self.add_error("note", ValidationError(_("Say in a few words what is wrong."), code="required"))
        return data
