"""All tables of the app at once, for new sites; older ones get here by the steps it replaces (docs/decisions/0108)."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import mptt.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('comments', '0001_initial'), ('comments', '0002_threads'), ('comments', '0003_pictures'), ('comments', '0004_mentions'), ('comments', '0005_unsentcomment'), ('comments', '0006_claims'), ('comments', '0007_held_as'), ('comments', '0008_plain_words'), ('comments', '0009_discussions'), ('comments', '0010_indexes_for_large_sites'), ('comments', '0011_bookmarks'), ('comments', '0012_post_thanks')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
        ('posts', '0001_squashed_0016_kind_of_unsaved_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='posts.post', verbose_name='post')),
                ('parent', mptt.fields.TreeForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='children', to='comments.comment', verbose_name='in reply to')),
                ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('guest_name', models.CharField(blank=True, max_length=100, verbose_name="guest’s name")),
                ('guest_email', models.EmailField(blank=True, max_length=254, verbose_name='guest’s email address')),
                ('guest_url', models.URLField(blank=True, max_length=300, verbose_name="guest’s link")),
                ('body', models.TextField(validators=[django.core.validators.MaxLengthValidator(20000)], verbose_name='text')),
                ('html', models.TextField(editable=False)),
                ('renderer_version', models.PositiveSmallIntegerField(default=0, editable=False, help_text='Version of the renderer that made the HTML; 0 if none did.')),
                ('fold_at', models.PositiveIntegerField(default=0, editable=False, help_text='Where the part behind “Read more” begins in the HTML; 0 if nothing is folded.')),
                ('folded_words', models.PositiveIntegerField(default=0, editable=False)),
                ('link_count', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='links')),
                ('picture_count', models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='pictures')),
                ('status', models.CharField(choices=[('public', 'public'), ('held', 'awaiting review'), ('removed', 'removed by a moderator'), ('spam', 'marked as spam'), ('deleted', 'deleted by its author')], default='public', editable=False, max_length=10, verbose_name='status')),
                ('hold_reasons', models.JSONField(blank=True, default=list, editable=False, help_text='A list of core.utils.reasons.Reason.', verbose_name='why it was held')),
                ('held_as', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('status', 'held'), _negated=True), then=models.Value('')), models.When(models.Q(('hold_reasons__0__code', 'turned_away')), then=models.Value('turned_away')), default=models.Value('awaited')), output_field=models.CharField(choices=[('', 'not held'), ('awaited', 'awaiting review'), ('turned_away', 'blocked as spam')], max_length=12, verbose_name='held as'))),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='posted at')),
                ('published_at', models.DateTimeField(blank=True, editable=False, help_text='When it was first public.', null=True, verbose_name='public since')),
                ('edited_at', models.DateTimeField(blank=True, editable=False, help_text='Only edits that are marked.', null=True, verbose_name='edited at')),
                ('pinned_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='pinned at')),
                ('chosen_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='the host’s choice since')),
                ('chosen_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='chosen by')),
                ('closed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='replies closed at')),
                ('corrected_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='corrected at')),
                ('corrected_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='corrected by')),
                ('source_key', models.CharField(blank=True, editable=False, help_text='Where the import found it.', max_length=200, null=True, unique=True)),
                ('thanks_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='thanks')),
                ('branch_size', models.PositiveIntegerField(default=1, editable=False)),
                ('lft', models.BigIntegerField(editable=False)),
                ('rght', models.BigIntegerField(editable=False)),
                ('tree_id', models.BigIntegerField(editable=False)),
                ('level', models.PositiveIntegerField(editable=False)),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'permissions': [('moderate_comment', 'Can moderate comments')],
                'indexes': [models.Index(fields=['parent', 'rght'], name='comments_last_child'), models.Index(fields=['post', 'tree_id'], name='comments_of_post'), models.Index(condition=models.Q(('parent', None)), fields=['post', 'tree_id'], name='branches_of_post'), models.Index(condition=models.Q(('parent', None)), fields=['post', '-thanks_count', 'tree_id'], name='branches_by_thanks'), models.Index(fields=['post', 'created_at'], name='comments_of_post_by_time'), models.Index(fields=['post', 'published_at'], name='news_of_post'), models.Index(fields=['author', 'created_at'], name='comments_of_author'), models.Index(fields=['author', 'status', 'published_at', 'created_at'], name='comments_for_trust'), models.Index(fields=['status', 'created_at'], name='comments_by_status'), models.Index(fields=['-created_at', '-id'], name='comments_newest_first'), models.Index(fields=['held_as', 'created_at'], name='comments_held'), models.Index(fields=['post', 'status'], name='comments_of_post_by_status'), models.Index(condition=models.Q(('guest_email', ''), _negated=True), fields=['guest_email'], name='comments_of_guest'), models.Index(fields=['tree_id', 'lft'], name='comments_comment_tree_id_l4b1c')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('parent', None)), fields=('tree_id',), name='one_root_per_tree'), models.UniqueConstraint(fields=('tree_id', 'lft'), name='one_comment_per_place_in_a_tree'), models.CheckConstraint(condition=models.Q(('lft__lt', models.F('rght'))), name='left_edge_before_right_edge'), models.CheckConstraint(condition=models.Q(models.Q(('level', 0), ('parent', None)), models.Q(('level__gt', 0), ('parent__isnull', False)), _connector='OR'), name='root_has_level_zero'), models.CheckConstraint(condition=models.Q(('author__isnull', False), models.Q(('guest_name', ''), _negated=True), _connector='OR'), name='comment_has_an_author_or_a_guest'), models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='comment_says_something'), models.UniqueConstraint(condition=models.Q(('pinned_at__isnull', False)), fields=('post',), name='one_pinned_comment_of_each_post'), models.CheckConstraint(condition=models.Q(models.Q(('chosen_at', None), ('chosen_by', None)), models.Q(('chosen_at__isnull', False), ('chosen_by__isnull', False)), _connector='OR'), name='somebody_chose_it'), models.CheckConstraint(condition=models.Q(models.Q(('corrected_at', None), ('corrected_by', None)), models.Q(('corrected_at__isnull', False), ('corrected_by__isnull', False)), _connector='OR'), name='somebody_corrected_it')],
            },
        ),
        migrations.CreateModel(
            name='CommentClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('email', models.EmailField(max_length=254, verbose_name='email address')),
                ('answer', models.CharField(blank=True, choices=[('', 'not answered'), ('yes', 'mine'), ('no', 'not mine')], default='', max_length=3)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'email'), name='asked_once_about_each_address'), models.UniqueConstraint(condition=models.Q(('answer', 'yes')), fields=('email',), name='one_member_per_guest_address'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='claimed_address_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='Discussion',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='discussion', serialize=False, to='posts.post')),
                ('policy', models.CharField(blank=True, choices=[('everybody', 'Everyone; people without an account confirm with a code sent by email'), ('first', 'Everyone; each person’s first comment is reviewed'), ('all', 'Everyone; all comments are reviewed'), ('members', 'Members'), ('known', 'People who have been members for a number of days'), ('closed', 'No one')], max_length=10, verbose_name='who can comment')),
                ('known_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days of membership')),
                ('close_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Counted from publication. Leave blank for the default; 0: never.', null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='close comments after this many days')),
                ('slow_minutes', models.PositiveSmallIntegerField(default=0, help_text='Each person can post one comment in this many minutes. 0: off.', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='slow mode')),
            ],
            options={
                'verbose_name': 'discussion settings of a post',
                'verbose_name_plural': 'discussion settings of posts',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('slow_minutes__lte', 1440)), name='slow_mode_within_a_day')],
            },
        ),
        migrations.CreateModel(
            name='DiscussionDefaults',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(choices=[('everybody', 'Everyone; people without an account confirm with a code sent by email'), ('first', 'Everyone; each person’s first comment is reviewed'), ('all', 'Everyone; all comments are reviewed'), ('members', 'Members'), ('known', 'People who have been members for a number of days'), ('closed', 'No one')], default='everybody', max_length=10, verbose_name='who can comment')),
                ('known_days', models.PositiveSmallIntegerField(default=7, help_text='If only people who have been members for some days can comment.', validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days of membership')),
                ('close_after_days', models.PositiveSmallIntegerField(default=0, help_text='Counted from publication. 0: never.', validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='close comments after this many days')),
            ],
            options={
                'verbose_name': 'default discussion settings',
                'verbose_name_plural': 'default discussion settings',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_discussion_defaults')],
            },
        ),
        migrations.CreateModel(
            name='ThreadVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posts.post')),
                ('new_since', models.DateTimeField()),
                ('looked_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('member', 'post'), name='one_visit_per_member_and_post')],
            },
        ),
        migrations.CreateModel(
            name='PostThanks',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posts.post')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'thanks for a post',
                'verbose_name_plural': 'thanks for posts',
                'constraints': [models.UniqueConstraint(fields=('post', 'member'), name='post_thanked_once_by_each_member')],
            },
        ),
        migrations.CreateModel(
            name='CommentPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uploaded_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='pictures', to='comments.comment')),
                ('alt', models.CharField(blank=True, max_length=200, verbose_name='alt text')),
                ('file', models.FileField(upload_to='comments/')),
                ('widths', models.JSONField(default=list, help_text='Of the WebP files, in pixels.')),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of what was uploaded, to know a second click.', max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('discard_at', models.DateTimeField(help_text='When its comment is gone for good, and the files with it.', null=True)),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'indexes': [models.Index(fields=['uploaded_by', 'created_at'], name='pictures_of_member'), models.Index(condition=models.Q(('comment', None)), fields=['created_at'], name='pictures_not_sent'), models.Index(condition=models.Q(('discard_at__isnull', False)), fields=['discard_at'], name='pictures_to_discard')],
            },
        ),
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posts.post')),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'bookmark',
                'verbose_name_plural': 'bookmarks',
                'indexes': [models.Index(fields=['member', '-created_at', '-id'], name='bookmarks_of_member')],
                'constraints': [models.UniqueConstraint(fields=('member', 'post'), name='post_bookmarked_once_by_each_member'), models.UniqueConstraint(fields=('member', 'comment'), name='comment_bookmarked_once_by_each_member'), models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('post', None)), models.Q(('comment', None), ('post__isnull', False)), _connector='OR'), name='bookmark_of_a_post_or_a_comment')],
            },
        ),
        migrations.CreateModel(
            name='CommentMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='comments.comment')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mention',
                'verbose_name_plural': 'mentions',
                'constraints': [models.UniqueConstraint(fields=('comment', 'member'), name='called_once_by_each_comment')],
            },
        ),
        migrations.CreateModel(
            name='PendingComment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posts.post')),
                ('body', models.TextField()),
                ('fields', models.JSONField(default=dict, help_text='What else belongs to the comment, as the form sent it: {name: [values]}.')),
                ('name', models.CharField(max_length=60)),
                ('email', models.EmailField(max_length=254)),
                ('link', models.URLField(blank=True, max_length=300)),
                ('submission', models.JSONField(default=dict, help_text='How it arrived (comments.models.submission).')),
                ('code', models.ForeignKey(help_text='The newest that was mailed.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.emailcode')),
                ('draft', models.CharField(blank=True, help_text="What the writer's device calls the words (comments.services.drafts).", max_length=32)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(help_text='When it became a comment. Nothing else is kept after that.', null=True)),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='comments.comment')),
            ],
            options={
                'verbose_name': 'pending comment',
                'verbose_name_plural': 'pending comments',
                'db_table': 'comments_unsentcomment',
                'indexes': [models.Index(fields=['created_at'], name='unsent_comments_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('sent_at', None), models.Q(('body', ''), _negated=True)), models.Q(('body', ''), ('email', ''), ('sent_at__isnull', False)), _connector='OR'), name='sent_words_are_kept_once'), models.CheckConstraint(condition=models.Q(('sent_at__isnull', False), ('comment', None), _connector='OR'), name='only_sent_words_are_a_comment')],
            },
        ),
        migrations.CreateModel(
            name='CommentRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='comments.comment')),
                ('body', models.TextField(verbose_name='text')),
                ('html', models.TextField(editable=False)),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='edited by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='edited at')),
                ('is_marked', models.BooleanField(default=True, help_text='False for edits in the first minutes, which only moderators see.')),
            ],
            options={
                'verbose_name': 'earlier version',
                'verbose_name_plural': 'earlier versions',
                'ordering': ['created_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Thanks',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='thanks', to='comments.comment')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'thanks',
                'verbose_name_plural': 'thanks',
                'constraints': [models.UniqueConstraint(fields=('member', 'comment'), name='thanked_once_by_each_member')],
            },
        ),
    ]
