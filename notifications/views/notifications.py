"""Views of the inbox, preferences, the line under the form, receipts, and links in emails."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from accounts.views.access import MemberRequest, MemberRequiredMixin
from accounts.views.security import too_many_requests
from comments.services.discussion import will_be_held
from comments.thread.pagination import read_numbers
from comments.views.comments import get_visible_comment, url_for
from core.utils import optout
from core.utils.ratelimit import TooFast, check_hits
from core.web.csrf import VISITORS
from notifications.email.tokens import GUEST, SUBSCRIBER, Grant, read_guest_token, read_token
from notifications.forms import (
    DeviceForm,
    GuestAskForm,
    LevelForm,
    PreferencesForm,
    TimingForm,
    UnsubscribeForm,
)
from notifications.models import (
    TYPES,
    Device,
    EmailSuppression,
    GuestConsent,
    Notification,
    NotificationChannel,
    ReplyFeed,
    TagFollow,
    ThreadSubscription,
)
from notifications.push.encryption import site_public_key
from notifications.push.services import add_device, device_name
from notifications.services.guests import ask_guest, confirm_guest, forget_guest
from notifications.services.inbox import is_filter, read_inbox, tabs_for, unread_count
from notifications.services.notify import (
    choose,
    lessen_mail,
    lift_suppression,
    set_thread_level,
    thread_level,
)
from notifications.services.preview import Line, digest_of, line_of_addition, read_draft
from notifications.services.receipts import receipt_of
from notifications.services.recipients import usable_addresses
from notifications.views.subscribe import SubscriptionView
from posts.models import Post

TALKS_SHOWN = 50


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of the form, if it is one of ours."""
    to = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(to, allowed_hosts=None) and to.startswith("/")
    return HttpResponseRedirect(to if is_ours else resolve_url(otherwise))


class InboxView(MemberRequiredMixin, View):
    def get(self, request: MemberRequest) -> HttpResponse:
        show = request.GET.get("show", "")
        page = read_inbox(request.user, show=show, before=request.GET.get("before", ""))
        next_query = urlencode(
            {name: value for name, value in (("show", show), ("before", str(page.next or ""))) if value}
        )
        context = {
            "page": page,
            "show": show if is_filter(show) else "",
            "next_query": next_query if page.next else "",
            "is_first_page": "before" not in request.GET,
            "tabs": tabs_for(request.user),
            "unread": unread_count(request.user),
        }
        return render(request, "notifications/inbox.html", context)


class NotificationReadView(MemberRequiredMixin, View):
    """Mark entries as read: those given, or with `all` every current one."""

    def post(self, request: MemberRequest) -> HttpResponse:
        rows = Notification.objects.in_inbox_of(request.user)
        if "all" not in request.POST:
            rows = rows.filter(pk__in=read_numbers(request.POST.getlist("notification"))[:500])
        Notification.objects.filter(pk__in=rows.values("pk")).mark_seen()
        return back_to(request, "notifications:inbox")


