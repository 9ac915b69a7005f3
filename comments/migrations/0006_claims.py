"""Ask members whose the comments of guests are; find these by their address, which is kept in small letters."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower


def lower_addresses(apps, schema_editor):
    apps.get_model("comments", "Comment").objects.exclude(guest_email="").exclude(guest_email=Lower("guest_email")).update(guest_email=Lower("guest_email"))


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0005_unsentcomment'),
        ('posts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CommentClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='address')),
                ('answer', models.CharField(blank=True, choices=[('', 'not answered'), ('yes', 'mine'), ('no', 'not mine')], default='', max_length=3)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('guest_email', ''), _negated=True), fields=['guest_email'], name='comments_of_guest'),
        ),
        migrations.AddField(
            model_name='commentclaim',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='commentclaim',
            constraint=models.UniqueConstraint(fields=('member', 'email'), name='asked_once_about_each_address'),
        ),
        migrations.AddConstraint(
            model_name='commentclaim',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', 'yes')), fields=('email',), name='one_member_per_guest_address'),
        ),
        migrations.AddConstraint(
            model_name='commentclaim',
            constraint=models.CheckConstraint(condition=models.Q(('email', Lower('email'))), name='claimed_address_is_lower_case'),
        ),
        migrations.RunPython(lower_addresses, migrations.RunPython.noop),
    ]
