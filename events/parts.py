from django.utils.translation import gettext_lazy as _

from core.parts import Part

EVENTS = Part(
    "events",
    _("Events"),
    _(
        "A calendar of events, each with responses, reminders and a discussion. Members propose them, you approve them."
    ),
    "events:event-list",
    "events.services.calendar.on_home",
)
