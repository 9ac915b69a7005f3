from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0018_languages"),
    ]

    operations = [
        migrations.AddField(
            model_name="guestconsent",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=20, verbose_name="language"
            ),
        ),
    ]
