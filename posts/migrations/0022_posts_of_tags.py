"""An index of the posts of each tag, so that counting them reads no rows of the relation."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posts", "0021_small_covers")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX posts_of_tag ON posts_post_tags (tag_id, post_id)", "DROP INDEX posts_of_tag"
        ),
    ]
