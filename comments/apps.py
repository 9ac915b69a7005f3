from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        # Imported for registration.
        from comments import receivers  # noqa: F401, PLC0415
        from comments.services import checks, cleanup, rerender  # noqa: F401, PLC0415
