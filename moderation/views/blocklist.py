"""Blocked domains and address ranges."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.utils.pagination import Cursor
from moderation.forms.members import PlaceForm
from moderation.models import Restriction
from moderation.services import queue
from moderation.views.access import ModeratorRequiredMixin
from moderation.views.members import UNPROCESSABLE

# --- moderation pages: blocklist, appeals, statistics -------------------------------------------------


class PlaceListView(ModeratorRequiredMixin, TemplateView):
    """The blocklist, and the form to add an entry."""

    template_name = "moderation/places.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = Cursor.read(self.request.GET.get("before", ""))
        standing = Restriction.objects.standing().of_places().with_people().newest_first()
        if before is not None:
            standing = standing.filter(before.rows_before("created_at"))
        rows = list(standing[: settings.REVIEW_PER_PAGE + 1])
        shown = rows[: settings.REVIEW_PER_PAGE]
        return super().get_context_data(**kwargs) | {
            "places": shown,
            "older": Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > len(shown) else None,
            "form": kwargs.get("form") or PlaceForm(by=self.request.user, initial={"what": self.request.GET.get("what", "")[:300]}),
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlaceForm(request.POST, by=request.user)
        if form.is_valid():
            try:
                restriction = form.save()
            except ValidationError as refusal:
                form.add_error("what", refusal)
            else:
                messages.success(request, _("Blocked: %(what)s.") % {"what": restriction.about})
                return redirect("moderation:place-list")
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
