import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0005_choices_of_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("file", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "size",
                    models.PositiveBigIntegerField(default=0, help_text="In bytes.", verbose_name="size"),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="created at"
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "export of the site",
                "verbose_name_plural": "exports of the site",
                "default_permissions": (),
            },
        ),
    ]
