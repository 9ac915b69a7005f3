from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_clocks_are_the_members")]

    operations = [migrations.RemoveField("notificationtiming", "time_zone")]
