from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0018_profile_reviews_outlive_their_post")]

    operations = [
        migrations.AddIndex(
            "decision",
            models.Index(
                fields=["undoes"], condition=models.Q(undoes__isnull=False), name="decisions_undone"
            ),
        ),
    ]
