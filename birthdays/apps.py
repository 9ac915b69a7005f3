from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BirthdaysConfig(AppConfig):
    name = "birthdays"
    verbose_name = _("Birthdays")

    def ready(self) -> None:
        from birthdays import receivers  # noqa: F401, PLC0415 - connects the receivers
        from birthdays.services import telling  # noqa: F401, PLC0415 - registers a periodic task
