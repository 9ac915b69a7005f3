from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartyConfig(AppConfig):
    name = "party"
    verbose_name = _("Party mode")

    def ready(self) -> None:
        from party import receivers  # noqa: F401, PLC0415 - connects the receivers
