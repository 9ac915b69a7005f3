from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_date_style"),
    ]

    operations = [
        migrations.AddField(
            model_name="sitesettings",
            name="width",
            field=models.CharField(
                choices=[
                    ("narrow", "Narrow: short lines"),
                    ("medium", "Medium"),
                    ("wide", "Wide: long lines, large pictures"),
                ],
                default="medium",
                max_length=6,
                verbose_name="width",
            ),
        ),
    ]
