from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_staff")]

    operations = [
        migrations.AddField(
            "user",
            "found_by_expertise",
            models.BooleanField(
                "members find me under “Who knows about …”", db_default=True, default=True
            ),
        ),
    ]
