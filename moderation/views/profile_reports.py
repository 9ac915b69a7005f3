"""Reports of profiles."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.views.access import MemberRequiredMixin
from core.utils.ratelimit import TooFast
from core.web.forms import FormView
from moderation.forms.members import ProfileDecisionForm, ProfileOutcomeForm, ProfileReportForm
from moderation.models import ProfileReport
from moderation.views.members import PersonActView


class ProfileReportCreateView(MemberRequiredMixin, FormView):
    """A member reports a profile to the moderators."""

    form_class = ProfileReportForm
    template_name = "moderation/profile_report_form.html"

    @cached_property
    def member(self) -> User:
        return get_object_or_404(User.objects.public(), username=self.kwargs["username"].lower())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and self.member == request.user:
            raise PermissionDenied(_("This is your own profile; you can edit it."))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.member, "reporter": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reported = ProfileReport.objects.filter(member=self.member, reporter=self.request.user, outcome="")
        return super().get_context_data(**kwargs) | {"member": self.member, "has_reported": reported.exists()}

    def form_valid(self, form: ProfileReportForm) -> HttpResponse:
        try:
            form.save()
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        except TooFast as error:
            form.add_error(
                None,
                _(
                    "You’ve sent several reports in a short time. Your text is saved; send it again in a few minutes."
                ),
            )
            return self.form_invalid_for_now(form, error)
        messages.success(self.request, _("Thank you. A moderator will review it."))
        return redirect(self.member)


class ProfileDecisionView(PersonActView):
    """POST: show a hidden profile again, or keep it hidden."""

    name, form_class = "profile", ProfileDecisionForm
    done = gettext_lazy("Saved.")


class ProfileReportCloseView(PersonActView):
    name, form_class = "outcome", ProfileOutcomeForm
    done = gettext_lazy("Closed. The members who reported it will see the outcome.")
