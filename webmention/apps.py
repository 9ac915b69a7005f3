from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.utils.reasons import register_reasons


class WebmentionConfig(AppConfig):
    name = "webmention"
    verbose_name = _("Webmentions")

    def ready(self) -> None:
        from webmention import receivers, tasks  # noqa: F401, PLC0415 - connects signals, adds periodic tasks

        register_reasons({"webmention": _("It comes from a page that links here.")})
