from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0008_width'),
    ]

    operations = [
        migrations.AddField(
            model_name='sitesettings',
            name='welcome_mail',
            field=models.TextField(blank=True, help_text='Sent once to each new member, when their address is confirmed. Leave blank to send none.', max_length=2000, verbose_name='welcome email'),
        ),
    ]
