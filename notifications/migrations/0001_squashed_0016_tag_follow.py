"""All tables of the app at once, for new sites; older ones get here by the steps it replaces (docs/decisions/0108)."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import notifications.models.reply_feed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('notifications', '0001_alerts'), ('notifications', '0002_answers_by_mail_and_devices'), ('notifications', '0003_answers_know_their_route'), ('notifications', '0004_holder_of_letters'), ('notifications', '0005_review'), ('notifications', '0006_kinds_of_reasons'), ('notifications', '0007_plain_words'), ('notifications', '0008_standard_names'), ('notifications', '0009_notification_preferences'), ('notifications', '0010_posts_by_email'), ('notifications', '0011_told_once_of_each_kind'), ('notifications', '0012_timing'), ('notifications', '0013_reply_feed'), ('notifications', '0014_clocks_are_the_members'), ('notifications', '0015_quiet_hours_alone'), ('notifications', '0016_tag_follow')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
        ('comments', '0001_squashed_0012_post_thanks'),
        ('posts', '0001_squashed_0016_kind_of_unsaved_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to=settings.AUTH_USER_MODEL)),
                ('endpoint', models.CharField(help_text='The address at the browser’s push service. A secret.', max_length=1000)),
                ('key', models.CharField(editable=False, help_text='Hash of the address, so that each is stored once.', max_length=64, unique=True)),
                ('p256dh', models.CharField(max_length=100)),
                ('auth', models.CharField(max_length=50)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'device with push notifications',
                'verbose_name_plural': 'devices with push notifications',
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mailing', to='posts.post', verbose_name='post')),
                ('week', models.DateField(blank=True, null=True, unique=True, verbose_name='week')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parts', to='notifications.mailing', verbose_name='weekly issue')),
                ('content', models.CharField(choices=[('whole', 'the whole text'), ('summary', 'the summary and a link')], default='whole', max_length=8, verbose_name='content')),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='decided at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('done_up_to', models.BigIntegerField(default=0, editable=False)),
                ('is_done', models.BooleanField(default=False, verbose_name='handed to the worker')),
                ('sent_before', models.PositiveIntegerField(default=0, editable=False)),
                ('bounced_before', models.PositiveIntegerField(default=0, editable=False)),
                ('failed_before', models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'post by email',
                'verbose_name_plural': 'posts by email',
                'indexes': [models.Index(condition=models.Q(('is_done', False)), fields=['id'], name='mailings_to_write')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('post__isnull', False), ('week', None)), models.Q(('issue', None), ('post', None), ('week__isnull', False)), _connector='OR'), name='mailing_of_a_post_or_a_week')],
            },
        ),
        migrations.CreateModel(
            name='GuestConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='address')),
                ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'guest who asked to be notified',
                'verbose_name_plural': 'guests who asked to be notified',
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='guest_address_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='EmailSuppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='address')),
                ('cause', models.CharField(choices=[('bounce', 'bounced'), ('complaint', 'marked as spam')], max_length=10, verbose_name='cause')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name='response of the mail server')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
            ],
            options={
                'verbose_name': 'blocked email address',
                'verbose_name_plural': 'blocked email addresses',
                'db_table': 'notifications_mailstop',
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='stopped_address_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='ReplyMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(editable=False, max_length=64, unique=True)),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='from')),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='comments.comment', verbose_name='the reply')),
                ('outcome', models.CharField(choices=[('posted', 'posted'), ('held', 'awaiting review'), ('refused', 'couldn’t be posted'), ('automatic', 'sent automatically')], max_length=10, verbose_name='outcome')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name='message')),
                ('route', models.CharField(blank=True, max_length=200, verbose_name='delivery route')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='arrived at')),
            ],
            options={
                'verbose_name': 'reply by email',
                'verbose_name_plural': 'replies by email',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='reply_mails_newest_first')],
            },
        ),
        migrations.CreateModel(
            name='AdditionalParent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='additional_parents', to='comments.comment', verbose_name='the reply')),
                ('answered', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='additional_replies', to='comments.comment', verbose_name='what it replies to')),
            ],
            options={
                'verbose_name': 'additional parent',
                'verbose_name_plural': 'additional parents',
                'db_table': 'notifications_address',
                'constraints': [models.UniqueConstraint(fields=('comment', 'answered'), name='answered_once_by_each_comment'), models.CheckConstraint(condition=models.Q(('comment', models.F('answered')), _negated=True), name='no_comment_answers_itself')],
            },
        ),
        migrations.CreateModel(
            name='FanOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='fan_out', to='comments.comment')),
                ('post', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='fan_out', to='posts.post')),
                ('due_at', models.DateTimeField()),
                ('done_up_to', models.BigIntegerField(default=0, help_text='The last follower who already has a row.')),
                ('is_done', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'notifications_announcement',
                'indexes': [models.Index(condition=models.Q(('is_done', False)), fields=['due_at'], name='announcements_to_make')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('post', None)), models.Q(('comment', None), ('post__isnull', False)), _connector='OR'), name='announcement_of_a_comment_or_a_post')],
            },
        ),
        migrations.CreateModel(
            name='NotificationPreference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notification_preferences', to=settings.AUTH_USER_MODEL)),
                ('type', models.CharField(max_length=20)),
                ('channel', models.CharField(choices=[('at_once', 'By email, at once'), ('hourly', 'By email, hourly'), ('daily', 'By email, daily'), ('weekly', 'By email, weekly'), ('here', 'In the inbox only'), ('off', 'Off')], max_length=8)),
            ],
            options={
                'verbose_name': 'notification preference',
                'verbose_name_plural': 'notification preferences',
                'constraints': [models.UniqueConstraint(fields=('member', 'type'), name='one_preference_per_member_and_type')],
            },
        ),
        migrations.CreateModel(
            name='NotificationTiming',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notification_timing', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('quiet_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet from')),
                ('quiet_until', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet until')),
            ],
            options={
                'verbose_name': 'notification times',
                'verbose_name_plural': 'notification times',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), ('quiet_from__lt', 24), ('quiet_until__lt', 24), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='quiet_hours_begin_and_end')],
            },
        ),
        migrations.CreateModel(
            name='ThreadSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='thread_subscriptions', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='posts.post')),
                ('level', models.CharField(choices=[('following', 'Follow comments'), ('muted', 'Mute')], max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'followed or muted post',
                'verbose_name_plural': 'followed or muted posts',
                'indexes': [models.Index(fields=['post', 'level', 'member'], name='followers_of_talk')],
                'constraints': [models.UniqueConstraint(fields=('member', 'post'), name='one_subscription_per_member_and_talk')],
            },
        ),
        migrations.CreateModel(
            name='TagFollow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tag_follows', to=settings.AUTH_USER_MODEL)),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='follows', to='posts.tag')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'followed tag',
                'verbose_name_plural': 'followed tags',
                'indexes': [models.Index(fields=['tag', 'member'], name='followers_of_tag')],
                'constraints': [models.UniqueConstraint(fields=('member', 'tag'), name='tag_followed_once')],
            },
        ),
        migrations.CreateModel(
            name='ReplyFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reply_feed', to=settings.AUTH_USER_MODEL)),
                ('secret', models.CharField(default=notifications.models.reply_feed.make_secret, max_length=32, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'feed of replies',
                'verbose_name_plural': 'feeds of replies',
            },
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pushes', to='notifications.device')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
                ('state', models.CharField(choices=[('ready', 'waiting to be sent'), ('sent', 'sent'), ('dropped', 'no longer needed'), ('failed', 'given up')], default='ready', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(help_text='Moved on by the worker that takes it, so that no other worker does.')),
            ],
            options={
                'verbose_name': 'push notification',
                'verbose_name_plural': 'push notifications',
                'indexes': [models.Index(condition=models.Q(('state', 'ready')), fields=['due_at'], name='pushes_to_send')],
                'constraints': [models.UniqueConstraint(fields=('device', 'comment'), name='device_told_once_of_each_comment')],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='address')),
                ('rhythm', models.CharField(choices=[('at_once', 'Each post, at once'), ('weekly', 'Once a week, all posts in one email')], default='at_once', max_length=8, verbose_name='how often')),
                ('rhythm_since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('source', models.CharField(choices=[('form', 'confirmed by email'), ('import', 'imported')], default='form', max_length=8, verbose_name='consent')),
                ('confirmed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='consent given on')),
                ('unsubscribed_at', models.DateTimeField(blank=True, null=True, verbose_name='unsubscribed on')),
                ('left_with', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.mailing', verbose_name='unsubscribed from')),
            ],
            options={
                'verbose_name': 'subscriber',
                'verbose_name_plural': 'subscribers',
                'indexes': [models.Index(fields=['-confirmed_at', '-id'], name='subscribers_newest_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='subscriber_is_lower_case'), models.CheckConstraint(condition=models.Q(('left_with', None), ('unsubscribed_at__isnull', False), _connector='OR'), name='who_left_unsubscribed')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to=settings.AUTH_USER_MODEL, verbose_name='to')),
                ('guest_email', models.EmailField(blank=True, max_length=254, verbose_name='to the guest')),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='notifications.subscriber', verbose_name='to the subscriber')),
                ('mailing', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='notifications.mailing', verbose_name='post by email')),
                ('address', models.EmailField(blank=True, help_text='Where the last attempt went.', max_length=254, verbose_name='address used')),
                ('message_id', models.CharField(editable=False, help_text='The same at each attempt.', max_length=200, unique=True)),
                ('state', models.CharField(choices=[('ready', 'waiting to be sent'), ('open', 'being sent'), ('handed', 'being handed over'), ('sent', 'sent'), ('unsure', 'possibly sent'), ('failed', 'given up'), ('dropped', 'no longer needed')], default='ready', max_length=8, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt')),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('holder', models.CharField(blank=True, editable=False, max_length=64)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('failure', models.CharField(blank=True, max_length=300, verbose_name='response of the mail server')),
                ('came_back_at', models.DateTimeField(blank=True, null=True, verbose_name='bounced at')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'email',
                'verbose_name_plural': 'emails',
                'db_table': 'notifications_letter',
                'indexes': [models.Index(condition=models.Q(('state', 'ready')), fields=['due_at'], name='letters_to_send'), models.Index(condition=models.Q(('mailing', None), ('state', 'ready')), fields=['due_at'], name='letters_to_send_first'), models.Index(condition=models.Q(('state__in', ['open', 'handed'])), fields=['leased_until'], name='letters_being_sent'), models.Index(fields=['member', 'created_at'], name='letters_of_member'), models.Index(fields=['-created_at', '-id'], name='letters_newest_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('guest_email', ''), ('member__isnull', False), ('subscriber', None)), models.Q(('member', None), ('subscriber', None), models.Q(('guest_email', ''), _negated=True)), models.Q(('guest_email', ''), ('mailing__isnull', False), ('member', None), ('subscriber__isnull', False)), _connector='OR'), name='letter_has_one_reader'), models.UniqueConstraint(condition=models.Q(('mailing__isnull', False)), fields=('mailing', 'subscriber'), name='one_letter_of_each_mailing')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('guest_email', models.EmailField(blank=True, max_length=254)),
                ('guest_name', models.CharField(blank=True, max_length=100)),
                ('comment', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='comments.comment')),
                ('post', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='posts.post')),
                ('reasons', models.JSONField(default=list)),
                ('kind', models.CharField(max_length=20)),
                ('way', models.CharField(choices=[('at_once', 'By email, at once'), ('hourly', 'By email, hourly'), ('daily', 'By email, daily'), ('weekly', 'By email, weekly'), ('here', 'In the inbox only'), ('off', 'Off')], max_length=8)),
                ('state', models.CharField(choices=[('no_mail', 'inbox only'), ('waiting', 'to be emailed'), ('in_letter', 'in an email'), ('dropped', 'withdrawn before it was sent')], max_length=10)),
                ('letter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notifications', to='notifications.outgoingemail')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(help_text='When it appears in the inbox; until then its cause can be undone.')),
                ('mail_at', models.DateTimeField(blank=True, help_text='When it is emailed at the earliest; blank if it isn’t.', null=True)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['member', '-due_at', '-id'], name='inbox'), models.Index(condition=models.Q(('seen_at', None)), fields=['member', 'due_at'], name='inbox_unread'), models.Index(condition=models.Q(('state', 'waiting')), fields=['mail_at'], name='notifications_to_mail'), models.Index(fields=['comment'], name='notifications_of_comment')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('member__isnull', False), models.Q(('kind__in', ['review', 'thanks', 'choices', 'corrections']), _negated=True)), fields=('comment', 'member'), name='told_once_of_each_comment'), models.UniqueConstraint(condition=models.Q(('member__isnull', False)), fields=('comment', 'member', 'kind'), name='told_once_of_each_kind_of_each_comment'), models.UniqueConstraint(condition=models.Q(('member', None)), fields=('comment', 'guest_email'), name='guest_told_once_of_each_comment'), models.UniqueConstraint(condition=models.Q(('post__isnull', False)), fields=('post', 'member'), name='told_once_of_each_post'), models.CheckConstraint(condition=models.Q(models.Q(('guest_email', ''), ('member__isnull', False)), models.Q(('member', None), models.Q(('guest_email', ''), _negated=True)), _connector='OR'), name='notification_has_one_reader'), models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('post', None)), models.Q(('comment', None), ('post__isnull', False)), _connector='OR'), name='notification_of_a_comment_or_a_post'), models.CheckConstraint(condition=models.Q(('way', 'off'), _negated=True), name='notification_goes_some_way')],
            },
        ),
    ]
