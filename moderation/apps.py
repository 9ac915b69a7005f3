from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        from moderation import receivers  # noqa: F401, PLC0415 - connects the receivers
        from moderation.services import author_notices, reminders  # noqa: F401, PLC0415 - adds tasks
        from moderation.spamfilter import sentences  # noqa: F401, PLC0415 - registers the sentences
