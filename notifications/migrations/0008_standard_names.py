"""Models get the field's standard names. Tables keep theirs; content types follow by themselves, permissions here."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RENAMED = {"letter": "outgoingemail", "address": "additionalparent", "mailstop": "emailsuppression", "announcement": "fanout"}


def _rename_permissions(apps: Apps, names: dict[str, str]) -> None:
    """Groups and members keep what they may do: the permission is the same row under its new name."""
    Permission = apps.get_model("auth", "Permission")
    for old, new in names.items():
        for permission in Permission.objects.filter(content_type__app_label="notifications", codename__endswith=f"_{old}"):
            action = permission.codename.removesuffix(f"_{old}")
            if not Permission.objects.filter(content_type__app_label="notifications", codename=f"{action}_{new}").exists():
                Permission.objects.filter(pk=permission.pk).update(codename=f"{action}_{new}")


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename_permissions(apps, RENAMED)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename_permissions(apps, {new: old for old, new in RENAMED.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("comments", "0008_plain_words"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("notifications", "0007_plain_words"),
        ("posts", "0005_plain_words"),
    ]

    operations = [
        *(migrations.AlterModelTable(old, f"notifications_{old}") for old in RENAMED),
        migrations.RenameModel("Letter", "OutgoingEmail"),
        migrations.RenameModel("Address", "AdditionalParent"),
        migrations.RenameModel("MailStop", "EmailSuppression"),
        migrations.RenameModel("Announcement", "FanOut"),
        migrations.RunPython(forwards, backwards, elidable=True),
        migrations.RenameField("FanOut", "told_up_to", "done_up_to"),
        migrations.AlterField("AdditionalParent", "answered", models.ForeignKey(on_delete=models.CASCADE, related_name="additional_replies", to="comments.comment", verbose_name="what it replies to")),
        migrations.AlterField("AdditionalParent", "comment", models.ForeignKey(db_index=False, on_delete=models.CASCADE, related_name="additional_parents", to="comments.comment", verbose_name="the reply")),
        migrations.AlterField("FanOut", "comment", models.OneToOneField(blank=True, null=True, on_delete=models.CASCADE, related_name="fan_out", to="comments.comment")),
        migrations.AlterField("FanOut", "post", models.OneToOneField(blank=True, null=True, on_delete=models.CASCADE, related_name="fan_out", to="posts.post")),
    ]  # fmt: skip
