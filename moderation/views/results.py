"""Messages after a decision, with an undo button."""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic.base import ContextMixin

from accounts.views.access import MemberRequest
from comments.models import Comment
from core.utils.punctuation import with_commas
from core.web.views import is_own_path
from moderation.forms.decisions import MAX_ID, DecisionForm
from moderation.models import Decision
from moderation.services import decisions as services
from moderation.services import queue


def back_to(request: HttpRequest, *, done: list[Decision] | None = None, target: str = "") -> HttpResponse:
    """Redirect to the previous page or the target, with the decisions that can be undone.

    It never redirects to another site.
    """
    target = target or request.POST.get("next", "")
    if not is_own_path(target):
        target = reverse("moderation:queue")
    parts = urlsplit(target)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "done"]
    if done and parts.path.startswith(reverse("moderation:queue")):
        query.append(("done", str(done[0].batch or done[0].pk)))
    elif done:
        messages.success(
            request, _("%(what)s You can undo it under Moderation, Decisions.") % {"what": summary_of(done)}
        )
    return HttpResponseRedirect(
        urlunsplit(("", "", parts.path, urlencode(query), "" if done else parts.fragment))
    )


def summary_of(decisions: list[Decision]) -> str:
    """What was done, as a sentence. decisions: all of one kind."""
    action, count = decisions[0].action, len(decisions)
    if count > 1:
        return _summary_of_many(action, count)
    sentences = {
        Decision.Action.APPROVE: _("Approved the comment by %(name)s."),
        Decision.Action.REMOVE: _("Removed the comment by %(name)s."),
        Decision.Action.MOVE: _("Moved the comment by %(name)s, with its replies."),
        Decision.Action.SPLIT: _("Split the comment by %(name)s, with its replies, into a new post."),
    }
    sentence = sentences.get(Decision.Action(action), _("Marked the comment by %(name)s as spam."))
    return sentence % {"name": decisions[0].comment.author_name}


def _summary_of_many(action: str, count: int) -> str:
    """With ngettext, because languages have several plural forms; the singular is never shown."""
    if action == Decision.Action.APPROVE:
        sentence = ngettext("Approved %(count)d comment.", "Approved %(count)d comments.", count)
    elif action == Decision.Action.REMOVE:
        sentence = ngettext("Removed %(count)d comment.", "Removed %(count)d comments.", count)
    else:
        sentence = ngettext("Marked %(count)d comment as spam.", "Marked %(count)d comments as spam.", count)
    return sentence % {"count": count}


def ids_in(text: str) -> list[int]:
    """Primary keys in a URL, such as "3,4". Anything else is ignored."""
    parts = text.split(",")[: settings.DECISION_MAX_COMMENTS]
    return [
        int(part)
        for part in parts
        if part.isascii() and part.isdigit() and len(part) < 20 and int(part) <= MAX_ID
    ]


def decisions_named(text: str) -> Q | None:
    """The decision, or all of one batch, given in a URL."""
    if "-" in text:
        try:
            return Q(batch=uuid.UUID(text))
        except ValueError:
            return None
    ids = ids_in(text)
    return Q(pk__in=ids) if ids else None


class DoneMixin(ContextMixin):
    """Add the latest decisions while they can be undone."""

    request: MemberRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        named = decisions_named(self.request.GET.get("done", ""))
        if named:
            mine = Decision.objects.filter(named, moderator=self.request.user).undoable()
            done = list(mine.select_related("comment__author").newest_first())
            if done:
                context |= {"done": done, "done_summary": summary_of(done)}
        return context


def carry_out(request: MemberRequest, form: DecisionForm) -> list[Decision]:
    """Apply the form's decision, and report what was not changed and why."""
    data = form.cleaned_data
    outcome = services.decide_unlocked(
        data["comments"], data["action"], by=request.user, seen=data["seen"], **form.why
    )
    if outcome.locks:
        names = with_commas(sorted({lock.moderator.get_display_name() for lock in outcome.locks}))
        left = ngettext(
            "One comment was left unchanged: %(names)s is reviewing it.",
            "%(count)d comments were left unchanged: %(names)s are reviewing them.",
            len(outcome.locks),
        )
        messages.warning(request, left % {"count": len(outcome.locks), "names": names})
    if outcome.missed:
        messages.warning(request, why_unchanged(outcome.missed, data["seen"]))
    return outcome.decisions or outcome.repeated


def why_unchanged(missed: list[Comment], seen: queue.Seen | None) -> str:
    """Why comments were not changed, as a sentence."""
    if len(missed) == 1:
        newer = (
            Decision.objects.filter(comment=missed[0], pk__gt=seen.decision if seen else 0)
            .select_related("moderator")
            .order_by("-pk")
            .first()
        )
        if newer is not None:
            what = {"name": newer.moderator.get_display_name(), "what": newer.get_action_display()}
            return (
                _(
                    "One comment was left unchanged: %(name)s decided first (%(what)s). Review it again if you disagree."
                )
                % what
            )
    return ngettext(
        "One comment was left unchanged: its author edited or deleted it while you were reading. Review it again.",
        "%(count)d comments were left unchanged: someone else decided first, or their authors edited them while you were reading. Review them again.",
        len(missed),
    ) % {"count": len(missed)}
