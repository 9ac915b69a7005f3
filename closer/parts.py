from django.utils.translation import gettext_lazy as _

from core.parts import Part

# Not in the navigation: its page is private to each member, and among their settings.
CLOSER = Part(
    "closer",
    _("Regular contacts"),
    _(
        "For each member, a private list of their regular contacts. If they like, a weekly email of discussions worth going back to, and reminders of people they haven’t been in touch with for half a year. Those who end a comment with their name and web address are asked whether it should be on their profile."
    ),
)
