"""The page of an invitation link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from accounts.allauth.adapter import INVITATION
from dashboard.models import Invitation


class InvitationView(View):
    """Store the invitation in the session and redirect to sign-up.

    That page says whether it is used up or expired.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = Invitation.objects.filter(token=token).first()
        if invitation is None:
            raise Http404
        if request.user.is_authenticated:
            return redirect("posts:home")
        if invitation.is_usable:
            request.session[INVITATION] = invitation.pk
        return redirect("account_signup")
