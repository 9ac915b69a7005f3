"""Blocked domains and networks."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.views.access import MemberRequest
from core.utils.pagination import KeysetPage
from core.web.forms import InvalidFormMixin
from moderation.forms.members import BlocklistForm
from moderation.models import Restriction
from moderation.services import queue
from moderation.views.access import ModeratorRequiredMixin


class BlocklistView(ModeratorRequiredMixin, InvalidFormMixin, TemplateView):
    """Blocked domains and networks, and the form to block another."""

    template_name = "moderation/blocklist.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        current = Restriction.objects.in_force().of_blocklist().with_members()
        page = KeysetPage(current, self.request.GET.get("before", ""), settings.REVIEW_PER_PAGE)
        return super().get_context_data(**kwargs) | {
            "places": page.rows,
            "older": page.next,
            "form": kwargs.get("form")
            or BlocklistForm(by=self.request.user, initial={"what": self.request.GET.get("what", "")[:300]}),
            "summary": queue.summary(),
        }

    def post(self, request: MemberRequest) -> HttpResponse:
        form = BlocklistForm(request.POST, by=request.user)
        if form.is_valid():
            try:
                restriction = form.save()
            except ValidationError as refusal:
                form.add_error("what", refusal)
            else:
                messages.success(request, _("Blocked: %(what)s.") % {"what": restriction.about})
                return redirect("moderation:blocklist")
        return self.form_invalid(form)
