"""The members: directory, page, own page. Signing in is django-allauth's (templates/account)."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import qrcode
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import DetailView, TemplateView, View
from qrcode.image.svg import SvgPathImage

from accounts.forms import IntroductionAnswerForm, IntroductionForm, LinkFormSet, ProfileForm, list_problems
from accounts.models import Introduction, MemberTopic, ProfileLink, Topic, User
from accounts.networks import all_networks
from accounts.pictures import SHAPES, DrawnPicture
from accounts.second_step import WAY_BACK, lacks_second_step
from accounts.services import (
    answer_introduction,
    ask_for_check,
    ask_for_introduction,
    count_following,
    follow,
    keep_chosen_picture,
    mute,
    save_profile,
)
from accounts.vcard import make_vcard
from core.addresses import absolute_url
from core.kept import kept_text
from core.ratelimit import TooFast
from core.views import is_own_path

TOPICS_TO_CHOOSE_FROM = 30
PEOPLE_SHOWN = 100


class MemberListView(TemplateView):
    """The directory, by name: all, or those who fit. A page begins after the member that `after` names."""

    template_name = "accounts/member_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.get_queryset()
        members = list((found.after(*self.after) if self.after else found)[: settings.MEMBERS_PER_PAGE + 1])
        page = members[: settings.MEMBERS_PER_PAGE]
        asked = {name: value for name, value in (("q", self.words), ("help", self.help), ("look", self.look)) if value}
        return super().get_context_data(**kwargs) | {
            "members": page,
            "member_count": found.count(),
            "asked": asked,
            "popular_topics": Topic.objects.most_offered()[:TOPICS_TO_CHOOSE_FROM],
            "is_first_page": self.after is None,
            "first_query": urlencode(asked),
            "next_query": urlencode(asked | {"after": f"{page[-1].name_key}|{page[-1].pk}"}) if len(members) > len(page) else "",
        }

    def get_queryset(self) -> QuerySet[User]:
        members = User.objects.listed_for(self.request.user).with_links().with_topics().by_name().search(self.words)
        if self.help:
            members = members.with_topic(MemberTopic.Kind.HELP, self.help)
        if self.look:
            members = members.with_topic(MemberTopic.Kind.LOOK, self.look)
        return members

    @property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()[:200]

    @property
    def help(self) -> str:
        return self.request.GET.get("help", "").strip()[:80]

    @property
    def look(self) -> str:
        return self.request.GET.get("look", "").strip()[:80]

    @cached_property
    def after(self) -> tuple[str, int] | None:
        """Where the page before ended; None when there is none, or it makes no sense."""
        name_key, _bar, number = self.request.GET.get("after", "").rpartition("|")
        return (name_key, int(number)) if name_key and number.isdecimal() and len(number) < 19 else None


class MemberDetailView(DetailView):
    template_name = "accounts/member_detail.html"
    context_object_name = "member"

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:
        return get_object_or_404(User.objects.public().with_links().with_topics(), username=self.kwargs["username"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, reader = self.object, self.request.user
        is_reading_another = reader.is_authenticated and reader != member
        is_shown = member.shows_page_to(reader)
        links = list(member.links.all()) if is_shown else []
        topics = list(member.topics.all()) if is_shown else []
        return super().get_context_data(**kwargs) | {
            "is_own_page": member == reader,
            "is_shown": is_shown,
            "links": links,
            "can_meet": is_reading_another,
            "is_followed": is_reading_another and reader.follows.filter(followed=member).exists(),
            "is_muted": is_reading_another and member.pk in reader.muted_ids,
            "profile_url": absolute_url(member.get_absolute_url()),
            "photo_url": absolute_url(member.avatar.url) if member.avatar and is_shown else "",
            "has_seals": any(link.is_proved for link in links),
            "helps_with": [row.topic for row in topics if row.kind == MemberTopic.Kind.HELP],
            "looks_for": [row.topic for row in topics if row.kind == MemberTopic.Kind.LOOK],
            "birthday": member.birthday_in(member.birthday_year or 2000) if is_shown and member.shows_birthday_to(reader) else None,
        }


class MemberCardView(MemberDetailView):
    """A member as a contact card, to be kept in an address book."""

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="{self.object.username}.vcf"'}
        return HttpResponse(make_vcard(self.object, reader=self.request.user), content_type="text/vcard; charset=utf-8", headers=headers)


class MemberCodeView(MemberDetailView):
    """The address of a member's page as a QR code: black on nothing, for a white ground."""

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        code = qrcode.make(absolute_url(self.object.get_absolute_url()), image_factory=SvgPathImage, border=2)
        return HttpResponse(code.to_string(), content_type="image/svg+xml")


