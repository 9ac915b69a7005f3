from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DecisionsConfig(AppConfig):
    name = "decisions"
    verbose_name = _("Decisions")

    def ready(self) -> None:
        from decisions import receivers  # noqa: F401, PLC0415 - connects the receivers
        from decisions.services import forgetting  # noqa: F401, PLC0415 - registers a periodic task
