"""The one place where django-allauth is bent to our wishes."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.urls import reverse

from core.tasks import enqueue_mail


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails leave the request as tasks: a slow mail server delays nobody, and the time tells no secrets."""
        mail = self.render_mail(template_prefix, email, {"request": self.request, "email": email} | context)
        assert isinstance(mail, EmailMultiAlternatives)
        enqueue_mail(mail)

    def is_safe_url(self, url: str | None) -> bool:
        """Unlike allauth's own, an address that cannot even be parsed is simply not safe."""
        try:
            return super().is_safe_url(url or "")
        except ValueError:
            return False

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("posts:home")
