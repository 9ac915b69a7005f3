"""Preferences become rows (member, type, channel): until now there was a column for each type."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TYPES = ["answers", "own_posts", "talks", "people", "posts", "thanks", "review"]
CHANNELS = [("at_once", "By email, at once"), ("daily", "By email, daily"), ("weekly", "By email, weekly"), ("here", "In the inbox only"), ("off", "Off")]
BATCH = 500


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """All that a member's row says is kept, defaults included: that is what their settings page showed, and they saved it."""
    Choices = apps.get_model("notifications", "Choices")
    Preference = apps.get_model("notifications", "NotificationPreference")
    rows = []
    for choices in Choices.objects.order_by("pk").iterator(chunk_size=BATCH):
        rows += [Preference(member_id=choices.member_id, type=key, channel=getattr(choices, key)) for key in TYPES]
        if len(rows) >= BATCH:
            Preference.objects.bulk_create(rows)
            rows = []
    Preference.objects.bulk_create(rows)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Choices = apps.get_model("notifications", "Choices")
    Preference = apps.get_model("notifications", "NotificationPreference")
    for member, key, channel in Preference.objects.filter(type__in=TYPES).values_list("member_id", "type", "channel").iterator(chunk_size=BATCH):
        Choices.objects.update_or_create(member_id=member, defaults={key: channel})


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0008_standard_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(max_length=20)),
                ("channel", models.CharField(choices=CHANNELS, max_length=8)),
                ("member", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="notification_preferences", to=settings.AUTH_USER_MODEL)),
            ],
            options={"verbose_name": "notification preference", "verbose_name_plural": "notification preferences"},
        ),
        migrations.AddConstraint(
            "NotificationPreference", models.UniqueConstraint(fields=("member", "type"), name="one_preference_per_member_and_type")
        ),
        migrations.RunPython(forwards, backwards, elidable=True),
        migrations.DeleteModel("Choices"),
        migrations.AlterField("Notification", "kind", models.CharField(max_length=20)),
    ]  # fmt: skip
