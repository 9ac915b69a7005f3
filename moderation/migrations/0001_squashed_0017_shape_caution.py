"""All tables of the app, for new sites.

Existing ones run the migrations it replaces (docs/decisions/0108).
"""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.utils.translation import gettext as _


def make_group(apps, schema_editor):
    """The group `moderators`, with exactly the one permission that the queue requires."""
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="comments", model="comment"
    )
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename="moderate_comment",
        defaults={"name": "Can moderate comment"},
    )
    group, _created = apps.get_model("auth", "Group").objects.get_or_create(name="moderators")
    group.permissions.add(permission)


def remove_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name="moderators").delete()


def add_reasons(apps, schema_editor):
    """A few initial reasons for the host to change or extend."""
    reasons = [
        (
            _("Advertising"),
            _(
                "It reads like advertising. Links to your own work are welcome where they add to the discussion: "
                "please say how yours does."
            ),
        ),
        (_("Unkind"), _("It attacks a person. Please criticise what was said, not who said it.")),
        (_("Private"), _("It gives away something that may be private.")),
        (
            _("Off topic"),
            _("It isn’t about this post. Another post may suit it better, or write on your own site and link to it."),
        ),
    ]
    model = apps.get_model("moderation", "RemovalReason")
    for position, (title, words) in enumerate(reasons, start=1):
        model.objects.get_or_create(title=title, defaults={"words": words, "position": position})


