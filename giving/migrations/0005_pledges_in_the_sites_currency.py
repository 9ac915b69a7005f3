"""Existing pledges are in the site's currency."""

from django.db import migrations


def fill(apps, schema_editor):
    settings = apps.get_model('giving', 'GivingSettings').objects.filter(pk=1).first()
    if settings is not None:
        apps.get_model('giving', 'Pledge').objects.update(currency=settings.currency)


class Migration(migrations.Migration):

    dependencies = [
        ('giving', '0004_currency_of_pledges'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
