"""Viewing and editing profiles."""

from http import HTTPStatus
from typing import Any, cast

import qrcode
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import DetailView, View
from qrcode.image.svg import SvgPathImage

from accounts.forms.links import BaseLinkFormSet, LinkFormSet
from accounts.forms.profile import ProfileForm, list_problems
from accounts.models import MemberTopic, ProfileLink, User
from accounts.models.images import SHAPES, DrawnPicture
from accounts.models.networks import all_networks
from accounts.models.querysets import UserQuerySet
from accounts.services.merging import merged_account_named
from accounts.services.profile import save_profile, store_chosen_picture
from accounts.services.share_cards import member_picture_url
from accounts.services.structured_data import profile_page
from accounts.services.vcard import make_vcard
from accounts.views.access import MemberRequest, MemberRequiredMixin
from core.markup.newcomers import unlinked
from core.markup.plain import excerpt
from core.markup.safe import trusted
from core.utils.urls import absolute_url


class MemberDetailView(DetailView):
    template_name = "accounts/member_detail.html"
    context_object_name = "member"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Redirect from the username of a merged account to the account it was merged into."""
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            merged_into = merged_account_named(self.kwargs["username"])
            if merged_into is None:
                raise
            return HttpResponsePermanentRedirect(merged_into.get_absolute_url())

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:
        people = self.people().with_links().with_topics()
        return get_object_or_404(people, username=self.kwargs["username"].lower())

    def people(self) -> UserQuerySet:
        return User.objects.with_page()

    def get_template_names(self) -> list[str]:
        """For a memorial, a page without any action on the account."""
        if self.object.memorial_since is not None:
            return ["accounts/member_in_memory.html"]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, reader = self.object, self.request.user
        another = reader if reader.is_authenticated and reader != member else None
        is_shown = member.shows_page_to(reader)
        links = list(member.links.all()) if is_shown else []
        topics = list(member.topics.all()) if is_shown else []
        quiet = {"dress": ""} if member.memorial_since is not None else {}
        return (
            super().get_context_data(**kwargs)
            | quiet
            | {
                "is_own_page": member == reader,
                "is_shown": is_shown,
                "links": links,
                "can_meet": another is not None,
                "is_followed": another is not None and another.follows.filter(followed=member).exists(),
                "is_muted": another is not None and member.pk in another.muted_ids,
                "shows_links": member.shows_links_to(reader),
                "bio_html": trusted(
                    member.bio_html if member.shows_links_to(reader) else unlinked(member.bio_html)
                ),
                "profile_url": absolute_url(member.get_absolute_url()),
                "description": (member.tagline or excerpt(member.bio_html, 160)) if is_shown else "",
                "share_url": member_picture_url(member),
                "structured_data": profile_page(member),
                "photo_url": absolute_url(member.avatar.url) if member.avatar and is_shown else "",
                "has_seals": any(link.is_verified for link in links),
                "helps_with": [row.topic for row in topics if row.kind == MemberTopic.Kind.HELP],
                "looks_for": [row.topic for row in topics if row.kind == MemberTopic.Kind.LOOK],
                "birthday": member.birthday_in(member.birthday_year or 2000)
                if is_shown and member.shows_birthday_to(reader)
                else None,
            }
        )


class MemberCardView(MemberDetailView):
    """A member's vCard. A memorial has none."""

    def people(self) -> UserQuerySet:
        return User.objects.public()

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="{self.object.username}.vcf"'}
        return HttpResponse(
            make_vcard(self.object, reader=self.request.user),
            content_type="text/vcard; charset=utf-8",
            headers=headers,
        )


class MemberCodeView(MemberDetailView):
    """The URL of a profile as a QR code: black on transparent, for a white background."""

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        code = qrcode.make(absolute_url(self.object.get_absolute_url()), image_factory=SvgPathImage, border=2)
        return HttpResponse(code.to_string(), content_type="image/svg+xml")


class OwnPageView(MemberRequiredMixin, View):
    """/members/me/: redirects members to their own profile."""

    def get(self, request: MemberRequest) -> HttpResponse:
        return redirect(request.user)


class MemberEditView(MemberRequiredMixin, View):
    """Edit one's own profile. No input is lost by an error or by adding a link."""

    def get(self, request: MemberRequest) -> HttpResponse:
        member = self.get_member()
        extra = 0 if member.links.exists() else 1
        links = LinkFormSet(instance=member, prefix="links")
        links.extra = extra
        return self.show(ProfileForm(instance=member), links)

    def post(self, request: MemberRequest) -> HttpResponse:
        member, data = self.get_member(), request.POST.copy()
        form = ProfileForm(data, request.FILES, instance=member)
        if "add_link" in data or "move_link" in data:
            return self.rearrange(form, data)
        links = LinkFormSet(data, instance=member, prefix="links")
        if not all([form.is_valid(), links.is_valid()]):
            return self.refuse(form, links)
        try:
            save_profile(
                member,
                links.remaining_links(),
                links.deleted_links(),
                fields=form.columns,
                topics=form.topics,
            )
        except ValidationError as error:
            form.add_error(
                None if hasattr(error, "error_dict") or error.code == "may_not_write" else "display_name",
                error,
            )
            return self.refuse(form, links)
        messages.success(request, _("Profile saved."))
        if User.objects.filter(pk=member.pk, profile_hidden=True).exists():
            messages.info(
                request,
                _(
                    "It looks like advertising to the spam filter, so others can’t see it until a moderator has reviewed it."
                ),
            )
        return HttpResponseRedirect(member.get_absolute_url())

    def get_member(self) -> User:
        """A separate instance: unsaved input must not appear in the header of the page."""
        return User.objects.get(pk=self.request.user.pk)

    def rearrange(self, form: ProfileForm, data: QueryDict) -> HttpResponse:
        """The same page with a row added or moved, without errors about incomplete fields."""
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
        """Keep uploaded pictures until the form is sent again, since browsers do not resubmit files."""
        for name in SHAPES:
            drawn = getattr(form, "cleaned_data", {}).get(name)
            if isinstance(drawn, DrawnPicture) and self.request.user.may_write:
                data = cast(QueryDict, form.data)
                try:
                    data[f"{name}_chosen"] = str(store_chosen_picture(self.request.user, name, drawn).pk)
                except ValidationError as error:
                    form.add_error(name, error.messages[0])

    def refuse(self, form: ProfileForm, links: BaseLinkFormSet) -> HttpResponse:
        self.keep_pictures(form)
        problems = list_problems(form, links)
        if not links.management_form.is_valid():
            links = LinkFormSet(instance=self.get_member(), prefix="links")
        return self.show(form, links, problems=problems)

    def show(self, form: ProfileForm, links: BaseLinkFormSet, **more: Any) -> HttpResponse:
        chosen = {name: form.chosen(name) for name in SHAPES}
        context = {
            "form": form,
            "links": links,
            "chosen": chosen,
            "networks": [
                network.name
                for network in all_networks().values()
                if network.handle and not network.is_closed
            ],
            "max_links": ProfileLink.MAX_PER_MEMBER,
            "can_add_link": links.total_form_count() < ProfileLink.MAX_PER_MEMBER,
            "lost_file": any(name in self.request.FILES and chosen[name] is None for name in SHAPES),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if "problems" in more else HTTPStatus.OK
        return render(self.request, "accounts/member_edit.html", context | more, status=status)
