"""Rename models and a field to standard terms.

Tables are kept; permissions move along (content types do so automatically).
"""

from django.conf import settings
from django.db import migrations, models

RENAMED = {"FormerName": "RetiredUsername", "MailedCode": "EmailCode", "Departure": "AccountDeletion"}


def move_permissions(apps, pairs):
    # The migration state has had the new name of this one since 0008 (docs/decisions/0108).
    content_types = apps.get_model("contenttypes", "ContentType").objects.filter(app_label="accounts")
    for old, new in pairs:
        if "EmailCode" in (old, new) and not content_types.filter(model=new.lower()).exists():
            content_types.filter(model=old.lower()).update(model=new.lower())
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="accounts")
    for old, new in pairs:
        for verb in ("add", "change", "delete", "view"):
            permissions.filter(codename=f"{verb}_{old.lower()}").update(codename=f"{verb}_{new.lower()}")


def forwards(apps, schema_editor):
    move_permissions(apps, RENAMED.items())


def backwards(apps, schema_editor):
    move_permissions(apps, [(new, old) for old, new in RENAMED.items()])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_plain_words"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelTable("formername", "accounts_formername"),
        migrations.AlterModelTable("departure", "accounts_departure"),
        *(migrations.RenameModel(old, new) for old, new in RENAMED.items() if old != "MailedCode"),
        migrations.AlterField(
            "accountdeletion",
            "member",
            models.OneToOneField(
                settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="account_deletion", serialize=False
            ),
        ),
        migrations.RemoveConstraint("profilelink", "proved_link_says_when"),
        migrations.RenameField("profilelink", "proved_at", "verified_at"),
        migrations.AddConstraint(
            "profilelink",
            models.CheckConstraint(
                condition=~models.Q(state="proved") | models.Q(verified_at__isnull=False), name="proved_link_says_when"
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
