"""The thresholds of the spam filter."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import UpdateView

from core.web.forms import InvalidFormMixin
from moderation.forms.decisions import ThresholdsForm
from moderation.models import ModerationSettings
from moderation.services import queue
from moderation.spamfilter.thresholds import ENOUGH, read_record
from moderation.views.access import ModeratorRequiredMixin


class ThresholdsView(ModeratorRequiredMixin, InvalidFormMixin, UpdateView):
    """The thresholds for holding and blocking, and the effect of other values. Only the host changes them."""

    form_class = ThresholdsForm
    template_name = "moderation/thresholds.html"
    success_url = reverse_lazy("moderation:thresholds")

    def get_object(self, queryset: Any = None) -> ModerationSettings:
        return ModerationSettings.current()

    def get_form_kwargs(self) -> dict[str, Any]:
        """Validate a value in the query string (?hold_percent=40) like a submitted one, without storing it."""
        kwargs = super().get_form_kwargs()
        if self.request.method == "GET" and "hold_percent" in self.request.GET:
            kwargs["data"] = self.request.GET
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, now, record = context["form"], self.get_object(), read_record()
        wish = form.cleaned_data if form.is_bound and form.is_valid() else {}
        return context | {
            "record": record,
            "enough": ENOUGH,
            "now": now,
            "is_preview": bool(wish) and self.request.method == "GET",
            "wished": record.step(wish.get("hold_percent", now.hold_percent)),
            "steps": [
                step for step in record.steps if not step.percent % 5 or step.percent == now.hold_percent
            ],
            "reject_steps": [
                record.reject_step(percent)
                for percent in sorted({50, 60, 70, 80, 90, 95, 97, 99, now.reject_percent})
            ],
            "figures": json.dumps(
                [[step.percent, step.waited.value, step.appeared.value] for step in record.steps]
            )
            if record.is_enough
            else "",
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.request.user.is_host:
            raise PermissionDenied(_("Only the host can change the spam filter settings."))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ModelForm) -> HttpResponse:
        messages.success(self.request, _("Saved. This applies to comments posted from now on."))
        return super().form_valid(form)
