"""Links in emails to get fewer of them, or none."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from core.utils import optout
from notifications.email.tokens import GUEST, SUBSCRIBER, Grant, read_token
from notifications.forms import UnsubscribeForm
from notifications.models import TYPES, GuestConsent, NotificationChannel, ThreadSubscription
from notifications.services.guests import forget_guest
from notifications.services.preferences import (
    choose,
    preferences_of,
    reduce_emails,
    set_thread_level,
    thread_level,
)
from notifications.services.verdicts import MAILED
from notifications.views.subscribe import SubscriptionView
from posts.models import Post


@method_decorator(
    csrf_exempt, name="dispatch"
)  # an email program has no cookie; the signed token is the authority
class UnsubscribeView(View):
    """GET asks, POST unsubscribes at once (RFC 8058), without signing in.

    The token tells for whom, and from which types of email. Changes are listed by type, and each can be
    undone there.
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
        changed = self.change(reader, change)
        is_seldom = change == UnsubscribeForm.DAILY and not changed and self.are_emailed(reader)
        return self.answer(request, form, done="seldom" if is_seldom else change, changed=changed)

    def change(self, reader: User, change: str) -> list[str]:
        """Apply the choice. Returns the changes, each in the form of UnsubscribeForm.undo."""
        if change == UnsubscribeForm.MUTE and self.talk is not None:
            level = thread_level(reader, self.talk)
            set_thread_level(reader, self.talk, ThreadSubscription.Level.MUTED)
            return [f"{change}:{level.value}"] if level != ThreadSubscription.Level.MUTED else []
        changed = reduce_emails(
            reader,
            self.grant.types,
            to=NotificationChannel.DAILY if change == UnsubscribeForm.DAILY else NotificationChannel.HERE,
        )
        return [f"{key}:{channel.value}" for key, channel in changed.items()]

    def are_emailed(self, reader: User) -> bool:
        now = preferences_of(reader)
        return any(now[one.key] in MAILED for one in self.grant.types)

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
        """The member, or None for a guest. 404 if the member no longer exists."""
        if self.grant.kind == GUEST:
            return None
        return get_object_or_404(User, pk=self.grant.member)

    def make_form(self, data: Any = None, **kwargs: Any) -> UnsubscribeForm:
        return UnsubscribeForm(data, types=self.grant.types, has_discussion=self.talk is not None, **kwargs)

    def answer(
        self,
        request: HttpRequest,
        form: UnsubscribeForm,
        *,
        done: str = "",
        undone: str = "",
        changed: list[str] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
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
    """The same for emails that are not notifications (core.utils.optout): each kind has its own links.

    GET asks. POST turns that kind off, like a mail program's click (RFC 8058), or on again with `turn=on`.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = optout.read_token(kwargs["token"])
        if found is None:
            raise Http404
        self.opt_out, self.member_pk = found
        if self.opt_out.is_known is None:
            get_object_or_404(User, pk=self.member_pk)
        elif not self.opt_out.is_known(self.member_pk):
            raise Http404
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
