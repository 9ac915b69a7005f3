from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_time_zone")]

    operations = [
        migrations.AddField(
            "user", "mails_when_away", models.BooleanField(default=False, db_default=False, editable=False)
        ),
        migrations.AddField(
            "user", "last_active_at", models.DateTimeField(null=True, blank=True, editable=False)
        ),
    ]
