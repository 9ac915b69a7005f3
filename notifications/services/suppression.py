"""Addresses that can be emailed, and those that bounce."""

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from notifications.models import EmailSuppression


def usable_addresses() -> QuerySet[EmailAddress]:
    """Addresses for notifications: a member's primary one, confirmed and not suppressed."""
    stops = EmailSuppression.objects.filter(email=OuterRef("email"))
    return EmailAddress.objects.filter(~Exists(stops), primary=True, verified=True)


def suppress_email(email: str, cause: EmailSuppression.Cause, detail: str = "") -> None:
    """Send no more notifications to this address. A complaint overrides a bounce, and stays."""
    email = email.lower()
    _stop, is_new = EmailSuppression.objects.get_or_create(
        email=email, defaults={"cause": cause, "detail": detail[:300]}
    )
    if not is_new and cause == EmailSuppression.Cause.COMPLAINT:
        EmailSuppression.objects.filter(email=email).update(cause=cause, detail=detail[:300])


def lift_suppression(email: str) -> bool:
    """Try an address that bounced again. Returns False after a complaint, which only the host can lift."""
    deleted, _by_model = EmailSuppression.objects.filter(
        email=email.lower(), cause=EmailSuppression.Cause.BOUNCE
    ).delete()
    return bool(deleted)
