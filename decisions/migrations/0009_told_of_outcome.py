from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0008_told_when_voting_opens'),
    ]

    operations = [
        migrations.AddField(
            model_name='guest',
            name='told_of',
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
    ]
