"""The buttons that create, renew and switch off the secret URL of a member's calendars."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import View

from accounts.models import CalendarAddress
from accounts.models.calendar_address import make_secret
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.web.views import is_own_path


def address_of(request: HttpRequest) -> CalendarAddress | None:
    """The reader's calendar address, if they have one."""
    if not request.user.is_authenticated:
        return None
    return CalendarAddress.objects.filter(member=request.user).first()


class CalendarAddressEditView(MemberRequiredMixin, View):
    """POST `do`: make, renew or end; `next`: the page to return to. Each can be repeated safely."""

    def post(self, request: MemberRequest) -> HttpResponse:
        match request.POST.get("do"):
            case "make":
                CalendarAddress.objects.get_or_create(member=request.user)
            case "renew":
                CalendarAddress.objects.filter(member=request.user).update(secret=make_secret())
                messages.success(
                    request, _("Your calendars have a new address. The old one no longer works.")
                )
            case "end":
                CalendarAddress.objects.filter(member=request.user).delete()
                messages.success(request, _("Your calendars were turned off. Their address no longer works."))
        back = request.POST.get("next", "")
        return redirect(f"{back}#calendar" if is_own_path(back) else "accounts:own-page")