class Migration(migrations.Migration):

    replaces = [('moderation', '0001_initial'), ('moderation', '0002_moderators_group'), ('moderation', '0003_places'), ('moderation', '0004_guard'), ('moderation', '0005_people'), ('moderation', '0006_refusal_texts'), ('moderation', '0007_claims'), ('moderation', '0008_report_network'), ('moderation', '0009_plain_words'), ('moderation', '0010_reason_codes'), ('moderation', '0011_plain_names'), ('moderation', '0012_own_lists'), ('moderation', '0013_settled_weights'), ('moderation', '0014_profile_reviews'), ('moderation', '0015_known_members'), ('moderation', '0016_discussion_actions'), ('moderation', '0017_shape_caution')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('accounts', '0001_squashed_0023_merged_accounts'),
        ('comments', '0001_squashed_0012_post_thanks'),
        ('posts', '0001_squashed_0016_kind_of_unsaved_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='RemovalReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='Short. Public in the moderation log.', max_length=60, unique=True, verbose_name='title')),
                ('words', models.TextField(help_text='Shown to the member it’s about.', max_length=1000, verbose_name='message')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('is_offered', models.BooleanField(default=True, help_text='Texts that have been used stay for the log.', verbose_name='available to moderators')),
            ],
            options={
                'verbose_name': 'removal reason',
                'verbose_name_plural': 'removal reasons',
                'db_table': 'moderation_refusaltext',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TrustOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels_by_hand', to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('level', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='level')),
                ('words', models.CharField(max_length=300, verbose_name='why')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'trust level set by hand',
                'verbose_name_plural': 'trust levels set by hand',
                'db_table': 'moderation_levelbyhand',
                'get_latest_by': 'pk',
                'constraints': [models.CheckConstraint(condition=models.Q(('level', None), ('level__lte', 3), _connector='OR'), name='level_from_nought_to_three'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='level_by_hand_says_why')],
            },
        ),
        migrations.CreateModel(
            name='MemberNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moderators_notes', to=settings.AUTH_USER_MODEL, verbose_name='about')),
                ('words', models.TextField(max_length=2000, verbose_name='note')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'note about a member',
                'verbose_name_plural': 'notes about members',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='note_says_something')],
            },
        ),
        migrations.CreateModel(
            name='ProfileReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='profile_reports', to=settings.AUTH_USER_MODEL, verbose_name='about')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
                ('reason', models.CharField(max_length=20, verbose_name='reason')),
                ('note', models.TextField(blank=True, max_length=1000, verbose_name='details')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('outcome', models.CharField(blank=True, choices=[('right', 'action taken'), ('wrong', 'no action needed')], max_length=5, verbose_name='outcome')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'report of a profile',
                'verbose_name_plural': 'reports of profiles',
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('member', 'reporter'), name='one_open_report_per_member_and_page'), models.CheckConstraint(condition=models.Q(('member', models.F('reporter')), _negated=True), name='nobody_reports_themselves'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='closed_report_says_when_and_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='DiscussionAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='discussion_actions', to='posts.post', verbose_name='post')),
                ('moderator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='moderator')),
                ('action', models.CharField(choices=[('pin', 'pinned a comment'), ('unpin', 'unpinned a comment'), ('choose', 'marked a comment as the host’s choice'), ('unchoose', 'no longer marked a comment as the host’s choice'), ('close', 'closed the replies to a comment'), ('reopen', 'opened the replies to a comment'), ('correct', 'corrected a comment'), ('slow', 'changed slow mode'), ('shut', 'closed comments'), ('open', 'opened comments')], max_length=10, verbose_name='action')),
                ('minutes', models.PositiveSmallIntegerField(default=0, help_text='In slow mode, each person can post one comment in this many minutes. 0: off.', verbose_name='minutes')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'action on a discussion',
                'verbose_name_plural': 'actions on discussions',
                'default_permissions': (),
                'indexes': [models.Index(fields=['-created_at', '-id'], name='discussion_acts_newest_first')],
            },
        ),
        migrations.CreateModel(
            name='ReviewLock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='claim', to='comments.comment', verbose_name='comment')),
                ('moderator', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='claim', to=settings.AUTH_USER_MODEL, verbose_name='moderator')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('expires_at', models.DateTimeField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'review lock',
                'verbose_name_plural': 'review locks',
                'db_table': 'moderation_claim',
                'indexes': [models.Index(fields=['expires_at'], name='claims_by_end')],
            },
        ),
        migrations.CreateModel(
            name='ModeratorPreferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moderator', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='desk_choice', to=settings.AUTH_USER_MODEL)),
                ('wants_mail', models.BooleanField(default=True, verbose_name='email me when comments have waited a long time')),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'moderator’s preferences',
                'verbose_name_plural': 'moderators’ preferences',
                'db_table': 'moderation_deskchoice',
            },
        ),
        migrations.CreateModel(
            name='CommentRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('word', 'word or phrase'), ('domain', 'links to a domain'), ('links', 'more links than')], max_length=8, verbose_name='what')),
                ('value', models.CharField(blank=True, max_length=253, verbose_name='word or domain')),
                ('limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='number of links')),
                ('action', models.CharField(choices=[('hold', 'hold for review'), ('refuse', 'refuse')], default='hold', max_length=8, verbose_name='then')),
                ('note', models.CharField(blank=True, help_text='The author sees it.', max_length=200, verbose_name='reason')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'rule for comments',
                'verbose_name_plural': 'rules for comments',
                'ordering': ['kind', 'value', 'limit', 'pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('kind', 'value'), name='one_rule_for_each_word_or_domain'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'links'), ('limit__isnull', False), ('value', '')), models.Q(models.Q(('kind', 'links'), _negated=True), models.Q(('value', ''), _negated=True), ('limit', None)), _connector='OR'), name='rule_has_a_value_or_a_limit')],
            },
        ),
        migrations.CreateModel(
            name='ModerationSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hold_percent', models.PositiveSmallIntegerField(default=50, help_text='In percent.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(99)], verbose_name='hold comments from a spam score of')),
                ('reject_percent', models.PositiveSmallIntegerField(default=97, help_text='In percent, and only with strong evidence. 100: never.', validators=[django.core.validators.MinValueValidator(50), django.core.validators.MaxValueValidator(100)], verbose_name='block comments from a spam score of')),
                ('first_link_waits', models.BooleanField(db_default=False, default=False, help_text='Otherwise it’s published, and others see the link as text until the member is known. Links to well-known sites are never held for this.', verbose_name='hold a new member’s first comment with a link')),
                ('hide_after_reports', models.PositiveSmallIntegerField(default=3, help_text='By trusted members; it’s hidden until a moderator reviews it. 0: never.', validators=[django.core.validators.MaxValueValidator(50)], verbose_name='hide a comment after this many reports')),
                ('wait_hours', models.PositiveSmallIntegerField(default=12, help_text='0: never.', validators=[django.core.validators.MaxValueValidator(720)], verbose_name='email moderators after a comment has waited this many hours')),
            ],
            options={
                'verbose_name': 'spam filter settings',
                'verbose_name_plural': 'spam filter settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_moderation_settings'), models.CheckConstraint(condition=models.Q(('hold_percent__gte', 5), ('hold_percent__lte', models.F('reject_percent')), ('reject_percent__lte', 100)), name='hold_before_reject')],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='assessment', to='comments.comment', verbose_name='comment')),
                ('score', models.FloatField(help_text='0 to 1; 1 is certainly spam.', verbose_name='score')),
                ('outcome', models.CharField(choices=[('publish', 'published'), ('hold', 'held'), ('reject', 'blocked as spam')], max_length=10, verbose_name='outcome')),
                ('reasons', models.JSONField(default=list, help_text='Strongest first: {code, variant, values, weight, hard, marks}.', verbose_name='reasons')),
                ('model_version', models.CharField(help_text='Version of the features, and how many decisions were known.', max_length=20, verbose_name='model')),
                ('sketch', models.BinaryField(default=bytes)),
                ('network', models.CharField(blank=True, editable=False, max_length=32)),
                ('outside', models.JSONField(blank=True, default=dict, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'assessment',
                'verbose_name_plural': 'assessments',
                'indexes': [models.Index(fields=['outcome', 'created_at'], name='assessments_by_outcome'), models.Index(condition=models.Q(('network', ''), _negated=True), fields=['network', 'created_at'], name='assessments_by_network')],
                'constraints': [models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 1)), name='score_from_nought_to_one')],
            },
        ),
        migrations.CreateModel(
            name='LearnerState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('own', models.BinaryField(default=bytes)),
                ('prior', models.BinaryField(default=bytes)),
                ('decisions', models.PositiveIntegerField(default=0)),
                ('spam_decisions', models.PositiveIntegerField(default=0)),
                ('caution', models.FloatField(db_default=0.0, default=0.0)),
                ('shape_caution', models.FloatField(db_default=0.0, default=0.0)),
                ('is_settled', models.BooleanField(db_default=True, default=True)),
                ('version', models.PositiveBigIntegerField(default=0)),
                ('model_version', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'state of the classifier',
                'verbose_name_plural': 'states of the classifier',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_row_of_learner_state')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('suspension', 'suspension'), ('ban', 'ban'), ('network', 'IP range'), ('domain', 'domain')], max_length=10, verbose_name='kind')),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='restrictions', to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('network', models.CharField(blank=True, max_length=43, verbose_name='IP range')),
                ('domain', models.CharField(blank=True, max_length=253, verbose_name='domain')),
                ('text', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.removalreason', verbose_name='reason')),
                ('words', models.TextField(blank=True, max_length=1000, verbose_name='message')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
            ],
            options={
                'verbose_name': 'restriction',
                'verbose_name_plural': 'restrictions',
                'indexes': [models.Index(fields=['member', 'created_at'], name='restrictions_of_member'), models.Index(condition=models.Q(('lifted_at', None)), fields=['kind'], name='restrictions_not_lifted')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('domain', ''), ('kind__in', ['suspension', 'ban']), ('member__isnull', False), ('network', '')), models.Q(('domain', ''), ('kind', 'network'), ('member', None), models.Q(('network', ''), _negated=True)), models.Q(('kind', 'domain'), ('member', None), ('network', ''), models.Q(('domain', ''), _negated=True)), _connector='OR'), name='restriction_names_what_it_is_about'), models.CheckConstraint(condition=models.Q(models.Q(('ends_at__isnull', False), ('kind__in', ['suspension', 'network'])), models.Q(('ends_at', None), ('kind', 'ban')), ('kind', 'domain'), _connector='OR'), name='suspension_ends_and_ban_does_not'), models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gt', models.F('created_at')), _connector='OR'), name='restriction_ends_after_it_began'), models.CheckConstraint(condition=models.Q(('text__isnull', False), models.Q(('words', ''), _negated=True), _connector='OR'), name='restriction_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='lifted_restriction_says_by_whom'), models.UniqueConstraint(condition=models.Q(('kind', 'ban'), ('lifted_at', None)), fields=('member',), name='banned_once')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='comments.comment', verbose_name='comment')),
                ('moderator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL, verbose_name='moderator')),
                ('action', models.CharField(choices=[('approve', 'approved'), ('remove', 'removed'), ('spam', 'marked as spam'), ('move', 'moved'), ('split', 'split into a new post'), ('undo', 'undone')], max_length=10, verbose_name='decision')),
                ('status_before', models.CharField(choices=[('public', 'public'), ('held', 'awaiting review'), ('removed', 'removed by a moderator'), ('spam', 'marked as spam'), ('deleted', 'deleted by its author')], max_length=10, verbose_name='before')),
                ('status_after', models.CharField(choices=[('public', 'public'), ('held', 'awaiting review'), ('removed', 'removed by a moderator'), ('spam', 'marked as spam'), ('deleted', 'deleted by its author')], max_length=10, verbose_name='after')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='why')),
                ('text', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.removalreason', verbose_name='reason')),
                ('word', models.CharField(blank=True, max_length=500, verbose_name='message to the author')),
                ('told_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('from_post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='posts.post', verbose_name='from the post')),
                ('from_parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment', verbose_name='was a reply to')),
                ('to_post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='posts.post', verbose_name='to the post')),
                ('to_parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment', verbose_name='now a reply to')),
                ('undoes', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='moderation.decision', verbose_name='undoes')),
                ('batch', models.UUIDField(blank=True, editable=False, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='decisions_newest_first'), models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='decisions_of_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('action', 'undo'), ('undoes__isnull', False)), models.Q(models.Q(('action', 'undo'), _negated=True), ('undoes', None)), _connector='OR'), name='undo_names_what_it_takes_back')],
            },
        ),
        migrations.CreateModel(
            name='TracedMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='marks', to='moderation.assessment')),
                ('mark', models.CharField(max_length=260)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('mark', 'assessment'), name='one_trace_per_mark_and_comment')],
            },
        ),
        migrations.CreateModel(
            name='TracedKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='moderation.assessment')),
                ('key', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'assessment'), name='one_trace_per_key_and_comment')],
            },
        ),
        migrations.CreateModel(
            name='ModerationAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('suspend', 'suspended'), ('ban', 'banned'), ('network', 'blocked an IP range for new members'), ('domain', 'blocked links to a domain'), ('lift', 'lifted'), ('level', 'set a trust level'), ('grant', 'accepted an appeal'), ('decline', 'rejected an appeal')], max_length=10, verbose_name='member action')),
                ('moderator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to=settings.AUTH_USER_MODEL, verbose_name='moderator')),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('restricted', models.CharField(blank=True, choices=[('suspension', 'suspension'), ('ban', 'ban'), ('network', 'IP range'), ('domain', 'domain')], max_length=10, verbose_name='kind')),
                ('domain', models.CharField(blank=True, max_length=253, verbose_name='domain')),
                ('text', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.removalreason', verbose_name='reason')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('restriction', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='acts', to='moderation.restriction')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'member action',
                'verbose_name_plural': 'member actions',
                'db_table': 'moderation_act',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='acts_newest_first')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appeals', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('decision', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='moderation.decision')),
                ('restriction', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='appeal', to='moderation.restriction')),
                ('words', models.TextField(max_length=2000, verbose_name='details')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('state', models.CharField(choices=[('open', 'not answered yet'), ('granted', 'accepted'), ('declined', 'rejected')], default='open', max_length=8, verbose_name='status')),
                ('answer', models.TextField(blank=True, max_length=2000, verbose_name='reply')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['created_at'], name='open_appeals')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decision__isnull', False), ('restriction', None)), models.Q(('decision', None), ('restriction__isnull', False)), _connector='OR'), name='appeal_is_about_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('state', 'open')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('state__in', ['granted', 'declined']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='answered_appeal_says_what_when_and_by_whom'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='appeal_says_something')],
            },
        ),
        migrations.CreateModel(
            name='ProfileReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='profile_reviews', to=settings.AUTH_USER_MODEL, verbose_name='member')),
                ('cause', models.CharField(choices=[('assessed', 'the spam filter'), ('spam', 'a comment marked as spam')], max_length=10, verbose_name='cause')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='moderation.decision')),
                ('reasons', models.JSONField(default=list, verbose_name='reasons')),
                ('fingerprint', models.CharField(blank=True, editable=False, max_length=64)),
                ('known_since', models.DateTimeField(editable=False, null=True)),
                ('is_hiding', models.BooleanField(default=True, verbose_name='hides the profile')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
            ],
            options={
                'verbose_name': 'hidden profile',
                'verbose_name_plural': 'hidden profiles',
                'indexes': [models.Index(condition=models.Q(('is_hiding', True)), fields=['created_at'], name='profile_reviews_hiding')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cause', 'assessed'), ('is_hiding', True)), fields=('member',), name='profile_hidden_once_by_the_spam_filter'), models.UniqueConstraint(fields=('decision',), name='one_profile_review_per_decision'), models.CheckConstraint(condition=models.Q(models.Q(('cause', 'spam'), ('decision__isnull', False)), models.Q(('cause', 'assessed'), ('decision', None)), _connector='OR'), name='profile_review_by_spam_names_the_decision'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='reviewed_profile_says_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='comments.comment', verbose_name='comment')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to=settings.AUTH_USER_MODEL, verbose_name='reported by')),
                ('reason', models.CharField(choices=[('spam', 'It’s advertising or spam'), ('unkind', 'It’s unkind or attacks someone'), ('private', 'It gives away something private'), ('wrong_place', 'It’s off topic'), ('other', 'Something else')], max_length=20, verbose_name='reason')),
                ('note', models.TextField(blank=True, max_length=1000, verbose_name='details')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('network', models.CharField(blank=True, editable=False, max_length=32)),
                ('decision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='moderation.decision', verbose_name='decision')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'indexes': [models.Index(condition=models.Q(('decision', None)), fields=['created_at'], name='open_reports'), models.Index(condition=models.Q(('network', ''), _negated=True), fields=['created_at'], name='reports_with_network')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decision', None)), fields=('comment', 'reporter'), name='one_open_report_per_member_and_comment', violation_error_message='You’ve already reported this comment. A moderator will review it.')],
            },
        ),
        migrations.CreateModel(
            name='TrainingSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sample', to='moderation.assessment')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sample', to='moderation.decision')),
                ('is_spam', models.BooleanField(verbose_name='spam')),
                ('offset', models.FloatField(help_text='What the rules alone said, in log-odds.')),
                ('stake', models.IntegerField(help_text='How far it pulls, in 1/1024.')),
                ('features', models.BinaryField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
            ],
            options={
                'verbose_name': 'training sample',
                'verbose_name_plural': 'training samples',
                'db_table': 'moderation_lesson',
            },
        ),
        migrations.RunPython(make_group, remove_group),
        migrations.RunPython(add_reasons, migrations.RunPython.noop),
    ]
