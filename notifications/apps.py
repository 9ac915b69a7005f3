from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from comments.thread.version import add_reader_column  # noqa: PLC0415
        from notifications import receivers  # noqa: F401, PLC0415 - connects signals, adds chores
        from notifications.email import delivery, system  # noqa: F401, PLC0415 - connects signals, adds chores
        from notifications.inbound import imap  # noqa: F401, PLC0415 - adds a chore
        from notifications.push import services  # noqa: F401, PLC0415 - adds chores
        from notifications.services import inbox  # noqa: PLC0415 - connects signals, adds chores

        add_reader_column("unread_alerts", inbox.unread_column)
        add_reader_column("follow_level", inbox.follow_column)
