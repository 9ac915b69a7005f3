"""The feed of replies to a member at a secret URL, and the buttons to create, renew and end it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.views.feeds import BaseCommentFeed
from core.models import SiteSettings
from core.utils.urls import absolute_url
from core.web.feeds import lasting_id
from notifications.models import ReplyFeed
from notifications.models.reply_feed import make_secret
from notifications.services.replies import newest_replies_to


class ReplyFeedView(BaseCommentFeed):
    """Anyone who knows the URL may read it, so it only contains what visitors may see."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-cache"
        response["X-Robots-Tag"] = "noindex"
        return response

    def get_object(self, request: HttpRequest, secret: str) -> ReplyFeed:
        return get_object_or_404(ReplyFeed.objects.working().select_related("member"), secret=secret)

    def language_chosen_by(self, obj: ReplyFeed) -> str:
        language: str = obj.member.language
        return language

    def title(self, feed: ReplyFeed) -> str:
        names = {"name": feed.member.get_display_name(), "site": SiteSettings.current().title}
        return _("Replies to %(name)s on %(site)s") % names

    def link(self, feed: ReplyFeed) -> str:
        return absolute_url(reverse("notifications:inbox"))

    def feed_url(self, feed: ReplyFeed) -> str:
        return feed.address

    def feed_guid(self, feed: ReplyFeed) -> str:
        """Stays the same if the URL is renewed."""
        return lasting_id(feed)

    def items(self, feed: ReplyFeed) -> Any:
        return newest_replies_to(feed.member, limit=self.COMMENTS)


class ReplyFeedEditView(MemberRequiredMixin, View):
    """POST `do`: make, renew or end. Each can be repeated."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return redirect("notifications:settings")

    def post(self, request: MemberRequest) -> HttpResponse:
        match request.POST.get("do"):
            case "make":
                ReplyFeed.objects.get_or_create(member=request.user)
            case "renew":
                ReplyFeed.objects.filter(member=request.user).update(secret=make_secret())
                messages.success(request, _("Your feed has a new address. The old one no longer works."))
            case "end":
                ReplyFeed.objects.filter(member=request.user).delete()
                messages.success(request, _("Your feed was turned off. Its address no longer works."))
        return redirect(f"{reverse('notifications:settings')}#s-feed")
