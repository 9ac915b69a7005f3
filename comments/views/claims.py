"""Views for claiming guest comments (comments/services/claims.py)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.models import CommentClaim
from comments.services.claims import answer_claim, questions_of


class ClaimListView(MemberRequiredMixin, TemplateView):
    template_name = "comments/claim_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "questions": questions_of(self.request.user, with_comments=True)
        }


class ClaimAnswerView(MemberRequiredMixin, View):
    """POST: `mine` for yes, anything else for no."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        claim = get_object_or_404(CommentClaim, pk=pk, member=request.user)
        is_theirs = "mine" in request.POST
        try:
            answer_claim(claim, is_theirs=is_theirs)
        except ValidationError as error:
            messages.warning(request, error.messages[0])
        else:
            messages.success(
                request,
                _("These comments are now yours and will appear on your profile shortly.")
                if is_theirs
                else _("OK, we’ll leave them as they are."),
            )
        return redirect("comments:claim-list")
