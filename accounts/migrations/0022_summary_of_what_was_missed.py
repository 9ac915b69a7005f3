from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_mails_when_away")]

    operations = [
        migrations.AddField(
            "user",
            "summary_after_weeks",
            models.PositiveSmallIntegerField(null=True, blank=True, editable=False),
        ),
        migrations.AddField(
            "user", "summary_due_at", models.DateTimeField(null=True, blank=True, editable=False)
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["summary_due_at"],
                condition=Q(summary_due_at__isnull=False),
                name="members_to_summarise",
            ),
        ),
    ]
