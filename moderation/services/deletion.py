"""What moderation keeps after an account is deleted: that something was decided, by whom and when, not the text."""

from django.db.models import Q

from accounts.models import AccountDeletion, User
from moderation.models import Assessment, Decision, Report, TracedKey, TracedMark


def forget_notes(member: User, account_deletion: AccountDeletion) -> int:
    """Their own messages to the moderators are deleted; with erased comments also notes about them, and the assessments.

    What the spam filter learned stays: weights and hashed features, from which no text can be reconstructed. See accounts/services/deletion.py.
    """
    changed = Report.objects.filter(reporter=member).exclude(note="", network="").update(note="", network="")
    if not account_deletion.erases:
        return changed
    theirs = Q(comment__author=member)
    changed += Report.objects.filter(theirs).exclude(note="").update(note="")
    changed += Decision.objects.filter(theirs).exclude(note="", word="").update(note="", word="")
    traced = Q(assessment__comment__author=member)
    for rows in (TracedMark, TracedKey):
        deleted, _by_model = rows.objects.filter(traced).delete()
        changed += deleted
    seen = Assessment.objects.filter(theirs).exclude(reasons=[], outside={}, network="", sketch=b"")
    return changed + seen.update(reasons=[], outside={}, network="", sketch=b"")
