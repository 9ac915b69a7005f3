from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from events import receivers  # noqa: F401, PLC0415 - connects the receivers
        from events.services import guests, reminders  # noqa: F401, PLC0415 - register periodic tasks
