import accounts.models.calendar_address
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0023_merged_accounts'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.CharField(default=accounts.models.calendar_address.make_secret, max_length=32, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'calendar address',
                'verbose_name_plural': 'calendar addresses',
            },
        ),
        migrations.AddField(
            model_name='user',
            name='birthday_in_march',
            field=models.BooleanField(db_default=False, default=False, verbose_name='celebrate on 1 March in other years'),
        ),
        migrations.AddField(
            model_name='user',
            name='birthday_told',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Notify my followers on my birthday, if everyone or members can see it'),
        ),
        migrations.AddField(
            model_name='user',
            name='wants_party',
            field=models.BooleanField(db_default=True, default=True, verbose_name='Dress up the site for me on party days'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('birthday_day__isnull', False)), fields=['birthday_month', 'birthday_day'], name='members_by_birthday'),
        ),
        migrations.AddField(
            model_name='calendaraddress',
            name='member',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_address', to=settings.AUTH_USER_MODEL),
        ),
    ]
