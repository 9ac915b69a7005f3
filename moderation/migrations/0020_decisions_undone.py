from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0019_sample_dual")]

    operations = [
        migrations.AddIndex(
            "decision",
            models.Index(
                fields=["undoes"], condition=models.Q(undoes__isnull=False), name="decisions_undone"
            ),
        ),
    ]
