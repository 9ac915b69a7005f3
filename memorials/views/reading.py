"""Public pages: the list of memorials, one memorial with its memories, and reporting a mistake."""

from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from comments.models import PostThanks
from comments.models.submission import Submission
from comments.thread.pagination import Order
from comments.views.thread import PostThreadView
from comments.views.thread_request import ThreadRequest
from core.utils.ratelimit import TooFast, check_hits, sender_key
from memorials.forms import TellForm
from memorials.models import ENDING, Memorial, memorial_of
from memorials.services.keeping import custodian_of, may_edit, may_host, notify_keepers
from memorials.services.memories import choose_each, memories_of, unanswered
from memorials.views.access import MemorialMixin, OfMemorialMixin
from posts.models import Post

MAX_IN_LIST = 200
TELL_RATES = [(3, 3600), (10, 86_400)]
# No party mode on these pages (core.web.context_processors).
QUIET = {"dress": ""}


class MemorialListView(TemplateView):
    """Open memorials, newest first; for keepers, also those that are not open."""

    template_name = "memorials/memorial_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        own = Memorial.objects.none()
        if reader.is_authenticated:
            own = Memorial.objects.kept_by(reader).exclude(state=Memorial.State.OPEN)
        return super().get_context_data(**kwargs) | {
            "memorials": list(Memorial.objects.shown_to(reader).for_list()[:MAX_IN_LIST]),
            "waiting": list(own.for_list().order_by("-pk")),
            "may_host": may_host(reader),
            **QUIET,
        }


class MemorialRequest(ThreadRequest):
    """Memories are shown oldest first. A candle for the page is visible immediately."""

    default_order = Order.OLDEST

    @cached_property
    def candles(self) -> int:
        return PostThanks.objects.filter(post=self.version.pk).count()

    @cached_property
    def looks(self) -> list[Any]:
        return [*super().looks, self.version.thread_version, self.candles]

    @cached_property
    def is_shared(self) -> bool:
        """Whether the page is the same for all readers: keepers and authors see additional links."""
        return not self.reader.is_authenticated and super().is_shared


class MemorialDetailView(PostThreadView):
    """A memorial. The comments of its post are the memories."""

    template_name = "memorials/memorial_detail.html"
    post_kind = Post.Kind.MEMORIAL
    request_class = MemorialRequest

    def structured_data(self) -> list[dict[str, Any]]:
        return []

    def redirect_or_404(self) -> HttpResponse:
        """Redirect an earlier username temporarily.

        A memorial can be undone, but browsers keep a permanent redirect.
        """
        memorial = memorial_of(self.kwargs["slug"].removesuffix(ENDING))
        if memorial is not None and memorial.is_open and memorial.post.slug != self.kwargs["slug"]:
            return redirect(memorial.post)
        return super().redirect_or_404()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        memorial = get_object_or_404(Memorial.objects.with_members(), pk=self.object.pk)
        memorial.post = self.object
        return super().get_context_data(**kwargs) | {
            "memorial": memorial,
            "pictures": list(memorial.pictures.all()),
            "custodian": custodian_of(memorial),
            "candles": cast(MemorialRequest, self.asked).candles,
            "may_edit": may_edit(memorial, self.reader),
            "may_choose": unanswered(memorial, self.reader),
            **QUIET,
        }


class WordsView(MemberRequiredMixin, OfMemorialMixin, View):
    """A member's own memories: may the family have them?

    POST `shown`: the ids on the page; `family`: those that the family may have.
    """

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        context = {"memorial": self.memorial, "memories": memories_of(self.memorial, request.user), **QUIET}
        return render(request, "memorials/words.html", context)

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        shown, allowed = (
            {
                int(key)
                for key in request.POST.getlist(name)
                if key.isascii() and key.isdigit() and len(key) < 19
            }
            for name in ("shown", "family")
        )
        choose_each(self.memorial, request.user, shown, allowed)
        messages.success(request, _("Saved."))
        return redirect("memorials:words", username)


class TellView(MemorialMixin, View):
    """Write to the keepers, signed in or not, because the account's owner cannot sign in.

    This also works if the page is for members only.
    """

    def knows_of(self, memorial: Memorial) -> bool:
        return memorial.is_open

    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        return self.show(TellForm())

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        form = TellForm(request.POST)
        if not form.is_valid():
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            check_hits("memorial-tell", sender_key(Submission.of(request).address), TELL_RATES)
        except TooFast as error:
            return too_many_requests(request, wait_seconds=error.wait_seconds)
        by = request.user if request.user.is_authenticated else None
        notify_keepers(self.memorial, form.cleaned_data["words"], by=by)
        return render(request, "memorials/told.html", self.return_link | QUIET)

    def show(self, form: TellForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        context = {"form": form} | self.return_link | QUIET
        return render(self.request, "memorials/tell.html", context, status=status)

    @property
    def return_link(self) -> dict[str, Any]:
        """The link back to the page, or for those who may not read it to the profile."""
        post, member = self.memorial.post, self.memorial.member
        if post.is_readable_by(self.request.user):
            return {"back": post.get_absolute_url(), "title": post.title}
        title = _("In memory of %(name)s") % {"name": member.get_display_name()}
        return {"back": member.get_absolute_url(), "title": title}
