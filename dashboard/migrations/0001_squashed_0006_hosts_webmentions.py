"""All tables of the app, for new sites.

Existing ones run the migrations it replaces (docs/decisions/0108).
"""

import dashboard.models
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ALL = ("add", "change", "delete", "view")
HOSTS = {
    ("posts", "post"): (*ALL, "publish"),
    ("posts", "page"): ALL,
    ("posts", "tag"): ALL,
    ("posts", "upload"): ALL,
    ("comments", "comment"): ("view", "moderate"),
    ("accounts", "user"): ("view", "change"),
    ("accounts", "profilelink"): ALL,
    ("notifications", "subscriber"): ALL,
    ("notifications", "mailing"): ALL,
    ("notifications", "guestconsent"): ("view",),
    ("notifications", "emailsuppression"): ("view", "delete"),
    ("core", "sitesettings"): ("change",),
    ("dashboard", "invitation"): ALL,
    ("transfer", "importrun"): ("add", "view", "delete"),
    ("api", "webhook"): ALL,
    ("api", "delivery"): ("view",),
    ("webmention", "mention"): ("view",),
    ("webmention", "sentmention"): ("view",),
}
EDITORS = {
    ("posts", "post"): ("add", "change", "view", "publish"),
    ("posts", "tag"): ("add", "view"),
    ("posts", "upload"): ("add", "view"),
}


def permissions(apps, wanted):
    """Get or create permissions: Django creates them only after all migrations."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    rows = apps.get_model("auth", "Permission").objects
    for (app, model), actions in wanted.items():
        content_type, _created = content_types.get_or_create(app_label=app, model=model)
        for action in actions:
            yield rows.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )[0]


def make_groups(apps, schema_editor):
    """What hosts and editors need, and no more (docs/decisions/0078)."""
    groups = apps.get_model("auth", "Group").objects
    for name, wanted in {"hosts": HOSTS, "editors": EDITORS}.items():
        group, _created = groups.get_or_create(name=name)
        group.permissions.add(*permissions(apps, wanted))


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["hosts", "editors"]).delete()


class Migration(migrations.Migration):

    replaces = [('dashboard', '0001_dashboard'), ('dashboard', '0002_hosts_and_editors'), ('dashboard', '0003_searches_by_day'), ('dashboard', '0004_hosts_import'), ('dashboard', '0005_hosts_webhooks'), ('dashboard', '0006_hosts_webmentions')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('accounts', '0001_squashed_0023_merged_accounts'),
        ('comments', '0001_squashed_0012_post_thanks'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoAnswerNeeded',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='no_answer_needed', to='comments.comment')),
                ('said_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('said_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'comment that needs no reply',
                'verbose_name_plural': 'comments that need no reply',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='VisitedLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('address', models.CharField(max_length=300)),
                ('visited_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'visited link',
                'verbose_name_plural': 'visited links',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('host', 'address'), name='visited_once_by_each_host')],
            },
        ),
        migrations.CreateModel(
            name='SetupLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('browser', models.CharField(blank=True, max_length=64)),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'address for setting up the site',
                'verbose_name_plural': 'addresses for setting up the site',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=dashboard.models.new_token, editable=False, max_length=43, unique=True)),
                ('note', models.CharField(blank=True, help_text='For you only: who gets this link.', max_length=100, verbose_name='note')),
                ('max_uses', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='number of people')),
                ('expires_at', models.DateTimeField(default=dashboard.models.in_a_month, verbose_name='valid until')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('use_count', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='used')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('use_count__lte', models.F('max_uses'))), name='invitation_is_for_so_many', violation_error_message='More people than that have already used it.')],
            },
        ),
        migrations.CreateModel(
            name='PageDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('page', models.PositiveBigIntegerField()),
                ('views', models.PositiveIntegerField(default=0)),
                ('readers', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'views in a day',
                'verbose_name_plural': 'views by day',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('page', 'day'), name='one_row_of_views_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ReferrerDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('host', models.CharField(max_length=100)),
                ('views', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'referrer of a day',
                'verbose_name_plural': 'referrers by day',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('day', 'host'), name='one_row_of_a_referrer_a_day')],
            },
        ),
        migrations.CreateModel(
            name='DayReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('page', models.PositiveBigIntegerField()),
                ('reader', models.CharField(max_length=16)),
            ],
            options={
                'verbose_name': 'reader of a day',
                'verbose_name_plural': 'readers of a day',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('day', 'page', 'reader'), name='a_reader_counts_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='DaySalt',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('salt', models.CharField(max_length=32)),
            ],
            options={
                'verbose_name': 'salt of a day',
                'verbose_name_plural': 'salts of days',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SearchDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('words', models.CharField(blank=True, max_length=60)),
                ('times', models.PositiveIntegerField(default=0)),
                ('readers', models.PositiveIntegerField(default=0)),
                ('fruitless', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'daily search',
                'verbose_name_plural': 'daily searches',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('day', 'words'), name='one_row_of_a_search_a_day')],
            },
        ),
        migrations.CreateModel(
            name='InvitationUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='dashboard.invitation')),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('used_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'use of an invitation',
                'verbose_name_plural': 'uses of invitations',
                'default_permissions': (),
            },
        ),
        migrations.RunPython(make_groups, remove_groups),
    ]
