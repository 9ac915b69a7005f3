"""What accounts do when something was announced."""

from typing import Any

from allauth.account.signals import user_logged_in
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.social import join_after_sign_in


@receiver(user_logged_in)
def join_what_waits(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    if place := join_after_sign_in(request, user):
        messages.success(request, _("From now on %(name)s brings you in too.") % {"name": place})
