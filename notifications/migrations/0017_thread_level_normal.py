from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever follows what they comment on can say of one post that they do not."""

    dependencies = [("notifications", "0016_tag_follow")]

    operations = [
        migrations.AlterField(
            "threadsubscription",
            "level",
            models.CharField(
                choices=[
                    ("following", "Follow comments"),
                    ("normal", "Only replies to me"),
                    ("muted", "Mute"),
                ],
                max_length=10,
            ),
        ),
    ]
