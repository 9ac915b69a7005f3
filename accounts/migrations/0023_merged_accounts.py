import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_summary_of_what_was_missed")]

    operations = [
        migrations.AddField(
            "user",
            "merged_into",
            models.ForeignKey(
                null=True,
                blank=True,
                editable=False,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="merged_accounts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "user", "merged_at", models.DateTimeField(null=True, blank=True, editable=False)
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(condition=~Q(merged_into=F("pk")), name="merged_into_another"),
        ),
    ]
