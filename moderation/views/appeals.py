"""Views of appeals."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.views.access import MemberRequiredMixin
from core.utils.pagination import KeysetPage
from core.utils.ratelimit import TooFast
from core.web.forms import FormView
from moderation.forms.members import AppealAnswerForm, AppealForm
from moderation.models import Appeal, Decision, Restriction
from moderation.services import members, queue
from moderation.views.access import ModeratorRequiredMixin


class AppealCreateView(MemberRequiredMixin, FormView):
    """Appeal against a decision about one's comment (`decision`) or a restriction (`restriction`)."""

    form_class = AppealForm
    template_name = "moderation/appeal_form.html"

    @cached_property
    def cause(self) -> Decision | Restriction:
        member = self.request.user
        if "restriction" in self.kwargs:
            return get_object_or_404(
                Restriction.objects.of(member).with_members(), pk=self.kwargs["restriction"]
            )
        own = Decision.objects.filter(comment__author=member).select_related(
            "comment__post", "text", "appeal"
        )
        return get_object_or_404(own, pk=self.kwargs["decision"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (
            request.user.is_authenticated
            and request.method == "GET"
            and (why := members.why_not_appeal(request.user, self.cause))
        ):
            raise PermissionDenied(why)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.request.user, "cause": self.cause}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "cause": self.cause,
            "is_restriction": isinstance(self.cause, Restriction),
        }

    def form_valid(self, form: AppealForm) -> HttpResponse:
        try:
            form.save()
        except TooFast as error:
            form.add_error(
                None, _("You’ve sent several appeals today. Your text is saved; send it again tomorrow.")
            )
            return self.form_invalid_for_now(form, error)
        messages.success(
            self.request,
            _("Your appeal has been sent to the moderators. You’ll get the answer by email and see it here."),
        )
        return redirect("moderation:account-status")


class AppealListView(ModeratorRequiredMixin, TemplateView):
    """Open appeals, oldest first. With ?state=answered: answered ones, newest first."""

    template_name = "moderation/appeals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = self.request.GET.get("state") != "answered"
        appeals = Appeal.objects.with_causes()
        appeals = appeals.open() if is_open else appeals.exclude(state=Appeal.State.OPEN)
        page = KeysetPage(
            appeals, self.request.GET.get("from", ""), settings.REVIEW_PER_PAGE, newest_first=not is_open
        )
        return super().get_context_data(**kwargs) | {
            "appeals": page.rows,
            "is_open": is_open,
            "next": page.next,
            "is_first_page": page.is_first,
            "summary": queue.summary(),
        }


class AppealAnswerView(ModeratorRequiredMixin, FormView):
    """One appeal with its subject, and the form for the answer."""

    form_class = AppealAnswerForm
    template_name = "moderation/appeal.html"

    @cached_property
    def appeal(self) -> Appeal:
        return get_object_or_404(Appeal.objects.with_causes(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"appeal": self.appeal, "by": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "appeal": self.appeal,
            "why_not": members.why_not_answer(self.appeal, self.request.user) if self.appeal.is_open else "",
        }

    def form_valid(self, form: AppealAnswerForm) -> HttpResponse:
        if form.save():
            messages.success(self.request, _("Answer sent. The member gets it by email."))
        else:
            messages.warning(self.request, _("Another moderator has already answered it."))
        return redirect("moderation:appeal", self.appeal.pk)
