from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Alerts")

    def ready(self) -> None:
        from notifications import post_office, receivers  # noqa: F401, PLC0415 - connects signals, adds chores
