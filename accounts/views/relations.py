"""Following, muting and introducing members."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.forms.relations import IntroductionAnswerForm, IntroductionForm
from accounts.models import Introduction, User
from accounts.models.querysets import set_moderator_flags
from accounts.services.relations import answer_introduction, follow, mute, send_introduction
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.utils.ratelimit import TooFast
from core.web.responses import retry_later
from core.web.views import is_own_path

PEOPLE_SHOWN = 100


class MemberActionView(MemberRequiredMixin, View):
    """Base of actions on another member, whose username is in the URL."""

    @cached_property
    def other(self) -> User:
        other = get_object_or_404(User.objects.public(), username=self.kwargs["username"].lower())
        if other == self.request.user:
            raise PermissionDenied(_("You can’t do this with your own profile."))
        return other

    def go_back(self) -> HttpResponse:
        back = self.request.POST.get("next", "")
        return redirect(back if is_own_path(back) else self.other)


class MemberFollowView(MemberActionView):
    """POST: follow a member, or unfollow with `off`."""

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        follow(request.user, self.other, on="off" not in request.POST)
        return self.go_back()


class MemberMuteView(MemberActionView):
    """POST: mute a member, or unmute with `off`."""

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        mute(request.user, self.other, on="off" not in request.POST)
        return self.go_back()


class IntroductionCreateView(MemberActionView):
    """Request an introduction to a member who accepts them."""

    def get(self, request: MemberRequest, username: str) -> HttpResponse:
        if not self.other.takes_introductions or self.other.is_veiled:
            raise Http404
        return self.show(IntroductionForm())

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        form = IntroductionForm(request.POST)
        if not form.is_valid():
            if not self.other.takes_introductions or self.other.is_veiled:
                raise Http404  # nothing was typed
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            send_introduction(request.user, self.other, form.cleaned_data["words"])
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        except TooFast as error:
            form.add_error(
                None, _("You’ve sent several requests recently. Wait a day or two before sending more.")
            )
            return retry_later(self.show(form), error)
        messages.success(
            request,
            _("Your message has been sent to %(name)s. If they reply, you’ll get it by email.")
            % {"name": self.other.get_display_name()},
        )
        return redirect(self.other)

    def show(self, form: IntroductionForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        return render(
            self.request,
            "accounts/introduction_form.html",
            {"form": form, "member": self.other},
            status=status,
        )


class PeopleView(MemberRequiredMixin, TemplateView):
    """Followed and muted members, and introductions received and sent."""

    template_name = "accounts/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = self.request.user
        followed = [*User.objects.public().filter(followers__follower=member).by_name()]
        muted = [*User.objects.public().filter(muted_by__member=member).by_name()]
        set_moderator_flags([*followed, *muted])
        return super().get_context_data(**kwargs) | {
            "waiting": Introduction.objects.waiting_for(member).with_members().newest_first()[:PEOPLE_SHOWN],
            "asked": member.introductions_asked.with_members().newest_first()[:PEOPLE_SHOWN],
            "followed": followed,
            "muted": muted,
            "answer_form": kwargs.get("answer_form") or IntroductionAnswerForm(),
        }


class IntroductionAnswerView(MemberRequiredMixin, View):
    """POST: accept or decline an introduction.

    GET (after signing in again) redirects to the page of the form.
    """

    def get(self, request: MemberRequest, pk: int) -> HttpResponse:
        return redirect("accounts:people")

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        introduction = get_object_or_404(Introduction.objects.with_members(), pk=pk, asked=request.user)
        form = IntroductionAnswerForm(request.POST)
        if not form.is_valid():
            return self.refuse(introduction, form)
        accept = "accept" in request.POST
        name = introduction.asker.get_display_name()
        try:
            was_open = answer_introduction(introduction, accept=accept, answer=form.cleaned_data["answer"])
        except ValidationError as error:
            form.add_error("answer", error)
            return self.refuse(introduction, form)
        if not was_open:
            messages.info(request, _("You’ve already answered this request."))
        elif accept:
            messages.success(request, _("Your reply has been emailed to %(name)s.") % {"name": name})
        else:
            messages.success(request, _("Declined. %(name)s won’t be notified.") % {"name": name})
        return redirect("accounts:people")

    def refuse(self, introduction: Introduction, form: IntroductionAnswerForm) -> HttpResponse:
        context = {"waiting": [introduction], "answer_form": form, "is_answer_refused": True}
        return render(self.request, "accounts/people.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
