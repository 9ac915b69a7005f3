"""Moderators can still show a profile that was hidden for spam after the post was purged."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, OuterRef


def review_again(apps, schema_editor):
    """Profiles whose review was deleted with its post were hidden without a way to undo that."""
    User, ProfileReview = apps.get_model("accounts", "User"), apps.get_model("moderation", "ProfileReview")
    hiding = ProfileReview.objects.filter(member=OuterRef("pk"), is_hiding=True)
    stuck = User.objects.filter(~Exists(hiding), profile_hidden=True).values_list("pk", flat=True)
    ProfileReview.objects.bulk_create(
        [ProfileReview(member_id=pk, cause="spam") for pk in stuck], batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0030_memorials"),
        ("moderation", "0017_shape_caution"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="profilereview", name="profile_review_by_spam_names_the_decision"
        ),
        migrations.AlterField(
            model_name="profilereview",
            name="decision",
            field=models.ForeignKey(
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to="moderation.decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilereview",
            constraint=models.CheckConstraint(
                condition=models.Q(cause="spam") | models.Q(decision=None),
                name="decision_of_a_profile_review_is_about_spam",
            ),
        ),
        migrations.RunPython(review_again, migrations.RunPython.noop),
    ]
