"""All tables of the app at once, for new sites; older ones get here by the steps it replaces (docs/decisions/0108)."""

import api.models.webhooks
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('api', '0001_tokens'), ('api', '0002_webhooks'), ('api', '0003_webhook_words')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('key_hash', models.CharField(max_length=64, unique=True)),
                ('begins_with', models.CharField(max_length=11)),
                ('may_write', models.BooleanField(default=False)),
                ('may_moderate', models.BooleanField(default=False)),
                ('may_host', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_used_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('member', 'name'), name='one_token_of_each_name'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='token_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('address', models.URLField(help_text='Copy it from the other service. It starts with https://.', max_length=500, verbose_name='address')),
                ('format', models.CharField(choices=[('standard', 'JSON, signed (Standard Webhooks)'), ('slack', 'Slack'), ('discord', 'Discord'), ('mattermost', 'Mattermost'), ('matrix', 'Matrix (hookshot)'), ('telegram', 'Telegram')], default='standard', max_length=12, verbose_name='format')),
                ('room', models.CharField(blank=True, help_text='The chat’s number or @name.', max_length=80, verbose_name='chat')),
                ('events', models.JSONField(default=list, verbose_name='what to send')),
                ('secret', models.CharField(default=api.models.webhooks.make_secret, editable=False, max_length=80, verbose_name='signing secret')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('failing_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='failing since')),
                ('switched_off_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='switched off at')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
                'constraints': [models.CheckConstraint(condition=models.Q(('address__startswith', 'https://')), name='webhook_goes_by_https')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='api.webhook', verbose_name='webhook')),
                ('event', models.CharField(choices=[('comment.published', 'A comment was published'), ('comment.held', 'A comment is awaiting review'), ('comment.reported', 'A comment was reported'), ('post.published', 'A post was published'), ('member.joined', 'A member joined'), ('test', 'Test')], max_length=20, verbose_name='event')),
                ('subject', models.BigIntegerField(verbose_name='number')),
                ('message_id', models.CharField(default=api.models.webhooks.make_message_id, max_length=40, unique=True, verbose_name='message ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('dropped', 'Cancelled')], default='waiting', max_length=8, verbose_name='state')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent at')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('status_code', models.PositiveSmallIntegerField(null=True, verbose_name='response code')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
            ],
            options={
                'verbose_name': 'webhook delivery',
                'verbose_name_plural': 'webhook deliveries',
                'default_permissions': ('view',),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='deliveries_due'), models.Index(fields=['-created_at', '-id'], name='deliveries_newest_first')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('event__in', ['comment.published', 'post.published', 'member.joined'])), fields=('webhook', 'event', 'subject'), name='webhook_told_once')],
            },
        ),
    ]
