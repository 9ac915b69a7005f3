from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_newest_first")]

    operations = [
        migrations.AddField(
            "user",
            "time_zone",
            models.CharField(
                verbose_name="time zone", max_length=50, blank=True, default="", db_default="", editable=False
            ),
        ),
    ]
