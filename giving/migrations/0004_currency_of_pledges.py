import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('giving', '0003_thanked_pledges'),
    ]

    operations = [
        migrations.AddField(
            model_name='pledge',
            name='currency',
            field=models.CharField(db_default='EUR', default='EUR', editable=False, max_length=3, validators=[django.core.validators.RegexValidator('\\A[A-Z]{3}\\Z', 'Enter three capital letters, such as EUR.')], verbose_name='currency'),
        ),
    ]
