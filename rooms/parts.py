from django.utils.translation import gettext_lazy as _

from core.parts import Part

ROOMS = Part(
    "rooms",
    _("Rooms"),
    _("Voice and chat rooms elsewhere, such as Mumble or Discord: what they’re for, and who is there."),
    "rooms:room-list",
)
