"""A member's own account status."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.views.access import MemberRequest, MemberRequiredMixin
from comments.models import Comment
from core.utils.exists import IsAmong
from core.utils.pagination import KeysetPage
from moderation.forms.members import ModeratorPreferencesForm
from moderation.models import Decision, ModeratorPreferences, ProfileReport, Report, Restriction
from moderation.services import members
from moderation.services.reports import weight_of
from moderation.services.trust import count_public, trust_of
from moderation.views.members import SHOWN


class AccountStatusView(MemberRequiredMixin, TemplateView):
    """The reader's account status: all decisions and assessments, and how to appeal."""

    template_name = "moderation/account_status.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = self.request.user
        own = Comment.objects.by(member)
        decided = Decision.objects.filter(action__in=["approve", "remove", "spam"], undone_by=None)
        decisions = decided.filter(IsAmong("comment", own.values("pk")))
        page = KeysetPage(
            decisions,
            self.request.GET.get("before", ""),
            SHOWN,
            related=("comment__post", "text", "appeal", "undone_by"),
        )
        return super().get_context_data(**kwargs) | {
            "trust": trust_of(member),
            "public": count_public(member),
            "levels": settings.TRUST_LEVELS,
            "counts_reports": weight_of(member) >= 0.5,
            "held": own.held().select_related("post").of_author_newest_first()[:SHOWN],
            "decisions": page.rows,
            "older": page.next,
            "is_first_page": page.is_first,
            "can_appeal": {decision.pk for decision in page if not members.why_not_appeal(member, decision)},
            # Automatically blocked as spam and not approved: no decision contains the text.
            "closed": own.filter(status=Comment.Status.SPAM)
            .exclude(Exists(decided.filter(comment=OuterRef("pk"))))
            .select_related("post")
            .of_author_newest_first()[:SHOWN],
            "restrictions": Restriction.objects.of(member).with_members().newest_first()[:SHOWN],
            "reports": Report.objects.filter(reporter=member)
            .select_related("comment__author", "comment__post", "decision")
            .order_by("-created_at", "-pk")[:SHOWN],
            "profile_reports": ProfileReport.objects.filter(reporter=member)
            .select_related("member")
            .order_by("-pk")[:SHOWN],
            "choice_form": kwargs.get("choice_form")
            or (ModeratorPreferencesForm(instance=self.choice) if member.is_moderator else None),
            "appeal_days": settings.APPEAL_DAYS,
            "turned_away_days": settings.TURNED_AWAY_DAYS,
        }

    @property
    def choice(self) -> ModeratorPreferences:
        return ModeratorPreferences.objects.filter(
            moderator=self.request.user
        ).first() or ModeratorPreferences(moderator=self.request.user)

    def post(self, request: MemberRequest) -> HttpResponse:
        """The one setting on this page: email reminders for moderators."""
        if not request.user.is_moderator:
            raise PermissionDenied(_("Only moderators get these emails."))
        ModeratorPreferences.objects.update_or_create(
            moderator=request.user, defaults={"wants_mail": request.POST.get("wants_mail") == "on"}
        )
        messages.success(request, _("Saved."))
        return redirect("moderation:account-status")
