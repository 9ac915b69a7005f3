from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0014_tag_pages")]

    operations = [
        migrations.AddIndex(
            "post", models.Index(fields=["-created_at", "-id"], name="posts_newest_made_first")
        ),
        migrations.AddIndex(
            "post", models.Index(fields=["kind", "visibility", "-published_at", "-id"], name="posts_listed")
        ),
        migrations.AddIndex(
            "post", models.Index(fields=["-is_pinned", "-published_at", "-id"], name="posts_pinned_first")
        ),
    ]
