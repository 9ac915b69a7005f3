from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from core.tracing import are_traces_sent, send_traces
from core.utils.planner import expect_cheap_lookups
from core.utils.slow import measure_statements
from core.utils.slugs import PageSlugConverter, SlugConverter


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Settings")

    def ready(self) -> None:
        from core import checks  # noqa: F401, PLC0415 - registers the system checks

        register_converter(SlugConverter, "unicode_slug")
        register_converter(PageSlugConverter, "page_slug")
        connection_created.connect(expect_cheap_lookups)
        if settings.SLOW_PAGE_MS or settings.SLOW_STATEMENT_MS:
            measure_statements()
        if are_traces_sent():
            send_traces()
