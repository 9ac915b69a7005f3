"""The admin's index page and its actions: reply, thank, no answer needed, visited."""

from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.models import Comment
from comments.services.notices import held_message
from comments.services.reactions import thank
from comments.views.results import refuse
from core.utils.ratelimit import TooFast
from dashboard.services.drafts import unpublished_for
from dashboard.services.health import health
from dashboard.services.latest import latest_post_for
from dashboard.services.waiting import (
    comments_for,
    mark_no_reply_needed,
    set_visited,
    to_review,
    unmark_no_reply_needed,
    waiting_for,
)
from dashboard.services.week import this_week
from decisions.services.settling import due_for

DRAFTS_SHOWN = 8


class DashboardView(TemplateView):
    template_name = "admin/index.html"
    site: AdminSite | None = None

    # A reply with errors, with the id of its parent; and the parent.
    refused: tuple[int, CommentForm] | None = None
    answered: Comment | None = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now = cast(User, self.request.user), timezone.localtime()
        waiting = waiting_for(user)
        return super().get_context_data(**kwargs) | cast(AdminSite, self.site).each_context(self.request) | {
            "title": _("Dashboard"),
            "greeting": greeting(now.hour),
            "now": now,
            "waiting": waiting,
            "refused": self.refused,
            # Someone else has answered it, so it no longer waits; the typed text is still shown.
            "astray": None if self.answered in [each.comment for each in waiting.shown] else self.answered,
            "to_review": to_review(user),
            "settled": self._settled(),
            "decisions": due_for(user),
            "latest": latest_post_for(user),
            "unpublished": unpublished_for(user)[:DRAFTS_SHOWN],
            "week": this_week(),
            "health": health() if user.is_host else [],
        }  # fmt: skip

    def _settled(self) -> Comment | None:
        """The comment just marked as needing no answer, for the undo button."""
        pk = self.request.GET.get("settled", "")
        return (
            comments_for(cast(User, self.request.user)).filter(pk=pk, no_answer_needed__isnull=False).first()
            if is_key(pk)
            else None
        )


def greeting(hour: int) -> str:
    """The greeting for an hour, 0 to 23."""
    if 5 <= hour < 12:
        return _("Good morning, %(name)s")
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s")
    return _("Good evening, %(name)s")


def is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


class WaitingActionView(View):
    """POST: an action on a waiting comment. Redirects to the dashboard."""

    site: AdminSite | None = None
    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "pk" in kwargs and request.method == "POST":
            rows = comments_for(cast(User, request.user)).select_related("post", "author")
            self.comment: Comment = get_object_or_404(rows, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def back(self, query: str = "") -> HttpResponseRedirect:
        return redirect(reverse("admin:index") + query + "#waiting")


class ReplyView(WaitingActionView):
    """Post a reply to one comment or several, through the same form as everywhere."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        data = request.POST.copy()
        data["parent"] = str(pk)
        form = CommentForm(data, post=self.comment.post, author=cast(User, request.user))
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                reply = form.save()
            except (ValidationError, TooFast) as error:
                status = refuse(form, error)
            except PermissionDenied as error:
                form.add_error("body", str(error))
            else:
                if reply.is_held:
                    messages.warning(request, held_message(reply))
                else:
                    message = _("Your reply to %(name)s was posted.") % {"name": self.comment.author_name}
                    messages.success(request, message)
                return self.back()
        view = DashboardView(site=self.site, refused=(pk, form), answered=self.comment)
        view.setup(request)
        return view.render_to_response(view.get_context_data(), status=status)


class ThankView(WaitingActionView):
    """Thank for the comment. Its author sees it, and it no longer waits, unless it is a question."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            thank(self.comment, by=cast(User, request.user))
        except TooFast:
            messages.error(request, _("You’ve sent a lot of thanks. Try again in a minute."))
        except PermissionDenied as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("You thanked %(name)s.") % {"name": self.comment.author_name})
        return self.back()


class NotNeededView(WaitingActionView):
    """Mark as needing no answer, for all hosts. With `undo`, the same URL reverts it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "undo" in request.POST:
            unmark_no_reply_needed(self.comment)
            return self.back()
        mark_no_reply_needed(self.comment, by=cast(User, request.user))
        return self.back(f"?settled={pk}")


class VisitedView(WaitingActionView):
    """Mark a commenter's link as visited, for this host. The button sends its URL."""

    def post(self, request: HttpRequest) -> HttpResponse:
        address = request.POST.get("address", "")
        if address.startswith(("http://", "https://")) and "\x00" not in address:
            set_visited(cast(User, request.user), address, is_visited=request.POST.get("visited") == "1")
        return self.back()
