"""All tables of the app, for new sites.

Existing ones run the migrations it replaces (docs/decisions/0108).
"""

import accounts.models.images
import accounts.models.querysets
import core.utils.text
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_follow_and_mute'), ('accounts', '0003_renderer_version'), ('accounts', '0004_profile_links'), ('accounts', '0005_topics_birthdays_introductions'), ('accounts', '0006_search_text'), ('accounts', '0007_profile_pictures'), ('accounts', '0008_mailedcode'), ('accounts', '0009_only_reading'), ('accounts', '0010_looks_of_names'), ('accounts', '0011_exports_and_departures'), ('accounts', '0012_hosts_with_underscores'), ('accounts', '0013_chosen_pictures'), ('accounts', '0014_code_tries'), ('accounts', '0015_closed_while_leaving'), ('accounts', '0016_plain_words'), ('accounts', '0017_standard_names'), ('accounts', '0018_known_and_hidden'), ('accounts', '0019_newest_first'), ('accounts', '0020_time_zone'), ('accounts', '0021_mails_when_away'), ('accounts', '0022_summary_of_what_was_missed'), ('accounts', '0023_merged_accounts')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmailCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('sender', models.CharField(help_text='core.utils.ratelimit.sender_key of who asked for it.', max_length=32)),
                ('digest', models.CharField(help_text='A keyed hash of the code.', max_length=64)),
                ('failed_tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'accounts_mailedcode',
                'indexes': [models.Index(fields=['email', 'created_at'], name='codes_by_address'), models.Index(fields=['sender', 'created_at'], name='codes_by_sender'), models.Index(fields=['created_at'], name='codes_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('failed_tries__lte', 3)), name='a_code_bears_three_tries')],
            },
        ),
        migrations.CreateModel(
            name='RetiredUsername',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'db_table': 'accounts_formername',
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('key', models.CharField(help_text='The name without case and accents, so that one topic has one row however it is spelt.', max_length=80, unique=True)),
            ],
            options={
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('username', models.CharField(error_messages={'unique': 'This username is taken. Try another.'}, max_length=30, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])\\Z', 'Use 2 to 30 lowercase letters (a to z), numbers, - and _. Start and end with a letter or number.', code='username_signs')], verbose_name='username')),
                ('display_name', models.CharField(blank=True, help_text='The name shown with your comments.', max_length=60, validators=[core.utils.text.validate_name], verbose_name='name')),
                ('name_key', models.CharField(default='', editable=False, help_text='Used to sort the directory.', max_length=60)),
                ('name_skeleton', models.CharField(default='', editable=False, max_length=200)),
                ('username_skeleton', models.CharField(default='', editable=False, max_length=80)),
                ('tagline', models.CharField(blank=True, max_length=90, verbose_name='tagline')),
                ('bio', models.TextField(blank=True, max_length=2000, verbose_name='about you')),
                ('bio_html', models.TextField(blank=True, editable=False)),
                ('renderer_version', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Version of the renderer that made the HTML; 0 if none did.')),
                ('avatar', accounts.models.images.ProfilePictureField(blank=True, upload_to='avatars/', verbose_name='picture')),
                ('avatar_alt', models.CharField(blank=True, max_length=150, verbose_name='alt text of the picture')),
                ('cover', accounts.models.images.ProfilePictureField(blank=True, upload_to='covers/', verbose_name='banner picture')),
                ('cover_alt', models.CharField(blank=True, max_length=150, verbose_name='alt text of the banner')),
                ('thread_order', models.CharField(blank=True, editable=False, help_text='The order in which this member last sorted comments; blank means oldest first.', max_length=8)),
                ('time_zone', models.CharField(db_default='', default='', blank=True, editable=False, max_length=50, verbose_name='time zone')),
                ('mails_when_away', models.BooleanField(db_default=False, default=False, editable=False)),
                ('summary_after_weeks', models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
                ('last_active_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('summary_due_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('search_text', models.TextField(default='', editable=False, help_text='Name, tagline and bio as the directory searches them.')),
                ('birthday_day', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='day')),
                ('birthday_month', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='month')),
                ('birthday_year', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='year')),
                ('birthday_seen_by', models.CharField(choices=[('nobody', 'No one'), ('members', 'Members'), ('all', 'Everyone')], default='nobody', editable=False, max_length=7, verbose_name='visible to')),
                ('takes_introductions', models.BooleanField(default=False, verbose_name='members can ask to be introduced to me')),
                ('silent_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='suspended until')),
                ('known_since', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='known since')),
                ('profile_hidden', models.BooleanField(db_default=False, default=False, editable=False, verbose_name='profile hidden')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged_accounts', to=settings.AUTH_USER_MODEL)),
                ('merged_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'indexes': [models.Index(fields=['name_key', 'id'], name='members_by_name'), models.Index(fields=['-date_joined', '-id'], name='members_newest_first'), models.Index(fields=['name_skeleton'], name='members_by_look_of_name'), models.Index(condition=models.Q(('summary_due_at__isnull', False)), fields=['summary_due_at'], name='members_to_summarise')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='one_member_per_username_in_any_case'), models.UniqueConstraint(condition=models.Q(('username_skeleton', ''), _negated=True), fields=('username_skeleton',), name='one_member_per_look_of_a_username', violation_error_message='This name is taken or too similar to an existing one. Try another.'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('pk')), _negated=True), name='merged_into_another'), models.CheckConstraint(condition=models.Q(models.Q(('birthday_day', None), ('birthday_month', None), ('birthday_year', None)), models.Q(('birthday_day__isnull', False), ('birthday_month__isnull', False), models.Q(models.Q(('birthday_day__range', (1, 31)), ('birthday_month__in', [1, 3, 5, 7, 8, 10, 12])), models.Q(('birthday_day__range', (1, 30)), ('birthday_month__in', [4, 6, 9, 11])), models.Q(('birthday_day__range', (1, 29)), ('birthday_month', 2)), _connector='OR')), _connector='OR'), name='birthday_is_a_day_of_a_month')],
            },
            managers=[
                ('objects', accounts.models.querysets.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='CodeTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('asked', 'mailed code, asked for'), ('typed', 'mailed code, typed'), ('app', 'code of an app or recovery code, typed')], max_length=5)),
                ('subject', models.CharField(max_length=32)),
                ('sender', models.CharField(max_length=32)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'indexes': [models.Index(fields=['subject', 'kind', 'created_at'], name='code_tries_by_subject'), models.Index(fields=['sender', 'kind', 'created_at'], name='code_tries_by_sender'), models.Index(fields=['created_at'], name='code_tries_by_time')],
            },
        ),
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='data_exports', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('file', models.CharField(blank=True, max_length=100)),
                ('size', models.PositiveBigIntegerField(default=0, help_text='In bytes.')),
            ],
            options={
                'indexes': [models.Index(fields=['asked_at'], name='exports_by_age')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ready_at', None)), fields=('member',), name='one_export_at_a_time'), models.CheckConstraint(condition=models.Q(('ready_at', None), models.Q(('file', ''), _negated=True), _connector='OR'), name='ready_export_has_a_file')],
            },
        ),
        migrations.CreateModel(
            name='AccountDeletion',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='account_deletion', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('words', models.CharField(choices=[('erase', 'Delete my comments'), ('keep', 'Keep my comments anonymously')], max_length=5, verbose_name='What should happen to your comments?')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField()),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('is_final', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'accounts_departure',
                'indexes': [models.Index(fields=['due_at'], name='departures_by_day')],
            },
        ),
        migrations.CreateModel(
            name='MemberTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='topics', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='accounts.topic')),
                ('kind', models.CharField(choices=[('help', 'can help with'), ('look', 'is looking for')], max_length=4)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'pk'],
                'indexes': [models.Index(fields=['topic', 'kind', 'user'], name='members_by_topic')],
                'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'topic'), name='one_topic_per_member_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='ProfileLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to=settings.AUTH_USER_MODEL)),
                ('label', models.CharField(blank=True, help_text='For example Twitter or My blog. Leave blank to show the address.', max_length=40, verbose_name='label')),
                ('url', models.URLField(max_length=300, verbose_name='address')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('state', models.CharField(choices=[('claimed', 'not verified'), ('proved', 'verified'), ('gone', 'unavailable')], default='claimed', editable=False, max_length=8)),
                ('verified_at', models.DateTimeField(blank=True, editable=False, help_text='When the page was last seen to link back.', null=True)),
                ('checked_at', models.DateTimeField(blank=True, editable=False, help_text='When it was last checked.', null=True)),
                ('check_asked_at', models.DateTimeField(blank=True, editable=False, help_text='When its owner last asked for a check.', null=True)),
                ('next_check_at', models.DateTimeField(blank=True, editable=False, help_text='When it will be checked again automatically.', null=True)),
                ('failed_checks', models.PositiveSmallIntegerField(default=0, editable=False, help_text='How many checks in a row had no result.')),
                ('problem', models.CharField(blank=True, editable=False, help_text='One of Problem.', max_length=20)),
                ('problem_detail', models.CharField(blank=True, editable=False, max_length=100)),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
                'ordering': ['position', 'pk'],
                'indexes': [models.Index(condition=models.Q(('next_check_at__isnull', False)), fields=['next_check_at'], name='links_to_look_at_again')],
                'constraints': [models.UniqueConstraint(fields=('user', 'url'), name='one_link_per_member_and_address'), models.CheckConstraint(condition=models.Q(('url__startswith', 'http://'), ('url__startswith', 'https://'), _connector='OR'), name='link_goes_to_the_web'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'proved'), _negated=True), ('verified_at__isnull', False), _connector='OR'), name='proved_link_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Introduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='introductions_asked', to=settings.AUTH_USER_MODEL)),
                ('asked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='introductions_received', to=settings.AUTH_USER_MODEL)),
                ('words', models.TextField(max_length=1000, verbose_name='message')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('accepted', 'accepted'), ('declined', 'declined')], default='waiting', max_length=8)),
                ('answer', models.TextField(blank=True, max_length=1000, verbose_name='reply')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['asker', 'created_at'], name='introductions_by_asker')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'accepted'), _negated=True), fields=('asker', 'asked'), name='asked_once_until_accepted'), models.CheckConstraint(condition=models.Q(('asker', models.F('asked')), _negated=True), name='nobody_is_introduced_to_themselves'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='answered_introduction_says_when')],
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('follower', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows', to=settings.AUTH_USER_MODEL)),
                ('followed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followers', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('follower', 'followed'), name='followed_once_by_each_member'), models.CheckConstraint(condition=models.Q(('follower', models.F('followed')), _negated=True), name='nobody_follows_themselves')],
            },
        ),
        migrations.CreateModel(
            name='Mute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mutes', to=settings.AUTH_USER_MODEL)),
                ('muted', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='muted_by', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'muted'), name='muted_once_by_each_member'), models.CheckConstraint(condition=models.Q(('member', models.F('muted')), _negated=True), name='nobody_mutes_themselves')],
            },
        ),
        migrations.CreateModel(
            name='ChosenPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chosen_pictures', to=settings.AUTH_USER_MODEL)),
                ('field', models.CharField(choices=[('avatar', 'picture'), ('cover', 'banner picture')], max_length=6)),
                ('file', accounts.models.images.ProfilePictureField(upload_to='')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'field'), name='one_chosen_picture_per_field')],
            },
        ),
        migrations.CreateModel(
            name='LinkFollowed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followed_on', to='accounts.profilelink')),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('link', 'day'), name='one_count_per_link_and_day')],
            },
        ),
    ]
