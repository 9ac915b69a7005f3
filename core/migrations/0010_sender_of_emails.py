from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0009_welcome_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="sender_name",
            field=models.CharField(blank=True, help_text="The name that emails come from, such as yours.", max_length=60, verbose_name="sender’s name"),
        ),
        migrations.AddField(
            model_name="sitesettings",
            name="reply_to",
            field=models.EmailField(blank=True, help_text="Where answers to emails go, such as your own address. Everybody who gets an email can see it. Leave blank for the sender’s address.", max_length=254, verbose_name="address for replies"),
        ),
    ]
