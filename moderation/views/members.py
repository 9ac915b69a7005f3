"""Pages about members, for moderators: search, one member, reported profiles."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from accounts.models import User
from accounts.views.access import MemberRequest
from comments.models import Comment
from core.utils.pagination import KeysetPage
from moderation.forms.members import (
    LevelForm,
    NoteForm,
    PeopleSearchForm,
    ProfileDecisionForm,
    ProfileOutcomeForm,
    RestrictForm,
)
from moderation.models import (
    Appeal,
    Assessment,
    MemberNote,
    ProfileReport,
    ProfileReview,
    Report,
    Restriction,
)
from moderation.services import members, queue
from moderation.services.trust import trust_of
from moderation.views.access import ModeratorRequiredMixin

PEOPLE_FOUND = 20
# How many of each kind a page about one member shows, newest first.
SHOWN = 25
# How many comments are searched for networks, which are stored for a day.
LATEST = 200


class PeopleView(ModeratorRequiredMixin, TemplateView):
    """Find a member; suspended and banned members; reported profiles."""

    template_name = "moderation/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        search = PeopleSearchForm(self.request.GET, use_required_attribute=False)
        words = search.cleaned_data["q"].strip() if search.is_valid() else ""
        current = Restriction.objects.in_force().of_people().with_members()
        page = KeysetPage(current, self.request.GET.get("before", ""), settings.REVIEW_PER_PAGE)
        found = list(User.objects.public().search(words).by_name()[: PEOPLE_FOUND + 1]) if words else []
        reported = User.objects.filter(profile_reports__outcome="").annotate(
            report_count=Count("profile_reports", filter=Q(profile_reports__outcome=""))
        )
        return super().get_context_data(**kwargs) | {
            "search": search,
            "words": words,
            "found": found[:PEOPLE_FOUND],
            "has_more": len(found) > PEOPLE_FOUND,
            "restrictions": page.rows,
            "older": page.next,
            "hidden": ProfileReview.objects.first_waiting()
            .select_related("member")
            .order_by("pk")[: settings.REVIEW_PER_PAGE],
            "reported": reported.order_by("pk")[: settings.REVIEW_PER_PAGE],
            "summary": queue.summary(),
            "open_appeals": Appeal.objects.open().count(),
        }


def counts_of(member: User) -> dict[str, int]:
    """The number of a member's comments by status."""
    status = Comment.Status
    # Grouped by status, so that the database reads nothing but an index.
    found = dict(Comment.objects.by(member).order_by().values_list("status").annotate(count=Count("*")))
    names = {
        "published": status.PUBLIC,
        "waiting": status.HELD,
        "removed": status.REMOVED,
        "spam": status.SPAM,
        "deleted": status.DELETED,
    }
    return {name: found.get(value, 0) for name, value in names.items()}


def networks_of(member: User) -> list[str]:
    """Some of the networks that a member's latest comments came from."""
    latest = Comment.objects.by(member).newest_first().values("pk")[:LATEST]
    came_from = Assessment.objects.filter(comment__in=latest).exclude(network="").order_by()
    return list(came_from.values_list("network", flat=True).distinct()[:3])


class PersonView(ModeratorRequiredMixin, TemplateView):
    """Everything moderators need to know about a member, and the available actions."""

    template_name = "moderation/person.html"

    @cached_property
    def member(self) -> User:
        return get_object_or_404(User, username=self.kwargs["username"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, moderator = self.member, self.request.user
        about = {"member": member, "by": moderator}
        is_self = member == moderator
        why_not_close = members.why_not_close_reports(moderator, member)
        hidden_because = list(ProfileReview.objects.filter(member=member).hiding().order_by("pk"))
        return super().get_context_data(**kwargs) | {
            "member": member,
            "why_not": members.reason_not_to_act(moderator, member),
            "why_not_close": why_not_close,
            "trust": trust_of(member),
            "counts": counts_of(member),
            "comments": Comment.objects.by(member)
            .visible_to(moderator)
            .select_related("post")
            .newest_first()[:5],
            "restrictions": Restriction.objects.of(member).with_members().newest_first()[:SHOWN],
            "notes": []
            if is_self
            else MemberNote.objects.filter(member=member).select_related("written_by")[:SHOWN],
            "appeals": []
            if is_self
            else Appeal.objects.filter(member=member).with_causes().order_by("-created_at", "-pk")[:SHOWN],
            "reports": []
            if is_self and why_not_close
            else ProfileReport.objects.filter(member=member)
            .select_related("reporter")
            .order_by("-pk")[:SHOWN],
            "reasons": dict(Report.Reason.choices),
            "networks": networks_of(member),
            "hidden_because": hidden_because,
            "profile_waits": any(review.decided_at is None for review in hidden_because),
            "forms": {
                "restrict": RestrictForm(**about),
                "level": LevelForm(**about),
                "note": NoteForm(**about),
            }
            | kwargs.get("forms", {}),
            "summary": queue.summary(),
        }


class PersonActView(PersonView):
    """POST one form of the page about a member. If it fails, the page is shown again with the input."""

    http_method_names = ["post"]
    name = ""
    form_class: type[RestrictForm | LevelForm | NoteForm | ProfileOutcomeForm | ProfileDecisionForm]
    done = gettext_lazy("Saved.")

    def post(self, request: MemberRequest, username: str) -> HttpResponse:
        form = self.form_class(request.POST, member=self.member, by=request.user)
        if not form.is_valid():
            return self.refuse(form)
        try:
            form.save()
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.refuse(form)
        messages.success(request, self.done)
        return redirect("moderation:person", self.member.username)

    def refuse(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(forms={self.name: form}), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )


class PersonRestrictView(PersonActView):
    name, form_class = "restrict", RestrictForm
    done = gettext_lazy("Done. They’ve been notified by email and can appeal.")


class PersonLevelView(PersonActView):
    name, form_class = "level", LevelForm
    done = gettext_lazy("Trust level set. The member sees it, with your reason, under “My account status”.")


class PersonNoteView(PersonActView):
    name, form_class = "note", NoteForm
    done = gettext_lazy("Note saved.")


class RestrictionLiftView(ModeratorRequiredMixin, View):
    """POST: lift a restriction."""

    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        restriction = get_object_or_404(Restriction.objects.with_members(), pk=pk)
        if members.lift(restriction, by=request.user):
            messages.success(request, _("Lifted: %(what)s.") % {"what": restriction})
        else:
            messages.warning(request, _("It had already ended."))
        return (
            redirect("moderation:person", restriction.member.username)
            if restriction.member
            else redirect("moderation:blocklist")
        )
