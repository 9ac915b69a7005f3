from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PartyDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('dress', models.CharField(choices=[('none', 'As usual'), ('quiet', 'Bunting and a hat'), ('full', 'Bunting, a hat and confetti')], default='full', max_length=5, verbose_name='how the site looks')),
            ],
            options={
                'verbose_name': 'party day',
                'verbose_name_plural': 'party days',
                'ordering': ['-day'],
                'constraints': [models.CheckConstraint(condition=models.Q(('dress__in', ['none', 'quiet', 'full'])), name='party_dress_is_known')],
            },
        ),
    ]