class NotificationOpenView(MemberRequiredMixin, View):
    """Redirect to the subject of an entry, and mark the entry as read."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Notification.objects.in_inbox_of(request.user).with_causes(), pk=pk)
        Notification.objects.filter(pk=row.pk).mark_seen()
        in_thread = row.comment if row.type.leads_into_thread else None
        return HttpResponseRedirect(url_for(request, in_thread) if in_thread is not None else row.path)


class SettingsView(MemberRequiredMixin, View):
    def get(self, request: MemberRequest) -> HttpResponse:
        return self.answer(request, PreferencesForm(member=request.user), TimingForm(member=request.user))

    def post(self, request: MemberRequest) -> HttpResponse:
        if "resume" in request.POST:
            return self.resume(request)
        form = PreferencesForm(request.POST, member=request.user)
        # A form that was opened before there were times has none of their fields.
        has_times = "time_zone" in request.POST
        timing = TimingForm(request.POST if has_times else None, member=request.user)
        if not all([form.is_valid(), timing.is_valid() or not has_times]):
            return self.answer(request, form, timing, HTTPStatus.UNPROCESSABLE_ENTITY)
        with transaction.atomic():
            form.save()
            if has_times:
                timing.save()
        messages.success(request, _("Preferences saved."))
        return redirect("notifications:settings")

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
            "talks": ThreadSubscription.objects.filter(member=request.user)
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
    """Subscribe this browser to push notifications. Sent by static/js/push.js; 204, or 422 with the error."""

    def post(self, request: MemberRequest) -> HttpResponse:
        form = DeviceForm(request.POST)
        if not form.is_valid():
            return JsonResponse(form.errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            check_hits("devices", request.user.pk, settings.DEVICE_RATES)
        except TooFast as error:
            return too_many_requests(request, error.wait_seconds)
        add_device(request.user, **form.cleaned_data, name=device_name(request.headers.get("User-Agent", "")))
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
    """Follow or mute a post. Signed out: to the sign-in, and back to the post."""

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
            messages.error(request, str(form.errors["level"][0]))
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


class PreviewView(View):
    """The "will be notified" line for what is being typed: an HTML fragment. 204 when it is unchanged."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        post = get_object_or_404(Post.objects.readable_by(request.user).with_author(), slug=slug)
        context: dict[str, Any] = {"post": post, "line": None, "is_member": request.user.is_authenticated}
        if request.user.is_authenticated:
            draft = read_draft(
                post,
                request.user,
                body=request.POST.get("body", ""),
                parent=request.POST.get("parent", ""),
                also=request.POST.getlist("also"),
            )
            context["line"] = line = Line.of(draft, counts_all=True)
            context["waits"] = will_be_held(post, request.user)
            context["addition"] = addition = line_of_addition(request, draft, request.POST.get("body", ""))
            if request.POST.get("told") == digest_of(line, addition):
                return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "notifications/_preview.html", context)


class EditPreviewView(MemberRequiredMixin, View):
    """The same for the form in which one's own comment is changed."""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if not comment.is_editable_by(request.user):
            raise PermissionDenied(_("Only its author can edit a comment."))
        line = Line.of_change(comment, body=request.POST.get("body", ""))
        if request.POST.get("told") == line.digest:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        context = {"line": line, "is_member": True, "waits": will_be_held(comment.post, request.user)}
        return render(request, "notifications/_preview.html", context)


class CommentReceiptView(MemberRequiredMixin, View):
    """For the author of a comment: who was notified of it, and when."""

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        comment = get_visible_comment(request, pk)
        if comment.author_id != request.user.pk:
            raise PermissionDenied(_("Only the author can see who was notified of a comment."))
        return render(
            request,
            "notifications/receipt.html",
            {"comment": comment, "receipt": receipt_of(comment), "place": url_for(request, comment)},
        )


