from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0015_newest_first")]

    operations = [
        migrations.AddField(
            "autosave",
            "kind",
            models.CharField(max_length=10, default="post", help_text="Post.Kind of what is not there yet."),
        ),
    ]
