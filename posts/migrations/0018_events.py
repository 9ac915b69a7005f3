from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('posts', '0017_birthdays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='post',
            name='post_kind_is_known',
        ),
        migrations.AlterField(
            model_name='post',
            name='kind',
            field=models.CharField(choices=[('post', 'post'), ('page', 'page'), ('birthday', 'birthday'), ('event', 'event')], db_default='post', default='post', editable=False, max_length=10, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['post', 'page', 'birthday', 'event'])), name='post_kind_is_known'),
        ),
    ]
