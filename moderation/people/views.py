"""Pages about people: their own standing and appeals; for moderators the person, what is closed, appeals; the log; the host's figures."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from accounts.models import User
from comments.models import Comment
from core.paging import Cursor
from core.ratelimit import TooFast
from moderation import queue
from moderation.models import Appeal, Assessment, Decision, DeskChoice, MemberNote, ModerationSettings, ProfileReport, Report, Restriction
from moderation.people import services
from moderation.people.figures import PERIODS, figures_of
from moderation.people.forms import (
    AppealAnswerForm,
    AppealForm,
    DeskChoiceForm,
    HouseForm,
    LevelForm,
    NoteForm,
    PeopleSearchForm,
    PlaceForm,
    ProfileOutcomeForm,
    ProfileReportForm,
    RestrictForm,
)
from moderation.people.log import LogCursor, read_log
from moderation.reporting import weight_of
from moderation.trust import standing_of
from moderation.views import ModeratorRequiredMixin

PEOPLE_FOUND = 20
# Of each kind of thing on a page about one person, the newest.
SHOWN = 25

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


def with_wait(response: HttpResponse, error: TooFast) -> HttpResponse:
    response["Retry-After"] = str(error.wait_seconds)
    return response


# --- what members see of themselves ---------------------------------------------------


class StandingView(LoginRequiredMixin, TemplateView):
    """All that moderators and the guard have to say about the reader, and how to answer it."""

    template_name = "moderation/standing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = self.request.user
        own = Comment.objects.by(member)
        decisions = Decision.objects.filter(comment__author=member, action__in=["approve", "remove", "spam"], undone_by=None)
        before = Cursor.read(self.request.GET.get("before", ""))
        page = decisions.filter(before.rows_before("created_at")) if before is not None else decisions
        rows = list(page.select_related("comment__post", "text", "appeal").newest_first()[: SHOWN + 1])
        shown = rows[:SHOWN]
        return super().get_context_data(**kwargs) | {
            "standing": standing_of(member),
            "levels": settings.TRUST_LEVELS,
            "counts_reports": weight_of(member) >= 0.5,
            "held": own.held().select_related("post").newest_first()[:SHOWN],
            "decisions": shown,
            "older": Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > len(shown) else None,
            "is_first_page": before is None,
            "can_appeal": {decision.pk for decision in shown if not services.why_not_appeal(member, decision)},
            # Taken for spam when it came, and let through by nobody: no moderator said so, and no decision holds the words.
            "closed": own.filter(status=Comment.Status.SPAM)
            .exclude(pk__in=decisions.values("comment"))
            .select_related("post")
            .newest_first()[:SHOWN],
            "restrictions": Restriction.objects.of(member).with_people().newest_first()[:SHOWN],
            "reports": Report.objects.filter(reporter=member)
            .select_related("comment__author", "comment__post", "decision")
            .order_by("-created_at", "-pk")[:SHOWN],
            "profile_reports": ProfileReport.objects.filter(reporter=member).select_related("member").order_by("-pk")[:SHOWN],
            "choice_form": kwargs.get("choice_form") or (DeskChoiceForm(instance=self.choice) if member.is_moderator else None),
            "appeal_days": settings.APPEAL_DAYS,
            "turned_away_days": settings.TURNED_AWAY_DAYS,
        }

    @property
    def choice(self) -> DeskChoice:
        return DeskChoice.objects.filter(moderator=self.request.user).first() or DeskChoice(moderator=self.request.user)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The one choice that stands here: mail to a moderator."""
        if not request.user.is_moderator:
            raise PermissionDenied(_("Only moderators are written to about what waits."))
        DeskChoice.objects.update_or_create(moderator=request.user, defaults={"wants_mail": request.POST.get("wants_mail") == "on"})
        messages.success(request, _("Saved."))
        return redirect("moderation:standing")


