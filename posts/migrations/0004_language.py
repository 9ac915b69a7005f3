from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0003_old_addresses")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="language",
            field=models.CharField(
                blank=True, default="", help_text="The language the post is written in, if it isn’t the site’s.", max_length=20, verbose_name="language"
            ),
            preserve_default=False,
        ),
    ]
