from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0009_discussions")]

    operations = [
        migrations.AddIndex(
            "comment",
            models.Index(
                fields=["author", "status", "published_at", "created_at"], name="comments_for_trust"
            ),
        ),
        migrations.AddIndex(
            "comment", models.Index(fields=["-created_at", "-id"], name="comments_newest_first")
        ),
    ]