class AppealCreateView(LoginRequiredMixin, FormView):
    """Somebody answers to a decision about their words (`decision`), or to a restriction of themselves (`restriction`)."""

    form_class = AppealForm
    template_name = "moderation/appeal_form.html"

    @cached_property
    def cause(self) -> Decision | Restriction:
        member = self.request.user
        if "restriction" in self.kwargs:
            return get_object_or_404(Restriction.objects.of(member).with_people(), pk=self.kwargs["restriction"])
        own = Decision.objects.filter(comment__author=member).select_related("comment__post", "text", "appeal")
        return get_object_or_404(own, pk=self.kwargs["decision"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and request.method == "GET" and (why := services.why_not_appeal(request.user, self.cause)):
            raise PermissionDenied(why)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.request.user, "cause": self.cause}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cause": self.cause, "is_restriction": isinstance(self.cause, Restriction)}

    def form_valid(self, form: AppealForm) -> HttpResponse:
        try:
            form.save()
        except TooFast as error:
            form.add_error(None, _("You have appealed against a good deal today. Nothing is lost: send this again tomorrow."))
            return with_wait(self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.TOO_MANY_REQUESTS), error)
        messages.success(self.request, _("Your appeal is with the moderators. The answer comes by email, and stands here."))
        return redirect("moderation:standing")

    def form_invalid(self, form: AppealForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class ProfileReportCreateView(LoginRequiredMixin, FormView):
    """A member asks the moderators to look at somebody's page."""

    form_class = ProfileReportForm
    template_name = "moderation/profile_report_form.html"

    @cached_property
    def member(self) -> User:
        return get_object_or_404(User.objects.public(), username=self.kwargs["username"].lower())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and self.member == request.user:
            raise PermissionDenied(_("This is your own page: you can change it yourself."))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"member": self.member, "reporter": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reported = ProfileReport.objects.filter(member=self.member, reporter=self.request.user, outcome="")
        return super().get_context_data(**kwargs) | {"member": self.member, "has_reported": reported.exists()}

    def form_valid(self, form: ProfileReportForm) -> HttpResponse:
        try:
            form.save()
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        except TooFast as error:
            form.add_error(None, _("You have reported a good deal in a short time. Nothing is lost: send this again in a few minutes."))
            return with_wait(self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.TOO_MANY_REQUESTS), error)
        messages.success(self.request, _("Thank you. A moderator will look at it."))
        return redirect(self.member)

    def form_invalid(self, form: ProfileReportForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class LogView(TemplateView):
    """What moderators decided, for everybody to read."""

    template_name = "moderation/log.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = LogCursor.read(self.request.GET.get("before", ""))
        return super().get_context_data(**kwargs) | {"page": read_log(before), "is_first_page": before is None}


# --- the desk: people -----------------------------------------------------------------


class PeopleView(ModeratorRequiredMixin, TemplateView):
    """Find somebody; who can only read at the moment; whose page was reported."""

    template_name = "moderation/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        search = PeopleSearchForm(self.request.GET, use_required_attribute=False)
        words = search.cleaned_data["q"].strip() if search.is_valid() else ""
        before = Cursor.read(self.request.GET.get("before", ""))
        standing = Restriction.objects.standing().of_people().with_people().newest_first()
        if before is not None:
            standing = standing.filter(before.rows_before("created_at"))
        rows = list(standing[: settings.REVIEW_PER_PAGE + 1])
        shown = rows[: settings.REVIEW_PER_PAGE]
        found = list(User.objects.public().search(words).by_name()[: PEOPLE_FOUND + 1]) if words else []
        reported = User.objects.filter(profile_reports__outcome="").annotate(
            report_count=Count("profile_reports", filter=Q(profile_reports__outcome=""))
        )
        return super().get_context_data(**kwargs) | {
            "search": search,
            "words": words,
            "found": found[:PEOPLE_FOUND],
            "has_more": len(found) > PEOPLE_FOUND,
            "restrictions": shown,
            "older": Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > len(shown) else None,
            "reported": reported.order_by("pk")[: settings.REVIEW_PER_PAGE],
            "summary": queue.summary(),
            "open_appeals": Appeal.objects.open().count(),
        }


class PersonView(ModeratorRequiredMixin, TemplateView):
    """Everything moderators need to know of somebody, and what they can do about them."""

    template_name = "moderation/person.html"

    @cached_property
    def member(self) -> User:
        return get_object_or_404(User, username=self.kwargs["username"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, moderator = self.member, self.request.user
        about = {"member": member, "by": moderator}
        status = Comment.Status
        counts = {"stand": status.PUBLIC, "waiting": status.HELD, "removed": status.REMOVED, "spam": status.SPAM, "withdrawn": status.DELETED}
        aggregates = {name: Count("pk", filter=Q(status=value)) for name, value in counts.items()}
        came_from = Assessment.objects.filter(comment__author=member).exclude(network="").order_by().values_list("network", flat=True)
        is_self = member == moderator
        why_not_close = services.why_not_close_reports(moderator, member)
        return super().get_context_data(**kwargs) | {
            "member": member,
            "why_not": services.why_not_act(moderator, member),
            "why_not_close": why_not_close,
            "standing": standing_of(member),
            "counts": Comment.objects.by(member).order_by().aggregate(**aggregates),
            "comments": Comment.objects.by(member).visible_to(moderator).select_related("post").newest_first()[:5],
            "restrictions": Restriction.objects.of(member).with_people().newest_first()[:SHOWN],
            "notes": [] if is_self else MemberNote.objects.filter(member=member).select_related("written_by")[:SHOWN],
            "appeals": [] if is_self else Appeal.objects.filter(member=member).with_causes().order_by("-created_at", "-pk")[:SHOWN],
            "reports": []
            if is_self and why_not_close
            else ProfileReport.objects.filter(member=member).select_related("reporter").order_by("-pk")[:SHOWN],
            "reasons": dict(Report.Reason.choices),
            "networks": list(came_from.distinct()[:3]),
            "forms": {"restrict": RestrictForm(**about), "level": LevelForm(**about), "note": NoteForm(**about)} | kwargs.get("forms", {}),
            "summary": queue.summary(),
        }


class PersonActView(PersonView):
    """POST one form of the page about a person. The page comes back with what was typed if it cannot be done."""

    http_method_names = ["post"]
    name = ""
    form_class: type[BaseForm] = BaseForm
    done = gettext_lazy("Done.")

    def post(self, request: HttpRequest, username: str) -> HttpResponse:
        form = self.form_class(request.POST, member=self.member, by=request.user)  # type: ignore[call-arg]
        if not form.is_valid():
            return self.refuse(form)
        try:
            form.save()  # type: ignore[attr-defined]
        except ValidationError as refusal:
            form.add_error(None, refusal)  # type: ignore[attr-defined]
            return self.refuse(form)
        messages.success(request, self.done)
        return redirect("moderation:person", self.member.username)

    def refuse(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(forms={self.name: form}), status=UNPROCESSABLE)


class PersonRestrictView(PersonActView):
    name, form_class = "restrict", RestrictForm
    done = gettext_lazy("Done. They are told by email, and can appeal.")


class PersonLevelView(PersonActView):
    name, form_class = "level", LevelForm
    done = gettext_lazy("The level is set. They see it, and why, under “My standing”.")


class PersonNoteView(PersonActView):
    name, form_class = "note", NoteForm
    done = gettext_lazy("Noted.")


class ProfileReportCloseView(PersonActView):
    name, form_class = "outcome", ProfileOutcomeForm
    done = gettext_lazy("Closed. Those who reported it see what became of it.")


class RestrictionLiftView(ModeratorRequiredMixin, View):
    """POST: take a restriction back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        restriction = get_object_or_404(Restriction.objects.with_people(), pk=pk)
        if services.lift(restriction, by=request.user):
            messages.success(request, _("Lifted: %(what)s.") % {"what": restriction})
        else:
            messages.warning(request, _("It was over already."))
        return redirect("moderation:person", restriction.member.username) if restriction.member else redirect("moderation:place-list")


# --- the desk: places, appeals, figures -------------------------------------------------


class PlaceListView(ModeratorRequiredMixin, TemplateView):
    """Closed domains and address blocks, and the form to close one more."""

    template_name = "moderation/places.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = Cursor.read(self.request.GET.get("before", ""))
        standing = Restriction.objects.standing().of_places().with_people().newest_first()
        if before is not None:
            standing = standing.filter(before.rows_before("created_at"))
        rows = list(standing[: settings.REVIEW_PER_PAGE + 1])
        shown = rows[: settings.REVIEW_PER_PAGE]
        return super().get_context_data(**kwargs) | {
            "places": shown,
            "older": Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > len(shown) else None,
            "form": kwargs.get("form") or PlaceForm(by=self.request.user, initial={"what": self.request.GET.get("what", "")[:300]}),
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlaceForm(request.POST, by=request.user)
        if form.is_valid():
            try:
                restriction = form.save()
            except ValidationError as refusal:
                form.add_error("what", refusal)
            else:
                messages.success(request, _("Closed: %(what)s.") % {"what": restriction.about})
                return redirect("moderation:place-list")
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class AppealListView(ModeratorRequiredMixin, TemplateView):
    """Appeals that wait for an answer, oldest first; with ?state=answered the others, newest first."""

    template_name = "moderation/appeals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = self.request.GET.get("state") != "answered"
        cursor = Cursor.read(self.request.GET.get("from", ""))
        appeals = Appeal.objects.with_causes()
        if is_open:
            appeals = appeals.open().oldest_first()
            appeals = appeals.filter(cursor.rows_after("created_at")) if cursor else appeals
        else:
            appeals = appeals.exclude(state=Appeal.State.OPEN).order_by("-created_at", "-pk")
            appeals = appeals.filter(cursor.rows_before("created_at")) if cursor else appeals
        rows = list(appeals[: settings.REVIEW_PER_PAGE + 1])
        shown = rows[: settings.REVIEW_PER_PAGE]
        return super().get_context_data(**kwargs) | {
            "appeals": shown,
            "is_open": is_open,
            "next": Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > len(shown) else None,
            "is_first_page": cursor is None,
            "summary": queue.summary(),
        }


class AppealAnswerView(ModeratorRequiredMixin, FormView):
    """One appeal, what it is about, and the answer."""

    form_class = AppealAnswerForm
    template_name = "moderation/appeal.html"

    @cached_property
    def appeal(self) -> Appeal:
        return get_object_or_404(Appeal.objects.with_causes(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"appeal": self.appeal, "by": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "appeal": self.appeal,
            "why_not": services.why_not_answer(self.appeal, self.request.user) if self.appeal.is_open else "",
        }

    def form_valid(self, form: AppealAnswerForm) -> HttpResponse:
        if form.save():
            messages.success(self.request, _("Answered. The person is told by email."))
        else:
            messages.warning(self.request, _("A colleague was faster: it is answered already."))
        return redirect("moderation:appeal", self.appeal.pk)

    def form_invalid(self, form: AppealAnswerForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class FiguresView(UserPassesTestMixin, TemplateView):
    """How moderation goes, for the host; and what the host sets for all moderators."""

    template_name = "moderation/figures.html"
    permission_denied_message = gettext_lazy("These figures are for the host.")

    def test_func(self) -> bool:
        return self.request.user.is_authenticated and self.request.user.is_host

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("days", "")
        days = next((period for period in PERIODS if str(period) == asked), PERIODS[0])
        return super().get_context_data(**kwargs) | {
            "figures": figures_of(days),
            "periods": PERIODS,
            "form": kwargs.get("form") or HouseForm(instance=ModerationSettings.current()),
            "summary": queue.summary(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        form = HouseForm(request.POST, instance=ModerationSettings.current())
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        form.save()
        messages.success(request, _("Saved."))
        return redirect("moderation:figures")
