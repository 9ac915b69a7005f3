from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0024_birthdays_and_calendars")]

    operations = [
        migrations.AddField("user", "follows_by_commenting", models.BooleanField(db_default=False, default=False, editable=False)),
    ]
