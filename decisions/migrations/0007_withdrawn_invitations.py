from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0006_on_the_way_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='guest',
            name='withdrawn_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
