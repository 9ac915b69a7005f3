"""The dual variable of a training sample is called that; its column keeps its name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0018_profile_reviews_outlive_their_post")]

    operations = [
        migrations.AlterField(
            model_name="trainingsample",
            name="stake",
            field=models.IntegerField(db_column="stake", help_text="The dual variable, in 1/1024."),
        ),
        migrations.RenameField(model_name="trainingsample", old_name="stake", new_name="dual"),
    ]
