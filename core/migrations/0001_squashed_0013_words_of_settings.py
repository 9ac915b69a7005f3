"""All tables of the app at once, for new sites; older ones get here by the steps it replaces (docs/decisions/0108)."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('core', '0001_initial'), ('core', '0002_workers'), ('core', '0003_tasks_moved'), ('core', '0004_site_settings'), ('core', '0005_sign_up_home_and_logo'), ('core', '0006_announcement'), ('core', '0007_date_style'), ('core', '0008_width'), ('core', '0009_welcome_mail'), ('core', '0010_sender_of_emails'), ('core', '0011_webmentions'), ('core', '0012_embedding'), ('core', '0013_words_of_settings')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='CacheEntry',
            fields=[
                ('cache_key', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('value', models.TextField()),
                ('expires', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name': 'cache entry',
                'verbose_name_plural': 'cache entries',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('beat_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('failing', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'worker',
                'verbose_name_plural': 'workers',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SiteSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='name')),
                ('tagline', models.CharField(blank=True, help_text='One line, shown on the home page and in search results.', max_length=160, verbose_name='tagline')),
                ('icon', models.CharField(blank=True, max_length=32, verbose_name='logo')),
                ('accent_hue', models.PositiveSmallIntegerField(default=44, help_text='0 to 359. Lightness is fixed, so text stays readable with every hue.', validators=[django.core.validators.MaxValueValidator(359)], verbose_name='accent hue')),
                ('typeface', models.CharField(choices=[('book', 'Book: an old-style serif'), ('news', 'Newspaper: a sturdy serif'), ('plain', 'Plain: the device’s own sans serif')], default='book', max_length=10, verbose_name='typeface')),
                ('width', models.CharField(choices=[('narrow', 'Narrow: short lines'), ('medium', 'Medium'), ('wide', 'Wide: long lines, large pictures')], default='medium', max_length=6, verbose_name='width')),
                ('colour_scheme', models.CharField(choices=[('auto', 'Same as the reader’s device'), ('light', 'Light'), ('dark', 'Dark')], default='auto', help_text='Readers can switch for themselves.', max_length=5, verbose_name='light or dark')),
                ('home_layout', models.CharField(choices=[('list', 'List: titles and summaries'), ('covers', 'Covers: every post with its picture'), ('magazine', 'Magazine: the newest post large, the others side by side')], default='list', help_text='Posts without a cover show their title.', max_length=10, verbose_name='home page')),
                ('footer_text', models.CharField(blank=True, help_text='One or two sentences at the end of every page.', max_length=300, verbose_name='footer text')),
                ('announcement', models.CharField(blank=True, help_text='One or two sentences at the top of every page.', max_length=300, verbose_name='announcement')),
                ('announcement_address', models.CharField(blank=True, help_text='Optional, such as /posts/summer/ or https://example.org/.', max_length=300, verbose_name='where the announcement leads')),
                ('announcement_from', models.DateTimeField(blank=True, help_text='Leave blank to show it at once.', null=True, verbose_name='shown from')),
                ('announcement_until', models.DateTimeField(blank=True, help_text='Leave blank to show it until you clear it.', null=True, verbose_name='shown until')),
                ('navigation', models.JSONField(blank=True, default=list, verbose_name='navigation')),
                ('social_links', models.JSONField(blank=True, default=list, verbose_name='social links')),
                ('language', models.CharField(blank=True, max_length=20, verbose_name='language')),
                ('time_zone', models.CharField(blank=True, max_length=50, verbose_name='time zone')),
                ('date_style', models.CharField(choices=[('long', 'Long, with the name of the month'), ('short', 'Short, numbers only'), ('iso', 'Year-month-day (ISO 8601)')], default='long', max_length=5, verbose_name='dates')),
                ('sign_up', models.CharField(choices=[('open', 'Anyone with an email address'), ('invited', 'People with an invitation'), ('closed', 'No one; members can still sign in')], default='open', max_length=10, verbose_name='who can sign up')),
                ('welcome_mail', models.TextField(blank=True, help_text='Sent once to each new member, when their address is confirmed. Leave blank to send none.', max_length=2000, verbose_name='welcome email')),
                ('sender_name', models.CharField(blank=True, help_text='The name that emails come from, such as yours.', max_length=60, verbose_name='sender’s name')),
                ('reply_to', models.EmailField(blank=True, help_text='Where replies to emails go, such as your own address. Everyone who gets an email can see it. Leave blank for the sender’s address.', max_length=254, verbose_name='address for replies')),
                ('embed_origins', models.TextField(blank=True, help_text='One per line, such as https://blog.example. Leave blank to allow none.', max_length=2000, verbose_name='sites that can show comments')),
                ('webmentions_in', models.BooleanField(default=True, help_text='When a page of another site links to a post, it becomes a comment that a moderator reviews first.', verbose_name='accept webmentions')),
                ('webmentions_out', models.BooleanField(default=False, help_text='Tells other sites when posts or published comments link to them, if they want to know.', verbose_name='send webmentions')),
                ('counts_views', models.BooleanField(default=True, help_text='Without cookies, other companies or stored addresses. Figures are on the dashboard.', verbose_name='count readers')),
            ],
            options={
                'verbose_name': 'site settings',
                'verbose_name_plural': 'site settings',
                'default_permissions': ('change',),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_site_settings'), models.CheckConstraint(condition=models.Q(('accent_hue__lte', 359)), name='accent_hue_is_an_angle')],
            },
        ),
        migrations.CreateModel(
            name='SiteSettingsChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='undone_by', to='core.sitesettingschange')),
            ],
            options={
                'verbose_name': 'change to the settings',
                'verbose_name_plural': 'changes to the settings',
                'ordering': ['-version'],
                'default_permissions': (),
            },
        ),
    ]
