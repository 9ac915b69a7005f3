"""Hosts may import from other systems. Missing permissions are created here, as in 0002."""

from django.db import migrations

ACTIONS = ("add", "view", "delete")


def grant(apps, schema_editor):
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="transfer", model="importrun"
    )
    rows = apps.get_model("auth", "Permission").objects
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="hosts")
    for action in ACTIONS:
        permission, _created = rows.get_or_create(
            content_type=content_type,
            codename=f"{action}_importrun",
            defaults={"name": f"Can {action} import"},
        )
        group.permissions.add(permission)


def take_back(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="transfer", codename__endswith="_importrun"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="hosts"):
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0003_searches_by_day"),
        ("transfer", "0002_importrun"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, take_back)]
