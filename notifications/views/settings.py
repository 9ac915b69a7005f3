"""Notification settings, devices, and following or muting a discussion."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from core.parts import is_on
from core.utils.ratelimit import TooFast, check_hits
from core.utils.site_locale import offered_language
from core.web.csrf import VISITORS
from core.web.languages import store_language_choice
from notifications.forms import DeviceForm, LevelForm, PreferencesForm, TimingForm
from notifications.models import Device, EmailSuppression, ReplyFeed, TagFollow, ThreadSubscription
from notifications.push.encryption import site_public_key
from notifications.push.services import DEVICE, add_device, device_name
from notifications.services.preferences import set_thread_level
from notifications.services.suppression import lift_suppression, usable_addresses
from notifications.views.inbox import back_to
from posts.models import Post

TALKS_SHOWN = 50


class SettingsView(MemberRequiredMixin, View):
    def get(self, request: MemberRequest) -> HttpResponse:
        return self.answer(request, PreferencesForm(member=request.user), TimingForm(member=request.user))

    def post(self, request: MemberRequest) -> HttpResponse:
        if "resume" in request.POST:
            return self.resume(request)
        form = PreferencesForm(request.POST, member=request.user)
        # A form that was opened before these fields existed has none of them.
        has_times = "time_zone" in request.POST
        timing = TimingForm(request.POST if has_times else None, member=request.user)
        if not all([form.is_valid(), timing.is_valid() or not has_times]):
            return self.answer(request, form, timing, HTTPStatus.UNPROCESSABLE_ENTITY)
        with transaction.atomic():
            form.save()
            if has_times:
                timing.save()
        messages.success(request, _("Preferences saved."))
        response = redirect("notifications:settings")
        if has_times and "language" in timing.fields:  # for requests before the member is known
            store_language_choice(response, offered_language(timing.cleaned_data["language"]))
        return response

    def resume(self, request: MemberRequest) -> HttpResponse:
        if lift_suppression(request.user.email):
            messages.success(request, _("We’ll try your address again."))
        return redirect("notifications:settings")

    def answer(
        self,
        request: MemberRequest,
        form: PreferencesForm,
        timing: TimingForm,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            "form": form,
            "timing": timing,
            "in_touch_url": reverse("closer:people") if is_on("closer") else "",
            "talks": ThreadSubscription.objects.filter(member=request.user)
            .exclude(level=ThreadSubscription.Level.NORMAL)
            .select_related("post")
            .order_by("-created_at")[:TALKS_SHOWN],
            "tags": TagFollow.objects.filter(member=request.user)
            .select_related("tag")
            .order_by("-created_at", "-pk")[:TALKS_SHOWN],
            "stop": EmailSuppression.objects.filter(email=request.user.email.lower()).first(),
            "devices": Device.objects.filter(member=request.user).order_by("-created_at", "-pk"),
            "push_key": site_public_key(),
            "reply_feed": ReplyFeed.objects.filter(member=request.user).first(),
            "has_address": usable_addresses().filter(user=request.user).exists(),
        }
        return render(request, "notifications/settings.html", context, status=status)


class DeviceCreateView(MemberRequiredMixin, View):
    """Subscribe this browser to push notifications.

    Called by static/js/push.js; 204, or 422 with the error.
    """

    def post(self, request: MemberRequest) -> HttpResponse:
        form = DeviceForm(request.POST)
        if not form.is_valid():
            return JsonResponse(form.errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            check_hits("devices", request.user.pk, settings.DEVICE_RATES)
        except TooFast as error:
            return too_many_requests(request, error.wait_seconds)
        device = add_device(
            request.user, **form.cleaned_data, name=device_name(request.headers.get("User-Agent", ""))
        )
        request.session[DEVICE] = device.key  # it ends with the session
        messages.success(request, _("Push notifications are on for this device."))
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class DeviceDeleteView(MemberRequiredMixin, View):
    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        deleted, _by_model = Device.objects.filter(member=request.user, pk=pk).delete()
        if not deleted:
            raise Http404
        messages.success(request, _("Push notifications are off for that device."))
        return redirect("notifications:settings")


class PushWorkerView(View):
    """The service worker that shows push notifications while no page of ours is open."""

    def get(self, request: HttpRequest) -> HttpResponse:
        response = render(request, "notifications/push-worker.js", content_type="text/javascript")
        response["Cache-Control"] = "no-cache"
        return response


class ThreadFollowView(MemberRequiredMixin, View):
    """Follow or mute a post. If signed out, redirects to the sign-in, and back to the post."""

    guarded_by_origin = VISITORS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.post_page = get_object_or_404(Post.objects.readable_by(request.user), slug=kwargs["slug"])
        if not request.user.is_authenticated:
            return redirect(
                f"{resolve_url('account_login')}?{urlencode({'next': self.post_page.get_absolute_url()})}"
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: MemberRequest, slug: str) -> HttpResponse:
        return redirect(self.post_page)

    def post(self, request: MemberRequest, slug: str) -> HttpResponse:
        form = LevelForm(request.POST)
        if not form.is_valid():
            context = {"post": self.post_page, "form": form}
            return render(
                request, "notifications/thread_follow.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY
            )
        level = form.cleaned_data["level"]
        set_thread_level(request.user, self.post_page, level)
        messages.success(request, SAID_OF_LEVEL[level]())
        return back_to(request, self.post_page.get_absolute_url())


SAID_OF_LEVEL = {
    ThreadSubscription.Level.FOLLOWING: lambda: _("You’re following this post."),
    ThreadSubscription.Level.NORMAL: lambda: _("You’ll only be notified of replies to you here."),
    ThreadSubscription.Level.MUTED: lambda: _("You’ve muted this post."),
}
