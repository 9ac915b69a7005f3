from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0002_guests"),
    ]

    operations = [
        migrations.AddField(
            model_name="guest",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
