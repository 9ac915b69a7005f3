"""Rename models to standard terms. Tables are kept; permissions move along."""

import django.db.models.deletion
from django.db import migrations, models

RENAMED = [
    ("Act", "ModerationAction"),
    ("Claim", "ReviewLock"),
    ("DeskChoice", "ModeratorPreferences"),
    ("LevelByHand", "TrustOverride"),
    ("Lesson", "TrainingSample"),
    ("RefusalText", "RemovalReason"),
]


def rename_permissions(apps, pairs):
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="moderation")
    for old, new in pairs:
        for action in ("add", "change", "delete", "view"):
            permissions.filter(codename=f"{action}_{old.lower()}").update(codename=f"{action}_{new.lower()}")


def forwards(apps, schema_editor):
    rename_permissions(apps, RENAMED)


def backwards(apps, schema_editor):
    rename_permissions(apps, [(new, old) for old, new in RENAMED])


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("moderation", "0010_reason_codes"),
    ]

    operations = [
        *(
            operation
            for old, new in RENAMED
            for operation in (migrations.AlterModelTable(old, f"moderation_{old.lower()}"), migrations.RenameModel(old, new))
        ),
        migrations.AlterField(
            "trainingsample",
            "assessment",
            models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="sample", to="moderation.assessment"),
        ),
        migrations.AlterField(
            "trainingsample",
            "decision",
            models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="sample", to="moderation.decision"),
        ),
        migrations.RunPython(forwards, backwards),
    ]
