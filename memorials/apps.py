from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MemorialsConfig(AppConfig):
    name = "memorials"
    verbose_name = _("In memory")

    def ready(self) -> None:
        from memorials import receivers, tasks  # noqa: F401, PLC0415 - registers receivers and periodic tasks
