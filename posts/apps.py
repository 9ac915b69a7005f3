from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = _("Posts")

    def ready(self) -> None:
        from posts import receivers  # noqa: F401, PLC0415 - connects the receivers
        from posts.services import trash  # noqa: F401, PLC0415 - registers its periodic task
