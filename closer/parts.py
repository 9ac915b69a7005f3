from django.utils.translation import gettext_lazy as _

from core.parts import Part

# Not in the navigation: its page is private to each member, and among their settings.
CLOSER = Part(
    "closer",
    _("Regular contacts"),
    _(
        "A private list of regular contacts for each member. If they like, a weekly email of discussions worth going back to, and reminders of people they haven’t been in touch with for half a year. Members who end a comment with their name and web address are asked whether to add it to their profile."
    ),
)
