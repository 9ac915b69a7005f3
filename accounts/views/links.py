"""A member's own links: verification and click counts."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from accounts.models import ProfileLink
from accounts.services.profile import count_following, request_check
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.utils.ratelimit import TooFast
from core.utils.urls import absolute_url
from core.web.csrf import EVERYBODY


class LinkListView(MemberRequiredMixin, TemplateView):
    """A member's own links: which are verified, how to verify the others, and the number of clicks."""

    template_name = "accounts/link_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "links": self.request.user.links.with_counts(),
            "profile_url": absolute_url(self.request.user.get_absolute_url()),
        }


class LinkCheckView(MemberRequiredMixin, View):
    """POST: request a check of one of the member's own links."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(request.user.links, pk=pk)
        back = redirect("accounts:link-list")
        try:
            request_check(link)
        except TooFast as error:
            sentence = ngettext(
                "This link was checked recently. Try again in %(count)d minute.",
                "This link was checked recently. Try again in %(count)d minutes.",
                error.wait_minutes,
            )
            messages.warning(request, sentence % {"count": error.wait_minutes})
        else:
            messages.success(request, _("Checking. The result will appear here in a moment."))
        return back


class LinkFollowedView(View):
    """POST: a reader clicked a link. Counted per day for its owner; nothing else is stored.

    The answer is the same for a number that is not used.
    """

    guarded_by_origin = EVERYBODY

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = ProfileLink.objects.filter(pk=pk, user__is_active=True).first()
        if link is not None and link.user_id != request.user.pk:
            count_following(link)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
