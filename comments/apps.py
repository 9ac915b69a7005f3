from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        from comments import receivers, rendering  # noqa: F401, PLC0415 - they connect themselves, and the worker's chore registers itself