class OwnPageView(LoginRequiredMixin, View):
    """/members/me/: an address that leads everybody to their own page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect(request.user)


class MemberEditView(LoginRequiredMixin, View):
    """A member's own page, to be changed. Nothing typed or chosen is lost: not by an error, not by asking for one more link."""

    def get(self, request: HttpRequest) -> HttpResponse:
        member = self.get_member()
        extra = 0 if member.links.exists() else 1
        links = LinkFormSet(instance=member, prefix="links")
        links.extra = extra
        return self.show(ProfileForm(instance=member), links)

    def post(self, request: HttpRequest) -> HttpResponse:
        member, data = self.get_member(), request.POST.copy()
        form = ProfileForm(data, request.FILES, instance=member)
        if "add_link" in data or "move_link" in data:
            return self.rearrange(form, data)
        links = LinkFormSet(data, instance=member, prefix="links")
        if not all([form.is_valid(), links.is_valid()]):
            return self.refuse(form, links)
        try:
            save_profile(member, links.links_that_stay(), links.links_that_go(), fields=form.columns, topics=form.topics)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") or error.code == "may_not_write" else "display_name", error)
            return self.refuse(form, links)
        messages.success(request, _("Your page is saved."))
        return HttpResponseRedirect(member.get_absolute_url())

    def get_member(self) -> User:
        """A copy of its own: what is typed here must not show in the head of the page before it is saved."""
        return User.objects.get(pk=self.request.user.pk)

    def rearrange(self, form: ProfileForm, data: QueryDict) -> HttpResponse:
        """The same page with one more row, or with a row moved, and not a word about what is not finished."""
        member = form.instance
        links = LinkFormSet(data, instance=member, prefix="links")
        if not links.management_form.is_valid():
            return self.refuse(form, links)
        if "add_link" in data:
            data["links-TOTAL_FORMS"] = str(min(links.total_form_count() + 1, ProfileLink.MAX_PER_MEMBER))
            links = LinkFormSet(data, instance=member, prefix="links")
        LinkFormSet.moved(data, links.in_order(), data.get("move_link", ""))
        if self.request.FILES:
            form.full_clean()
        self.keep_pictures(form)
        form.without_errors(but=SHAPES)
        links.without_errors()
        return self.show(form, links)

    def keep_pictures(self, form: ProfileForm) -> None:
        """Pictures that came along wait for the form to be sent again: browsers keep none."""
        for name in SHAPES:
            drawn = getattr(form, "cleaned_data", {}).get(name)
            if isinstance(drawn, DrawnPicture) and self.request.user.may_write:
                try:
                    form.data[f"{name}_chosen"] = str(keep_chosen_picture(self.request.user, name, drawn).pk)
                except ValidationError as error:
                    form.add_error(name, error.messages[0])

    def refuse(self, form: ProfileForm, links: BaseInlineFormSet) -> HttpResponse:
        self.keep_pictures(form)
        problems = list_problems(form, links)
        if not links.management_form.is_valid():
            links = LinkFormSet(instance=self.get_member(), prefix="links")
        return self.show(form, links, problems=problems)

    def show(self, form: ProfileForm, links: BaseInlineFormSet, **more: Any) -> HttpResponse:
        chosen = {name: form.chosen(name) for name in SHAPES}
        context = {
            "form": form,
            "links": links,
            "chosen": chosen,
            "networks": [network.name for network in all_networks().values() if network.handle and not network.is_gone],
            "max_links": ProfileLink.MAX_PER_MEMBER,
            "can_add_link": links.total_form_count() < ProfileLink.MAX_PER_MEMBER,
            "lost_file": any(name in self.request.FILES and chosen[name] is None for name in SHAPES),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if "problems" in more else HTTPStatus.OK
        return render(self.request, "accounts/member_edit.html", context | more, status=status)


class MeetView(LoginRequiredMixin, View):
    """Base of what one member does about another, whose name stands in the address."""

    @cached_property
    def other(self) -> User:
        other = get_object_or_404(User.objects.public(), username=self.kwargs["username"].lower())
        if other == self.request.user:
            raise PermissionDenied(_("This is you. It is meant for somebody else."))
        return other

    def go_back(self) -> HttpResponse:
        back = self.request.POST.get("next", "")
        return redirect(back if is_own_path(back) else self.other)


class MemberFollowView(MeetView):
    """POST: follow a member, or with `off` no longer."""

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        follow(request.user, self.other, on="off" not in request.POST)
        return self.go_back()


class MemberMuteView(MeetView):
    """POST: rather not hear from a member, or with `off` hear from them again."""

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        mute(request.user, self.other, on="off" not in request.POST)
        return self.go_back()


class IntroductionCreateView(MeetView):
    """Ask to be introduced to a member who takes such letters."""

    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        return self.show(IntroductionForm())

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        form = IntroductionForm(request.POST)
        if not form.is_valid():
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            ask_for_introduction(request.user, self.other, form.cleaned_data["words"])
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        except TooFast as error:
            form.add_error(None, _("You have asked several people lately. Give them time to answer, and ask again in a day or two."))
            response = self.show(form, HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(error.wait_seconds)
            return response
        messages.success(request, _("Your words are on their way to %(name)s. An answer comes by email.") % {"name": self.other.get_display_name()})
        return redirect(self.other)

    def show(self, form: IntroductionForm, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
        if not self.other.takes_introductions or self.other.is_banned:
            raise Http404
        return render(self.request, "accounts/introduction_form.html", {"form": form, "member": self.other}, status=status)


class PeopleView(LoginRequiredMixin, TemplateView):
    """Whom a member follows and mutes, who would like to be introduced, and whom they asked."""

    template_name = "accounts/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = self.request.user
        return super().get_context_data(**kwargs) | {
            "waiting": Introduction.objects.waiting_for(member).with_people().newest_first()[:PEOPLE_SHOWN],
            "asked": member.introductions_asked.with_people().newest_first()[:PEOPLE_SHOWN],
            "followed": User.objects.public().filter(followers__follower=member).by_name(),
            "muted": User.objects.public().filter(muted_by__member=member).by_name(),
            "answer_form": kwargs.get("answer_form") or IntroductionAnswerForm(),
        }


class IntroductionAnswerView(LoginRequiredMixin, View):
    """POST: say yes or no to somebody who would like to be introduced."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        introduction = get_object_or_404(Introduction.objects.with_people(), pk=pk, asked=request.user)
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
            messages.info(request, _("You have answered this already."))
        elif accept:
            messages.success(request, _("%(name)s gets your answer by email.") % {"name": name})
        else:
            messages.success(request, _("It is off your list. %(name)s is not told.") % {"name": name})
        return redirect("accounts:people")

    def refuse(self, introduction: Introduction, form: IntroductionAnswerForm) -> HttpResponse:
        context = {"waiting": [introduction], "answer_form": form, "is_answer_refused": True}
        return render(self.request, "accounts/people.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class LinkListView(LoginRequiredMixin, TemplateView):
    """A member's own links: which are proved, how the others can be, how often each was followed."""

    template_name = "accounts/link_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "links": self.request.user.links.with_counts(),
            "profile_url": absolute_url(self.request.user.get_absolute_url()),
        }


class LinkCheckView(LoginRequiredMixin, View):
    """POST: have the worker look at the page behind one of the member's own links."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(request.user.links, pk=pk)
        back = redirect("accounts:link-list")
        try:
            ask_for_check(link)
        except TooFast as error:
            minutes = -(-error.wait_seconds // 60)
            words = ngettext("We have only just looked. Try again in %d minute.", "We have only just looked. Try again in %d minutes.", minutes)
            messages.warning(request, words % minutes)
        else:
            messages.success(request, _("We are going there now. What we find will stand here in a moment."))
        return back


class LinkFollowedView(View):
    """POST: a reader followed a link. Counted for its owner, by the day; nothing else is kept."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(ProfileLink, pk=pk, user__is_active=True)
        if link.user_id != request.user.pk:
            count_following(link)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class SecondStepView(LoginRequiredMixin, TemplateView):
    """Why somebody who looks after this place needs a second step, and the way to it. Who has one is led on."""

    template_name = "accounts/second_step.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_own_path(request.GET.get("next", "")):
            request.session[WAY_BACK] = request.GET["next"]
        if lacks_second_step(request.user):
            return super().get(request, *args, **kwargs)
        return redirect(request.session.pop(WAY_BACK, None) or reverse("accounts:own-page"))


class SessionEndView(LoginRequiredMixin, View):
    """POST: sign one of the member's own devices out."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        session = get_object_or_404(UserSession, pk=pk, user=request.user)
        if session.is_current():
            return redirect("account_logout")
        end_sessions(request, [session])
        messages.success(request, _("That device is signed out."))
        return redirect("usersessions_list")


def too_many_requests(request: HttpRequest, wait_seconds: int = 60) -> HttpResponse:
    """The answer, allauth's too, when somebody knocks too often: in words, with what was typed kept for the next try."""
    response = render(request, "429.html", kept_text(request) | {"wait_seconds": wait_seconds}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(wait_seconds)
    return response
