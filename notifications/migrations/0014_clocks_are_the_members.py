from django.db import migrations
from django.db.models import OuterRef, Subquery


def to_members(apps, schema_editor):
    user, timing = apps.get_model("accounts", "User"), apps.get_model("notifications", "NotificationTiming")
    chosen = timing.objects.exclude(time_zone="")
    zone = Subquery(chosen.filter(member=OuterRef("pk")).values("time_zone")[:1])
    user.objects.filter(pk__in=chosen.values("member")).update(time_zone=zone)
    timing.objects.filter(quiet_from=None).delete()


def to_timing(apps, schema_editor):
    user, timing = apps.get_model("accounts", "User"), apps.get_model("notifications", "NotificationTiming")
    for pk, zone in user.objects.exclude(time_zone="").values_list("pk", "time_zone").iterator():
        timing.objects.update_or_create(member_id=pk, defaults={"time_zone": zone})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_time_zone"), ("notifications", "0013_reply_feed")]

    operations = [migrations.RunPython(to_members, to_timing)]
