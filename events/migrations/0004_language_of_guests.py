from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_guests_and_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="guest_language",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="guestrequest",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
