from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_known_and_hidden")]

    operations = [
        migrations.AddIndex(
            "user", models.Index(fields=["-date_joined", "-id"], name="members_newest_first")
        ),
    ]
