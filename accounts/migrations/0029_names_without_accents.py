"""Sort names without accents: "Ärzte" next to "Arzt", not after "Zug"."""

import unicodedata
from collections.abc import Callable
from typing import Any

from django.db import migrations, models

AT_ONCE = 1000


def folded(name: str) -> str:
    """core.utils.text.search_key as of November 2026."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (one for one in letters if unicodedata.category(one) not in {"Mn", "Cc", "Cs"} or one.isspace())
    return " ".join("".join(kept).split())


def _store(apps: Any, key_of: Callable[[str], str]) -> None:
    members = apps.get_model("accounts", "User").objects
    last = 0
    while rows := list(
        members.filter(pk__gt=last)
        .order_by("pk")
        .only("pk", "display_name", "username", "name_key")[:AT_ONCE]
    ):
        last = rows[-1].pk
        changed = []
        for row in rows:
            key = key_of(row.display_name or row.username)[:60]
            if key != row.name_key:
                row.name_key = key
                changed.append(row)
        members.bulk_update(changed, ["name_key"])


def fold(apps: Any, _schema_editor: Any) -> None:
    _store(apps, folded)


def unfold(apps: Any, _schema_editor: Any) -> None:
    _store(apps, str.casefold)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_languages")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="name_key",
            field=models.CharField(
                default="",
                editable=False,
                help_text="The name without case and accents: the directory is sorted by it, for readers of every language alike.",
                max_length=60,
            ),
        ),
        migrations.RunPython(fold, unfold, elidable=True),
    ]