@method_decorator(
    csrf_exempt, name="dispatch"
)  # an email program has no cookie; the signed token is the authority
class UnsubscribeView(View):
    """GET asks, POST unsubscribes at once (RFC 8058). Without signing in: the token says for whom, and for which types of email.

    Changes are listed type by type, and each can be undone there.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if optout.read_token(kwargs["token"]):
            return OptOutView.as_view()(request, *args, **kwargs)
        grant = read_token(kwargs["token"])
        if grant is None:
            raise Http404
        if grant.kind == SUBSCRIBER:
            return SubscriptionView.as_view()(request, grant=grant)
        self.grant: Grant = grant
        self.talk = Post.objects.filter(pk=grant.post).first() if grant.post and grant.kind != GUEST else None
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"  # see GuestConfirmView
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        self.get_reader()
        change = request.GET.get("change")
        return self.answer(request, self.make_form(initial={"change": change} if change else None))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        reader = self.get_reader()
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.answer(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        change, undo = form.cleaned_data["change"], form.cleaned_data["undo"]
        if self.grant.kind == GUEST:
            forget_guest(self.grant.member)
            return self.answer(request, form, done=change)
        if undo:
            self.undo(reader, *undo.split(":"))
            left = [one for one in form.cleaned_data["left"] if one != undo]
            return self.answer(request, form, done="undo", undone=self.name_of(undo), changed=left)
        return self.answer(request, form, done=change, changed=self.change(reader, change))

    def change(self, reader: User, change: str) -> list[str]:
        """Apply the choice. Returns the changes, each in the form of UnsubscribeForm.undo."""
        if change == UnsubscribeForm.MUTE and self.talk is not None:
            level = thread_level(reader, self.talk)
            set_thread_level(reader, self.talk, ThreadSubscription.Level.MUTED)
            return [f"{change}:{level.value}"] if level != ThreadSubscription.Level.MUTED else []
        changed = lessen_mail(
            reader,
            self.grant.types,
            to=NotificationChannel.DAILY if change == UnsubscribeForm.DAILY else NotificationChannel.HERE,
        )
        return [f"{key}:{channel.value}" for key, channel in changed.items()]

    def undo(self, reader: User, what: str, before: str) -> None:
        if what == UnsubscribeForm.MUTE and self.talk is not None:
            set_thread_level(reader, self.talk, before)
        else:
            choose(reader, **{what: before})

    def name_of(self, change: str) -> str:
        what, before = change.split(":")
        return (
            str(self.talk)
            if what == UnsubscribeForm.MUTE
            else f"{TYPES[what].label} ({NotificationChannel(before).label})"
        )

    def get_reader(self) -> Any:
        """The member, or None for a guest. 404 if there is no such member any more."""
        if self.grant.kind == GUEST:
            return None
        return get_object_or_404(User, pk=self.grant.member)

    def make_form(self, data: Any = None, **kwargs: Any) -> UnsubscribeForm:
        return UnsubscribeForm(data, types=self.grant.types, has_talk=self.talk is not None, **kwargs)

    def answer(
        self, request: HttpRequest, form: UnsubscribeForm, *, done: str = "", undone: str = "", changed: list[str] | None = None, status: HTTPStatus = HTTPStatus.OK
    ) -> HttpResponse:  # fmt: skip
        context = {
            "form": form,
            "kinds": [one.label for one in self.grant.types],
            "talk": self.talk,
            "done": done,
            "undone": undone,
            "changed": [
                {
                    "value": one,
                    "name": self.name_of(one),
                    "left": [other for other in changed or [] if other != one],
                }
                for one in changed or []
            ],
            "is_settled": self.grant.kind == GUEST
            and not GuestConsent.objects.filter(pk=self.grant.member).exists(),
        }
        return render(request, "notifications/unsubscribe.html", context, status=status)


class OptOutView(View):
    """The same for emails that are no notifications (core.utils.optout): each kind has links of its own.

    GET asks. POST turns that kind off, as a mail program's click does (RFC 8058), or on again with `turn=on`.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = optout.read_token(kwargs["token"])
        if found is None:
            raise Http404
        self.opt_out, self.member_pk = found
        get_object_or_404(User, pk=self.member_pk)
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"  # see GuestConfirmView
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(request)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        turns_on = request.POST.get("turn") == "on"
        self.opt_out.turn(self.member_pk, turns_on)
        return self.answer(request, done="on" if turns_on else "off")

    def answer(self, request: HttpRequest, *, done: str = "") -> HttpResponse:
        context = {"opt_out": self.opt_out, "is_on": self.opt_out.is_on(self.member_pk), "done": done}
        return render(request, "notifications/opt_out.html", context)


class GuestAskView(View):
    """For guests of the imported blog: notifications of replies by email, after a confirmation by email. Says the same to everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "notifications/guest_ask.html", {"form": GuestAskForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = GuestAskForm(request.POST)
        if not form.is_valid():
            return render(
                request,
                "notifications/guest_ask.html",
                {"form": form},
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
            )
        ask_guest(form.cleaned_data["email"])
        return render(request, "notifications/guest_ask.html", {"form": form, "is_asked": True})


class GuestConfirmView(View):
    """The link in the email: GET asks, POST confirms."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        email = read_guest_token(kwargs["token"])
        if email is None:
            raise Http404
        self.email = email
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        # Not "no-referrer": browsers would then hide the form's own origin, and the check against forged forms refuses it.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return render(request, "notifications/guest_confirm.html", {"is_done": False})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        confirm_guest(self.email)
        return render(request, "notifications/guest_confirm.html", {"is_done": True})
