"""Reverse only: drop what the former columns cannot hold. Guests' texts stay, as comments."""

from typing import Any

from django.db import migrations


def drop_what_has_no_place(apps: Any, schema_editor: Any) -> None:
    positions = apps.get_model("decisions", "Position").objects
    positions.filter(member=None).delete()
    positions.exclude(guest=None).update(guest=None)  # members' positions stay, without the invitation
    apps.get_model("decisions", "Guest").objects.filter(email="").delete()


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0005_positions_of_guests'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, drop_what_has_no_place),
    ]
