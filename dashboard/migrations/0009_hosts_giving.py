"""The group hosts may manage giving."""

from django.db import migrations

ALL = ("add", "change", "delete", "view")
WANTED = {
    "givingsettings": ("add", "change", "view"),
    "way": ALL,
    "gift": ALL,
    "pledge": ("view",),
}


def permissions(apps):
    """Get or create permissions: Django creates them only after all migrations."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    rows = apps.get_model("auth", "Permission").objects
    for model, actions in WANTED.items():
        content_type, _created = content_types.get_or_create(app_label="giving", model=model)
        for action in actions:
            yield rows.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )[0]


def give(apps, schema_editor):
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="hosts")
    group.permissions.add(*permissions(apps))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="hosts"):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0008_hosts_rooms"), ("giving", "0001_giving")]

    operations = [migrations.RunPython(give, take)]
