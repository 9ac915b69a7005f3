"""The list of decisions, and undoing decisions."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from accounts.views.access import MemberRequest
from core.utils.pagination import KeysetPage
from moderation.forms.decisions import UndoForm
from moderation.models import Decision
from moderation.services import decisions as services
from moderation.services import queue
from moderation.views.access import ModeratorRequiredMixin
from moderation.views.queue import QueueView
from moderation.views.results import back_to


class DecisionListView(ModeratorRequiredMixin, TemplateView):
    """Every decision, newest first."""

    template_name = "moderation/decision_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decisions = Decision.objects.with_members().with_undoable()
        page = KeysetPage(decisions, self.request.GET.get("before", ""), settings.REVIEW_PER_PAGE)
        return super().get_context_data(
            **kwargs,
            decisions=page.rows,
            older=page.next,
            is_first_page=page.is_first,
            summary=queue.summary(),
        )


class DecisionUndoView(ModeratorRequiredMixin, View):
    """Undo one decision, given by URL, or several, given in the form."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int | None = None) -> HttpResponse:
        if pk is not None:
            decisions = [get_object_or_404(Decision.objects.select_related("comment"), pk=pk)]
        else:
            form = UndoForm(request.POST)
            if not form.is_valid():
                view = QueueView()
                view.setup(request)
                return view.render_to_response(
                    view.get_context_data(undo_form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY
                )
            decisions = form.cleaned_data["decisions"]
        undone = services.undo_many(decisions, by=request.user)
        if undone:
            messages.success(
                request,
                ngettext("Undone.", "%(count)d decisions undone.", len(undone)) % {"count": len(undone)},
            )
        missed = len(decisions) - len(undone)
        repeated = (
            Decision.objects.filter(undoes__in=decisions, moderator=request.user)
            .exclude(pk__in=[one.pk for one in undone])
            .count()
        )
        if repeated and not undone and repeated == missed:
            messages.info(request, _("You had already undone that."))
        elif missed:
            messages.warning(
                request,
                ngettext(
                    "One decision can’t be undone: it was undone already, or something else has happened to the comment since.",
                    "%(count)d decisions can’t be undone: they were undone already, or something else has happened to the comments since.",
                    missed,
                )
                % {"count": missed},
            )
        return back_to(request)
