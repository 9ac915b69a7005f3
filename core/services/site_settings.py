"""Changing the site's settings: saved, logged, undone. One writer at a time."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import SiteSettings, SiteSettingsChange
from core.signals import settings_changed
from core.utils.locks import lock_word


class SettingsConflictError(Exception):
    """The settings were changed after the form was opened. Contains that change."""

    def __init__(self, change: SiteSettingsChange | None) -> None:
        super().__init__()
        self.change = change


def save_settings(
    wanted: dict[str, Any],
    *,
    by: Any,
    seen_version: int | None = None,
    undoes: SiteSettingsChange | None = None,
) -> SiteSettingsChange | None:
    """Set these fields, already validated. Returns the change, or None if nothing differs.

    seen_version: the version that the form was filled with. Raises SettingsConflictError if there is
    a newer one.
    """
    with transaction.atomic():
        lock_word("site settings")
        row = SiteSettings.objects.stored()
        if seen_version is not None and seen_version != row.version:
            newest = SiteSettingsChange.objects.select_related("changed_by").first()
            raise SettingsConflictError(newest)
        old = row.values()
        after = {name: value for name, value in wanted.items() if old[name] != value}
        if not after:
            return None
        for name, value in after.items():
            setattr(row, name, value)
        row.version, row.changed_at = row.version + 1, timezone.now()
        row.save()
        change = SiteSettingsChange.objects.create(
            version=row.version,
            changed_at=row.changed_at,
            changed_by=by,
            before={name: old[name] for name in after},
            after=after,
            undoes=undoes,
        )
        settings_changed.send(sender=SiteSettings, before=change.before, after=after)
    SiteSettings.forget()
    return change


def undo(change: SiteSettingsChange, *, by: Any) -> SiteSettingsChange | None:
    """Restore the values that its fields had before the change, whatever was set since.

    None if nothing differs.
    """
    known = set(SiteSettings.fields_to_set())
    before = {name: value for name, value in change.before.items() if name in known}
    return save_settings(before, by=by, undoes=change)
