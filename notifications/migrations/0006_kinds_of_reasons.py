"""The kind of a line is that of its most personal reason, no longer that of the quickest choice."""

from django.db import migrations

KINDS = {"answer": "answers", "addressed": "answers", "mention": "answers", "host": "own_posts", "talk": "talks", "person": "people"}


def by_reason(apps, _schema_editor):
    notifications = apps.get_model("notifications", "Notification").objects
    for reason, kind in KINDS.items():
        notifications.filter(reasons__0=reason).exclude(kind=kind).update(kind=kind)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_review")]
    # Back: a kind by the quickest choice is not needed by what was before; the lines go their way by `way`.
    operations = [migrations.RunPython(by_reason, migrations.RunPython.noop)]
