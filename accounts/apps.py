from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Members")

    def ready(self) -> None:
        from accounts import receivers, tasks  # noqa: F401, PLC0415 - registers receivers and periodic tasks
        from accounts.security_log import listen  # noqa: PLC0415
        from accounts.services import relations  # noqa: F401, PLC0415 - registers its opt-out from emails

        listen()
