"""Spam checks of profiles: what members write about themselves is assessed like a comment.

Advertising is hidden from others. Every save of a profile is checked (`profile_changed`): name, tagline,
text, links, alt texts, topics.
"""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import hide_profile, set_known_since
from core.utils.locks import lock_row
from moderation.models import Decision, ProfileReview
from moderation.services.trust import STAFF_LEVEL, trust_of
from moderation.spamfilter import training
from moderation.spamfilter.checks import reasons_of
from moderation.spamfilter.engine.scorer import Verdict
from moderation.spamfilter.engine.text import Material

MAX_LINKS = 20
PROFILE_LEVEL = 1


def texts_of(member: User) -> list[str]:
    """The texts of a profile that others can read, apart from name and links."""
    topics = member.topics.select_related("topic")
    texts = [member.tagline, member.bio, member.avatar_alt, member.cover_alt]
    texts += [row.topic.name for row in topics]
    texts += [link.label for link in member.links.all()]
    return [text for text in texts if text]


def screen_profile(member: User) -> bool:
    """Assess the stored profile and hide or show it accordingly. Returns whether it is hidden.

    The host and moderators are exempt. A moderator's decision is kept until the profile changes.
    """
    with transaction.atomic():
        member = lock_row(User.objects, member.pk)
        if not member.is_active or member.is_host or member.is_moderator:
            return False
        material = _material_of(member)
        what = ("\n".join(texts_of(member)), material.author_name, sorted(material.profile_urls))
        print_of_it = sha256(repr(what).encode()).hexdigest()
        last = ProfileReview.objects.filter(member=member, cause=ProfileReview.Cause.ASSESSED).last()
        if last is None or last.fingerprint != print_of_it:
            _decide_by(member, training.current_scorer().score(material), print_of_it, last)
        return _apply(member)


def _material_of(member: User) -> Material:
    trust = trust_of(member)
    return Material(
        # The name too: it can contain a phone number as well as a text can.
        text="\n".join([member.display_name, *texts_of(member)]).strip(),
        author_name=member.display_name or member.username,
        profile_urls=tuple(member.links.values_list("url", flat=True)[:MAX_LINKS]),
        # Comments that stood say little about a profile: patient accounts write five and then fill theirs in.
        trust_level=min(trust.level, PROFILE_LEVEL) if trust.level < STAFF_LEVEL else trust.level,
        is_profile=True,
    )


def _decide_by(member: User, verdict: Verdict, print_of_it: str, last: ProfileReview | None) -> None:
    if last is not None and last.is_hiding:
        last.is_hiding = False
        last.save(update_fields=["is_hiding"])
    if verdict.outcome != "publish":
        ProfileReview.objects.create(
            member=member,
            cause=ProfileReview.Cause.ASSESSED,
            reasons=[reason for reason in reasons_of(verdict) if reason["code"] != "turned_away"],
            fingerprint=print_of_it,
        )


def _apply(member: User) -> bool:
    is_hidden = ProfileReview.objects.filter(member=member).hiding().exists()
    hide_profile(member, is_hidden)
    return is_hidden


def hide_after_spam(decision: Decision) -> None:
    """Hide a profile after a comment of its owner was confirmed as spam, and make its links plain text."""
    author = decision.comment.author
    if author is None or author.is_host or author.is_moderator:
        return
    with transaction.atomic():
        author = lock_row(User.objects, author.pk)
        _review, is_new = ProfileReview.objects.get_or_create(
            decision=decision,
            defaults={"member": author, "cause": ProfileReview.Cause.SPAM, "known_since": author.known_since},
        )
        if is_new:
            set_known_since(author, None)
            _apply(author)


def show_after_undo(decision: Decision) -> None:
    """Restore the profile after that decision was undone or replaced."""
    for review in ProfileReview.objects.hiding().filter(decision=decision).select_related("member"):
        with transaction.atomic():
            member: User = lock_row(User.objects, review.member_id)
            ProfileReview.objects.filter(pk=review.pk).update(is_hiding=False)
            if review.known_since is not None and not _has_other_spam(member):
                set_known_since(member, review.known_since)
            # Later findings may rest on what that decision taught, so they are assessed again without it.
            since = ProfileReview.objects.waiting().filter(member=member, created_at__gte=review.created_at)
            since.filter(cause=ProfileReview.Cause.ASSESSED).delete()
            screen_profile(member)
            _apply(member)


def _has_other_spam(member: User) -> bool:
    return ProfileReview.objects.hiding().filter(member=member, cause=ProfileReview.Cause.SPAM).exists()


def follow(decision: Decision) -> None:
    """Update the author's profile after a decision about their comment, or an undo."""
    action = Decision.Action
    if decision.action == action.SPAM:
        hide_after_spam(decision)
    elif decision.action in {action.APPROVE, action.REMOVE}:
        for former in Decision.objects.filter(comment=decision.comment_id, action=action.SPAM):
            show_after_undo(former)
    elif decision.action == action.UNDO and decision.undoes is not None:
        show_after_undo(decision.undoes)


def reject_advertising(writer: User, text: str) -> None:
    """Refuse advertising in private text (for settings.PRIVATE_TEXT_CHECK). Raises ValidationError."""
    if writer.is_host or writer.is_moderator:
        return
    material = Material(
        text=text,
        author_name=writer.display_name or writer.username,
        trust_level=trust_of(writer).level,
        is_profile=True,
    )
    if training.current_scorer().score(material).outcome != "publish":
        raise ValidationError(
            _(
                "This looks like advertising to the spam filter. Reword it, without offers or contact details."
            ),
            code="advertising",
        )


def show_profile(member: User, *, by: User) -> bool:
    """Show a profile that a moderator found harmless. Returns False if it was not hidden."""
    with transaction.atomic():
        member = lock_row(User.objects, member.pk)
        hiding = ProfileReview.objects.filter(member=member).hiding()
        changed = hiding.update(is_hiding=False, decided_at=timezone.now(), decided_by=by)
        _apply(member)
    return bool(changed)


def keep_hidden(member: User, *, by: User) -> bool:
    """Keep a profile that a moderator found to be advertising hidden until it changes.

    Returns False if it was not awaiting review.
    """
    waiting = ProfileReview.objects.filter(member=member).waiting()
    return bool(waiting.update(decided_at=timezone.now(), decided_by=by))
