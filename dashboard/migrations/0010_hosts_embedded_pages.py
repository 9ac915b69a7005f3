"""The group hosts may change on which external pages comments are embedded."""

from django.db import migrations

ACTIONS = ("add", "change", "delete", "view")


def permissions(apps):
    """Get or create permissions: Django creates them only after all migrations."""
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="embed", model="embeddedpage"
    )
    for action in ACTIONS:
        yield apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type,
            codename=f"{action}_embeddedpage",
            defaults={"name": f"Can {action} page with comments elsewhere"},
        )[0]


def give(apps, schema_editor):
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="hosts")
    group.permissions.add(*permissions(apps))


def take(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="hosts"):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0009_hosts_giving"), ("embed", "0001_embeddedpage")]

    operations = [migrations.RunPython(give, take)]
