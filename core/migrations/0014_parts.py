from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0013_words_of_settings'),
    ]

    operations = [
        migrations.AddField(
            model_name='sitesettings',
            name='parts',
            field=models.JSONField(blank=True, default=list, verbose_name='community'),
        ),
    ]
