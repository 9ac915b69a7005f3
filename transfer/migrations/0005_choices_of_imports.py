from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0004_failed_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="with_pings",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="importrun",
            name="sole_author",
            field=models.BooleanField(default=False),
        ),
    ]
