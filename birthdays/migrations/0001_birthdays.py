import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('posts', '0017_birthdays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Birthday',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='birthday', serialize=False, to='posts.post')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='birthdays', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'birthday',
                'verbose_name_plural': 'birthdays',
                'constraints': [models.UniqueConstraint(fields=('member', 'year'), name='one_birthday_a_year')],
            },
        ),
    ]
