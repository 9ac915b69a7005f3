"""Signal receivers of the dashboard."""

from typing import Any

from allauth.account.signals import user_signed_up
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.allauth.adapter import INVITATION
from accounts.models import User
from core.models import SiteSettings
from dashboard.models import Invitation, InvitationUse


@receiver(user_signed_up)
def use_invitation(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Count the use of an invitation once.

    Raises PermissionDenied, which rolls back the sign-up, if it has been used up since.
    """
    pk = getattr(request, "session", {}).pop(INVITATION, None)
    if pk is None:
        return
    usable = Invitation.objects.filter(pk=pk, use_count__lt=F("max_uses"), expires_at__gt=timezone.now())
    if usable.update(use_count=F("use_count") + 1):
        InvitationUse.objects.create(invitation_id=pk, member=user)
    elif SiteSettings.current().sign_up == SiteSettings.SignUp.INVITED:
        raise PermissionDenied(_("This invitation has been used up. Ask for another one."))
