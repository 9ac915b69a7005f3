"""Store the skeletons of names, and fill them in for existing members."""

from django.db import migrations, models

from core.utils.text import skeleton


def fill(apps, schema_editor):
    """The oldest member keeps a skeleton; a newer one with the same gets "#" and its number appended."""
    User = apps.get_model("accounts", "User")
    seen = set()
    rows = User.objects.order_by("pk").values_list("pk", "username", "display_name")
    for pk, username, display_name in rows.iterator():
        look = skeleton(username)
        own = f"{look}#{pk}" if look in seen else look
        seen.add(look)
        User.objects.filter(pk=pk).update(username_skeleton=own, name_skeleton=skeleton(display_name or username)[:200])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_only_reading")]

    operations = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.AddField("user", "name_skeleton", models.CharField(default="", editable=False, max_length=200)),
        migrations.AddField("user", "username_skeleton", models.CharField(default="", editable=False, max_length=80)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("user", models.Index(fields=["name_skeleton"], name="members_by_look_of_name")),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                condition=~models.Q(username_skeleton=""),
                fields=["username_skeleton"],
                name="one_member_per_look_of_a_username",
                violation_error_message="This name is taken, or too close to one that is. Try another.",
            ),
        ),
    ]
