"""What this app exports about a member (accounts/services/export.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.export import Part, Row
from transfer.models import ImportRun


def _imports(member: User) -> Iterator[Row]:
    for run in ImportRun.objects.filter(started_by=member).order_by("pk").iterator(chunk_size=100):
        yield {"file": run.file_name, "format": run.label, "uploaded_at": run.created_at}


PARTS = [
    Part(
        "imports",
        _("Imports you started"),
        _imports,
        {"file": _("File"), "format": _("Format"), "uploaded_at": _("Uploaded")},
        frozenset({"transfer.ImportRun.started_by"}),
    ),
]
