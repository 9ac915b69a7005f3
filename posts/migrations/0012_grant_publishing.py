from django.db import migrations


def grant(apps, schema_editor):
    """Users who could change posts could publish them until now, and still can."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    posts = ContentType.objects.filter(app_label="posts", model="post").first()
    change = posts and Permission.objects.filter(content_type=posts, codename="change_post").first()
    if not change:  # a new site
        return
    publish, _is_new = Permission.objects.get_or_create(
        content_type=posts,
        codename="publish_post",
        defaults={"name": "Can publish posts, and edit those of others"},
    )
    for group in change.group_set.all():
        group.permissions.add(publish)
    for user in apps.get_model("accounts", "User").objects.filter(user_permissions=change):
        user.user_permissions.add(publish)


class Migration(migrations.Migration):
    dependencies = [
        ('posts', '0011_review'),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
