"""All tables of the app, for new sites.

Existing ones run the migrations it replaces (docs/decisions/0108).
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('transfer', '0001_backup'), ('transfer', '0002_importrun'), ('transfer', '0003_backup_sent'), ('transfer', '0004_failed_imports')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Backup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=500, verbose_name='file')),
                ('size', models.PositiveBigIntegerField(help_text='In bytes.', verbose_name='size')),
                ('made_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='created at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent to the bucket at')),
                ('tried_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='tested at')),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='what is wrong with it')),
            ],
            options={
                'verbose_name': 'backup',
                'verbose_name_plural': 'backups',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('checking', 'being checked'), ('checked', 'checked'), ('importing', 'being imported'), ('done', 'imported'), ('failed', 'failed')], default='checking', max_length=9, verbose_name='status')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('file', models.CharField(blank=True, editable=False, max_length=200)),
                ('system', models.CharField(blank=True, max_length=20)),
                ('label', models.CharField(blank=True, max_length=100, verbose_name='format')),
                ('address', models.URLField(blank=True, max_length=300)),
                ('with_subscribers', models.BooleanField(default=False)),
                ('fetch_pictures', models.BooleanField(default=False)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='uploaded at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'default_permissions': ('add', 'view', 'delete'),
            },
        ),
    ]
