from django.utils.translation import gettext_lazy as _

from core.parts import Part

EVENTS = Part(
    "events",
    _("Events"),
    _("A calendar of events with answers, reminders and a discussion each. Members propose, you approve."),
    "events:event-list",
    "events.services.calendar.on_home",
)
