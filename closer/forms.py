from django import forms
from django.utils.translation import gettext_lazy as _


class ChoiceForm(forms.Form):
    """The emails that a member wants."""

    letter = forms.BooleanField(
        label=_("Email me once a week about discussions worth going back to"),
        help_text=_(
            "At most three, with comments since you were last there; those by your regular contacts come first. If there’s nothing, we don’t send one."
        ),
        required=False,
    )
    reminders = forms.BooleanField(
        label=_("Remind me of people I haven’t been in touch with for half a year"),
        help_text=_("They get the same email at the same time, and only if they chose this too."),
        required=False,
    )
