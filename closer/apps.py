from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CloserConfig(AppConfig):
    name = "closer"
    verbose_name = _("Regular contacts")

    def ready(self) -> None:
        from closer.services import reminders, weekly_email  # noqa: F401, PLC0415 - register periodic tasks
