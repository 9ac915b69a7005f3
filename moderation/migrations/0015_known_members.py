"""Members with a comment that has been public for a day are known already: their links stay links."""

from datetime import timedelta

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone


def make_known(apps, schema_editor):
    User, Comment = apps.get_model("accounts", "User"), apps.get_model("comments", "Comment")
    now = timezone.now()
    stood = Comment.objects.filter(
        author=OuterRef("pk"), status="public", published_at__lte=now - timedelta(days=1)
    ).order_by()
    User.objects.filter(Exists(stood), known_since=None).update(known_since=now)


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0014_profile_reviews"),
        ("accounts", "0018_known_and_hidden"),
        ("comments", "0008_plain_words"),
    ]

    operations = [migrations.RunPython(make_known, migrations.RunPython.noop)]
