import re
from typing import Any

from django.db import migrations

LINK = re.compile(r'(<a [^>]*rel=")noopener"')


def mark_links(apps: Any, _schema_editor: Any) -> None:
    """Treat links in existing descriptions of events as members' links (core/markup/posts.py)."""
    for post in apps.get_model("posts", "Post").objects.filter(kind="event").iterator(chunk_size=200):
        body = LINK.sub(r'\1nofollow ugc noopener"', post.body)
        if body != post.body:
            type(post).objects.filter(pk=post.pk).update(body=body)


class Migration(migrations.Migration):
    dependencies = [("events", "0001_events"), ("posts", "0018_events")]

    operations = [migrations.RunPython(mark_links, migrations.RunPython.noop, elidable=True)]
