"""The group hosts may open and settle decisions."""

from django.db import migrations

WANTED = {
    "decisionsettings": ("add", "change", "view"),
    "decision": ("change",),
}


def permissions(apps):
    """Get or create permissions: Django creates them only after all migrations."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    rows = apps.get_model("auth", "Permission").objects
    for model, actions in WANTED.items():
        content_type, _created = content_types.get_or_create(app_label="decisions", model=model)
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
    dependencies = [("dashboard", "0011_hosts_events"), ("decisions", "0001_decisions")]

    operations = [migrations.RunPython(give, take)]
