from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("Dashboard")
    default = True

    def ready(self) -> None:
        from dashboard import checks, receivers  # noqa: F401, PLC0415 - registers checks and receivers
        from dashboard.services import delivery, figures, newer, views  # noqa: F401, PLC0415 - add tasks


class HostAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own index page and navigation."""

    default = False
    default_site = "dashboard.site.HostAdminSite"
