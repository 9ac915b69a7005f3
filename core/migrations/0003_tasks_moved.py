"""Tasks that wait name their function by its module: the modules moved, and no waiting mail may be lost by that."""

from django.db import migrations

MOVED = {
    "core.tasks.send_message": "core.tasks.mail.send_message",
    "comments.claims.follow_answer": "comments.services.claims.follow_answer",
}


def rename(apps, paths):
    tasks = apps.get_model("django_tasks_database", "DBTaskResult").objects
    for old, new in paths.items():
        tasks.filter(task_path=old).update(task_path=new)


def forwards(apps, schema_editor):
    rename(apps, MOVED)


def backwards(apps, schema_editor):
    rename(apps, {new: old for old, new in MOVED.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_workers"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
