"""Following a tag."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.web.csrf import VISITORS
from notifications.services.preferences import follow_tag
from notifications.views.inbox import back_to
from posts.models import Tag


class TagFollowView(MemberRequiredMixin, View):
    """POST: follow a tag's new posts, or (`follows` "0") unfollow.

    If signed out, to the sign-in, and back.
    """

    guarded_by_origin = VISITORS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A tag that only drafts have is not public, but can be unfollowed.
        own = Tag.objects.filter(follows__member=request.user.pk or 0)
        tags = Tag.objects.filter(Q(pk__in=Tag.objects.in_use(request.user).values("pk")) | Q(pk__in=own))
        self.tag = get_object_or_404(tags, slug=kwargs["slug"])
        if not request.user.is_authenticated:
            return redirect(
                f"{resolve_url('account_login')}?{urlencode({'next': self.tag.get_absolute_url()})}"
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, slug: str) -> HttpResponse:
        return redirect(self.tag)

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        follows = request.POST.get("follows") != "0"
        follow_tag(request.user, self.tag, follows=follows)
        message = (
            _("You’ll be notified of new posts about %(tag)s.")
            if follows
            else _("You no longer follow %(tag)s.")
        )
        messages.success(request, message % {"tag": self.tag.name})
        return back_to(request, self.tag.get_absolute_url())
