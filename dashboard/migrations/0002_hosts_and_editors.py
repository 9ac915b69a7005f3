"""The groups `hosts` and `editors`, with what they need and no more (docs/decisions/0078).

Missing permissions are created here, because Django creates them only after all migrations.
"""

from django.db import migrations

ALL = ("add", "change", "delete", "view")
HOSTS = {
    ("posts", "post"): (*ALL, "publish"),
    ("posts", "page"): ALL,
    ("posts", "tag"): ALL,
    ("posts", "upload"): ALL,
    ("comments", "comment"): ("view", "moderate"),
    ("accounts", "user"): ("view", "change"),
    ("accounts", "profilelink"): ALL,
    ("notifications", "subscriber"): ALL,
    ("notifications", "mailing"): ALL,
    ("notifications", "guestconsent"): ("view",),
    ("notifications", "emailsuppression"): ("view", "delete"),
    ("core", "sitesettings"): ("change",),
    ("dashboard", "invitation"): ALL,
}
EDITORS = {("posts", "post"): ("add", "change", "view", "publish"), ("posts", "tag"): ("add", "view"), ("posts", "upload"): ("add", "view")}


def permissions(apps, wanted):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    rows = apps.get_model("auth", "Permission").objects
    for (app, model), actions in wanted.items():
        content_type, _created = content_types.get_or_create(app_label=app, model=model)
        for action in actions:
            yield rows.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )[0]


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for name, wanted in {"hosts": HOSTS, "editors": EDITORS}.items():
        group, _created = groups.get_or_create(name=name)
        group.permissions.add(*permissions(apps, wanted))


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["hosts", "editors"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0001_dashboard"),
        ("accounts", "0017_standard_names"),
        ("comments", "0008_plain_words"),
        ("core", "0005_sign_up_home_and_logo"),
        ("notifications", "0011_told_once_of_each_kind"),
        ("posts", "0013_cover_thumbnail"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
