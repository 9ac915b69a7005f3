from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from accounts.models import User
from core.utils.cookies import cookie_name
from core.web.csrf import EVERYBODY
from core.web.views import YEAR, is_own_path
from party.services import NO_PARTY_COOKIE


class PartyOffView(View):
    """POST: turn party mode off, for members in their account, for visitors in this browser. Then return."""

    guarded_by_origin = EVERYBODY

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "/")
        response = HttpResponseRedirect(back if is_own_path(back) else "/")
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(wants_party=False)
        else:
            response.set_cookie(
                cookie_name(NO_PARTY_COOKIE),
                "1",
                max_age=YEAR,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
        return response
