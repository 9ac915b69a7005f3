"""The content of a notification email, decided at the moment it is sent."""

from contextlib import AbstractContextManager
from dataclasses import replace

from django.core.mail import EmailMessage

from accounts.models import User
from accounts.models.querysets import set_moderator_flags
from core.utils.site_locale import read_in
from core.utils.urls import mail_domain
from notifications.email.build import MAX_IN_MAIL, Foot, More, Threading, build_mail, item_of, why_mailed
from notifications.email.posts import compose_mailing
from notifications.email.tokens import GUEST, Grant, unsubscribe_url
from notifications.models import (
    TYPES,
    EmailSuppression,
    GuestConsent,
    Notification,
    NotificationChannel,
    OutgoingEmail,
    Reason,
)
from notifications.models.types import TYPE_OF
from notifications.services.notify import worth_sending
from notifications.services.recipients import Draft, facts_of
from notifications.services.suppression import usable_addresses
from notifications.services.verdicts import MAILED, Facts
from notifications.services.verdicts import decide as decide_way

# At most this many items of an email are loaded; the rest is counted.
ROWS_LOOKED_AT = 500


def compose(email: OutgoingEmail) -> EmailMessage | None:
    """The email with its current content, or None if nothing is left or wanted.

    What was deleted, read or replied to in the meantime is left out. The email names at most MAX_IN_MAIL
    items, and counts the rest.
    """
    if email.mailing_id is not None:
        return compose_mailing(email)
    email.notifications.no_longer_valid().update(
        state=Notification.State.DROPPED, letter=None
    )  # if it is published again, it is sent again
    email.notifications.seen_elsewhere().update(state=Notification.State.NO_MAIL, letter=None)
    rows = list(email.notifications.with_causes().order_by("due_at", "pk")[:ROWS_LOOKED_AT])
    further = email.notifications.count() - len(rows) if len(rows) == ROWS_LOOKED_AT else 0
    address, wanted, kinds = _still_wanted(email, rows)
    if unwanted := [row.pk for row in rows if row not in wanted]:
        email.notifications.filter(pk__in=unwanted).update(state=Notification.State.NO_MAIL, letter=None)
    if not wanted or not address:
        return None
    foot = _foot(email, wanted, kinds)
    if foot is None:
        return None
    shown = _most_personal(wanted)
    more = More(
        len(wanted) - len(shown) + further,
        tuple(dict.fromkeys(row.writer.get_display_name() for row in wanted if row.writer)),
    )
    is_bundle = len(wanted) > 1 or wanted[0].way != NotificationChannel.AT_ONCE
    set_moderator_flags(row.writer for row in shown)
    with _read_by(email, wanted[0].member):
        foot = replace(foot, why=why_mailed(wanted))
        items = [item_of(row, email.member_id) for row in shown]
        return build_mail(address, items, foot, _threading(email, wanted), is_bundle=is_bundle, more=more)


def _read_by(email: OutgoingEmail, reader: User | None) -> AbstractContextManager[None]:
    """The reader's language and time zone.

    None is a guest: the language of their request, the site's time zone.
    """
    if reader:
        return reader.reading()
    consent = _consent(email)
    return read_in(consent.language if consent else "")


def _foot(email: OutgoingEmail, rows: list[Notification], kinds: list[str]) -> Foot | None:
    """The end of the email, with the link to unsubscribe. None if a guest has withdrawn their consent."""
    consent = None if email.member_id else _consent(email)
    reader = email.member_id or (consent.pk if consent else None)
    if reader is None:
        return None
    talks = {row.talk.pk for row in rows}
    kind = "+".join(kinds) if email.member_id else GUEST
    return Foot(
        unsubscribe_url(Grant(reader, kind, rows[0].talk.pk if len(talks) == 1 else 0)),
        email.member_id or 0,
        is_guest=email.member_id is None,
        has_discussion=len(talks) == 1,
    )


def _most_personal(rows: list[Notification]) -> list[Notification]:
    """The items that an email names, in order: if there are too many, the most personal ones."""
    if len(rows) <= MAX_IN_MAIL:
        return rows
    ranks = {reason.value: rank for rank, reason in enumerate(Reason)}
    chosen = {
        row.pk
        for row in sorted(rows, key=lambda row: min(ranks[reason] for reason in row.reasons))[:MAX_IN_MAIL]
    }
    return [row for row in rows if row.pk in chosen]


def _consent(email: OutgoingEmail) -> GuestConsent | None:
    return GuestConsent.objects.filter(email=email.guest_email).first()


def _still_wanted(
    email: OutgoingEmail, rows: list[Notification]
) -> tuple[str, list[Notification], list[str]]:
    """The reader's current address, the rows that would still be emailed, and the types to unsubscribe from.

    The link unsubscribes from the type of a row's first reason, and from others that would email it in the
    same way.
    """
    if email.member_id is None:
        is_stopped = EmailSuppression.objects.filter(email=email.guest_email).exists()
        wants = _consent(email) is not None and not is_stopped
        return (email.guest_email, worth_sending(rows), []) if wants else ("", [], [])
    address = usable_addresses().filter(user=email.member_id).values_list("email", flat=True).first()
    known: dict[tuple[int, int | None, bool], Facts | None] = {}
    wanted, kinds = [], set()
    for row in worth_sending(rows):
        is_new_post, writer = row.comment is None, row.writer
        key = (row.talk.pk, writer.pk if writer else None, is_new_post)
        if key not in known:
            known[key] = facts_of(
                Draft(post=row.talk, writer=writer, is_new_post=is_new_post), email.member_id
            )
        facts = known[key]
        reasons = [Reason(reason) for reason in row.reasons]
        verdict = decide_way(facts, reasons) if facts else None
        if facts and verdict and verdict.way in MAILED:
            wanted.append(row)
            kinds |= {
                verdict.type.key,
                *(TYPE_OF[reason].key for reason in reasons if facts.chosen(TYPE_OF[reason]) == verdict.way),
            }
    return address or "", wanted, [key for key in TYPES if key in kinds]


def _threading(email: OutgoingEmail, rows: list[Notification]) -> Threading:
    """All emails about one post form a thread in the reader's mailbox; a reply follows its parent."""
    if len({row.talk.pk for row in rows}) > 1:
        return Threading(email.message_id)
    row = rows[0]
    root = f"<talk-{row.talk.pk}.{email.member_id or 'guest'}@{mail_domain()}>"
    before = ""
    if row.comment is not None and row.comment.parent_id:
        same_reader = OutgoingEmail.objects.filter(
            member=email.member_id, guest_email=email.guest_email, state=OutgoingEmail.State.SENT
        )
        before = (
            same_reader.filter(notifications__comment=row.comment.parent_id)
            .values_list("message_id", flat=True)
            .first()
            or ""
        )
    return Threading(email.message_id, before or root, (root, before) if before else (root,))
