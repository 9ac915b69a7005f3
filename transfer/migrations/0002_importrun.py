import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0001_backup"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "being checked"),
                            ("checked", "checked"),
                            ("importing", "being imported"),
                            ("done", "imported"),
                            ("failed", "stopped"),
                        ],
                        default="checking",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("file", models.CharField(blank=True, editable=False, max_length=200)),
                ("system", models.CharField(blank=True, max_length=20)),
                ("label", models.CharField(blank=True, max_length=100, verbose_name="format")),
                ("address", models.URLField(blank=True, max_length=300)),
                ("with_subscribers", models.BooleanField(default=False)),
                ("fetch_pictures", models.BooleanField(default=False)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(blank=True, default=dict)),
                ("error", models.CharField(blank=True, max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="uploaded at"
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "default_permissions": ("add", "view", "delete"),
            },
        ),
    ]
