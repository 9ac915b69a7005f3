"""Reporting a comment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.views.access import MemberRequiredMixin
from comments.models import Comment
from comments.models.submission import Submission
from comments.views.access import get_visible_comment
from core.utils.ratelimit import TooFast
from core.web.forms import FormView
from moderation.forms.decisions import ReportForm
from moderation.models import Report
from moderation.services.reports import report_comment


class ReportCreateView(MemberRequiredMixin, FormView):
    """A member's report of a comment."""

    form_class = ReportForm
    template_name = "moderation/report_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            if self.comment.author_id == request.user.pk:
                raise PermissionDenied(_("This is your own comment; you can edit or delete it."))
            if not self.comment.is_reportable_by(request.user):
                raise PermissionDenied(_("This comment isn’t public, so it can’t be reported."))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def comment(self) -> Comment:
        return get_visible_comment(self.request, self.kwargs["pk"])

    @cached_property
    def has_reported(self) -> bool:
        return Report.objects.open().filter(comment=self.comment, reporter=self.request.user).exists()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, comment=self.comment, has_reported=self.has_reported)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.has_reported:
            messages.info(request, _("You’ve already reported this comment. A moderator will review it."))
            return redirect(self.comment)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ReportForm) -> HttpResponse:
        try:
            report_comment(
                self.comment,
                reporter=self.request.user,
                address=Submission.of(self.request).address,
                **form.cleaned_data,
            )
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
        if not Comment.objects.public().filter(pk=self.comment.pk).exists():
            messages.success(
                self.request,
                _("Thank you. Others reported it too, so it’s hidden until a moderator reviews it."),
            )
            return redirect(f"{self.comment.post.get_absolute_url()}#talk")
        messages.success(self.request, _("Thank you. A moderator will review it."))
        return redirect(self.comment)
