from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """An index to find staff without reading all members."""

    dependencies = [("accounts", "0025_follow_by_commenting")]

    operations = [
        migrations.AddIndex(
            "user", models.Index(fields=["id"], condition=Q(is_staff=True), name="members_on_staff")
        ),
    ]
