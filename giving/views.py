"""The giving page, pledges, and Stripe's webhook."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from accounts.models import User
from accounts.services.permissions import why_not_write
from accounts.views.access import MemberRequest, MemberRequiredMixin
from giving.forms import PledgeForm
from giving.models import GivingSettings, Pledge
from giving.services.page import overview, pledge_in_another
from giving.services.stripe import BadMessage, book, read_message


class GivingView(TemplateView):
    """Costs, money received, ways to give, and thanks."""

    template_name = "giving/giving.html"
    form: PledgeForm | None = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader, current = self.request.user, GivingSettings.current()
        pledge = Pledge.objects.filter(member=reader).first() if isinstance(reader, User) else None
        return super().get_context_data(**kwargs) | {
            "text": current.text,
            "now": overview(current, reader),
            "currency": current.currency,
            "pledge": pledge,
            "pledge_elsewhere": pledge_in_another(pledge, current.currency),
            "form": self.form or PledgeForm(instance=pledge, currency=current.currency),
            "may_change": reader.has_perm("giving.change_givingsettings"),
        }


class PledgeView(MemberRequiredMixin, View):
    """POST: pledge a monthly amount or change it. With `end`, withdraw it."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return redirect("giving:giving")

    def post(self, request: MemberRequest) -> HttpResponse:
        here = f"{reverse('giving:giving')}#pledge"
        if "end" in request.POST:
            Pledge.objects.filter(member=request.user).delete()
            messages.success(request, _("Your pledge has ended."))
            return redirect(here)
        pledge = Pledge.objects.filter(member=request.user).first() or Pledge(member=request.user)
        currency = GivingSettings.current().currency
        form = PledgeForm(request.POST, instance=pledge, currency=currency)
        if why_not := why_not_write(request.user):
            form.add_error(None, why_not)
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in ("amount", "is_thanked")}
            values["currency"] = currency
            Pledge.objects.update_or_create(member=request.user, defaults=values)
            messages.success(
                request, _("Thank you. Your pledge is saved; you can change or end it at any time.")
            )
            return redirect(here)
        page = GivingView(form=form)
        page.setup(request)
        return page.render_to_response(page.get_context_data(), status=HTTPStatus.UNPROCESSABLE_ENTITY)


@method_decorator(csrf_exempt, name="dispatch")  # authenticated by Stripe's signature
class StripeView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        secret = GivingSettings.current().stripe_secret
        try:
            event = read_message(request.body, request.headers.get("Stripe-Signature", ""), secret)
        except (BadMessage, RawPostDataException):  # multipart form data, which was read already
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        book(event)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
