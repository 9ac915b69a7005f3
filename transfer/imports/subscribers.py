"""Subscribers in an export, with the date of their consent."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.models import Subscriber
from notifications.services.subscriber_csv import ImportResult, store_subscribers
from transfer.imports.report import Report
from transfer.imports.spool import Spool

BATCH = 500


def take_subscribers(spool: Spool, report: Report, *, wanted: bool, is_dry_run: bool) -> None:
    """Add them if the host confirms that they consented (wanted). Those who unsubscribed here stay so."""
    batch: list[Subscriber] = []
    result = ImportResult()
    for one in spool.subscribers():
        email = one.email.strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            email = ""
        if not email or len(email) > 254:
            report.left_out[_("subscribers with an invalid email address")] += 1
            continue
        if not wanted:
            report.left_out[_("subscribers (you didn’t confirm that they agreed)")] += 1
            continue
        now = timezone.now()
        if one.consented_at is None:
            report.lose([_("a subscriber without a date of consent is given today’s")], email)
        batch.append(
            Subscriber(
                email=email,
                source=Subscriber.Source.IMPORT,
                confirmed_at=min(one.consented_at or now, now),
                unsubscribed_at=one.unsubscribed_at,
            )
        )
        if len(batch) >= BATCH:
            _store(batch, result, is_dry_run)
    _store(batch, result, is_dry_run)
    report.subscribers, report.known_subscribers = result.added, result.known + result.left_before


def _store(batch: list[Subscriber], result: ImportResult, is_dry_run: bool) -> None:
    if is_dry_run:
        known = Subscriber.objects.filter(email__in=[one.email for one in batch]).count()
        result.known += known
        result.added += len(batch) - known
    else:
        store_subscribers(batch, result)
    batch.clear()
