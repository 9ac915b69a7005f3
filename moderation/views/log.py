"""The public log and the host's statistics."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.web.forms import InvalidFormMixin
from moderation.forms.members import ModerationSettingsForm
from moderation.models import ModerationSettings
from moderation.services import queue
from moderation.services.log import LogCursor, read_log
from moderation.services.stats import PERIODS, stats_of


class LogView(TemplateView):
    """The public log of moderators' decisions."""

    template_name = "moderation/log.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = LogCursor.read(self.request.GET.get("before", ""))
        return super().get_context_data(**kwargs) | {
            "page": read_log(before),
            "is_first_page": before is None,
        }


class StatsView(UserPassesTestMixin, InvalidFormMixin, TemplateView):
    """Moderation statistics for the host, and the host's settings for all moderators."""

    template_name = "moderation/stats.html"
    permission_denied_message = gettext_lazy("Only the host can see these figures.")

    def test_func(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.is_host

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        requested = self.request.GET.get("days", "")
        days = next((period for period in PERIODS if str(period) == requested), PERIODS[0])
        return super().get_context_data(**kwargs) | {
            "figures": stats_of(days),
            "periods": PERIODS,
            "form": kwargs.get("form") or ModerationSettingsForm(instance=ModerationSettings.current()),
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ModerationSettingsForm(request.POST, instance=ModerationSettings.current())
        if not form.is_valid():
            return self.form_invalid(form)
        form.save()
        messages.success(request, _("Saved."))
        return redirect("moderation:stats")
