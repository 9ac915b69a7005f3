import django.db.models.deletion
from django.db import migrations, models

import core.utils.urls


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("posts", "0016_kind_of_unsaved_text"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmbeddedPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="On a site that is listed in the settings, under Other sites.",
                        max_length=500,
                        validators=[core.utils.urls.WebAddressValidator()],
                        verbose_name="address of the page",
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=500, unique=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="embedded_pages",
                        to="posts.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "page with embedded comments",
                "verbose_name_plural": "pages with embedded comments",
            },
        ),
    ]
