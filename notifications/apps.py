from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from comments.thread.version import add_reader_column  # noqa: PLC0415
        from notifications import receivers  # noqa: F401, PLC0415 - connects signals, adds periodic tasks
        from notifications.email import delivery, mailings, missed, review, system  # noqa: F401, PLC0415 - connects signals, adds periodic tasks
        from notifications.inbound import imap  # noqa: F401, PLC0415 - adds a periodic task
        from notifications.push import services  # noqa: F401, PLC0415 - adds periodic tasks
        from notifications.services import inbox  # noqa: PLC0415 - connects signals, adds periodic tasks

        if settings.MAIL_PROVIDER:
            from notifications.inbound import providers  # noqa: F401, PLC0415 - connects a signal

        add_reader_column("unread_alerts", inbox.unread_column)
        add_reader_column("follow_level", inbox.follow_column)
