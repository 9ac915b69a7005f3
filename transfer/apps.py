from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    """Import and export of whole sites. It comes after all feature apps because it uses them."""

    name = "transfer"

    def ready(self) -> None:
        from core.utils.reasons import register_reasons  # noqa: PLC0415
        from transfer.backup import schedule  # noqa: F401, PLC0415 - registers its periodic task
        from transfer.imports import runs  # noqa: F401, PLC0415 - registers its periodic task
        from transfer.site import download  # noqa: F401, PLC0415 - registers its periodic task

        register_reasons(
            {
                "import": _("It was awaiting review in WordPress."),
                "import.elsewhere": _("It was awaiting review on its old site."),
            }
        )
