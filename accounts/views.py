"""The members: directory, page, own page. Signing in is django-allauth's (templates/account)."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import qrcode
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import DetailView, TemplateView, View
from qrcode.image.svg import SvgPathImage

from accounts.forms import LinkFormSet, ProfileForm, list_problems
from accounts.models import ProfileLink, User
from accounts.networks import all_networks
from accounts.services import ask_for_check, count_following, save_profile
from accounts.vcard import make_vcard
from core.addresses import absolute_url
from core.ratelimit import TooFast


class MemberListView(TemplateView):
    """The directory, by name. A page begins after the member that `after` names: it costs the same on page 1000."""

    template_name = "accounts/member_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = list(self.get_queryset()[: settings.MEMBERS_PER_PAGE + 1])
        page = members[: settings.MEMBERS_PER_PAGE]
        return super().get_context_data(**kwargs) | {
            "members": page,
            "member_count": User.objects.public().count(),
            "is_first_page": self.after is None,
            "next_query": urlencode({"after": f"{page[-1].name_key}|{page[-1].pk}"}) if len(members) > len(page) else "",
        }

    def get_queryset(self) -> QuerySet[User]:
        members = User.objects.public().with_links().by_name()
        return members.after(*self.after) if self.after else members

    @cached_property
    def after(self) -> tuple[str, int] | None:
        """Where the page before ended; None when there is none, or it makes no sense."""
        name_key, _bar, number = self.request.GET.get("after", "").rpartition("|")
        return (name_key, int(number)) if name_key and number.isdecimal() and len(number) < 19 else None


class MemberDetailView(DetailView):
    template_name = "accounts/member_detail.html"
    context_object_name = "member"

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:
        return get_object_or_404(User.objects.public().with_links(), username=self.kwargs["username"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "is_own_page": self.object == self.request.user,
            "profile_url": absolute_url(self.object.get_absolute_url()),
            "photo_url": absolute_url(self.object.avatar.url) if self.object.avatar else "",
            "has_seals": any(link.is_proved for link in self.object.links.all()),
        }


class MemberCardView(MemberDetailView):
    """A member as a contact card, to be kept in an address book."""

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="{self.object.username}.vcf"'}
        return HttpResponse(make_vcard(self.object), content_type="text/vcard; charset=utf-8", headers=headers)


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
    """A member's own page, to be changed. Nothing typed is lost: not by an error, not by asking for one more link."""

    def get(self, request: HttpRequest) -> HttpResponse:
        member = self.get_member()
        extra = 0 if member.links.exists() else 1
        links = LinkFormSet(instance=member, prefix="links")
        links.extra = extra
        return self.show(ProfileForm(instance=member), links)

    def post(self, request: HttpRequest) -> HttpResponse:
        if "add_link" in request.POST or "move_link" in request.POST:
            return self.rearrange(request)
        member = self.get_member()
        form = ProfileForm(request.POST, request.FILES, instance=member)
        links = LinkFormSet(request.POST, instance=member, prefix="links")
        if not all([form.is_valid(), links.is_valid()]):
            return self.refuse(form, links)
        save_profile(member, links.links_that_stay(), links.links_that_go())
        messages.success(request, _("Your page is saved."))
        return HttpResponseRedirect(member.get_absolute_url())

    def get_member(self) -> User:
        """A copy of its own: what is typed here must not show in the head of the page before it is saved."""
        return User.objects.get(pk=self.request.user.pk)

    def rearrange(self, request: HttpRequest) -> HttpResponse:
        """The same page with one more row, or with a row moved, and not a word about what is not finished."""
        member = self.get_member()
        data = request.POST.copy()
        links = LinkFormSet(data, instance=member, prefix="links")
        if not links.management_form.is_valid():
            return self.refuse(ProfileForm(data, instance=member), links)
        if "add_link" in data:
            data["links-TOTAL_FORMS"] = str(min(links.total_form_count() + 1, ProfileLink.MAX_PER_MEMBER))
            links = LinkFormSet(data, instance=member, prefix="links")
        LinkFormSet.moved(data, links.in_order(), data.get("move_link", ""))
        form = ProfileForm(data, instance=member)
        form.without_errors()
        links.without_errors()
        return self.show(form, links)

    def refuse(self, form: ProfileForm, links: BaseInlineFormSet) -> HttpResponse:
        problems = list_problems(form, links)
        if not links.management_form.is_valid():
            links = LinkFormSet(instance=self.get_member(), prefix="links")
        return self.show(form, links, problems=problems)

    def show(self, form: ProfileForm, links: BaseInlineFormSet, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "links": links,
            "networks": [network.name for network in all_networks().values() if network.handle],
            "can_add_link": links.total_form_count() < ProfileLink.MAX_PER_MEMBER,
            "lost_file": bool(self.request.FILES),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if "problems" in more else HTTPStatus.OK
        return render(self.request, "accounts/member_edit.html", context | more, status=status)


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


def too_many_requests(request: HttpRequest, wait_seconds: int = 60) -> HttpResponse:
    """The answer, allauth's too, when somebody knocks too often: in words, with what was typed kept for the next try."""
    secret = ("password", "code", "csrf", "credential")
    typed = [(name, value) for name, value in request.POST.items() if not any(word in name.lower() for word in secret)]
    context = {"typed": typed, "wait_seconds": wait_seconds}
    response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(context["wait_seconds"])
    return response
