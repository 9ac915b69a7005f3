import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('posts', '0018_events'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('post', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='event', serialize=False, to='posts.post')),
                ('text', models.TextField(blank=True, max_length=10000, verbose_name='text')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='place')),
                ('link', models.URLField(blank=True, max_length=500, verbose_name='link')),
                ('zone', models.CharField(max_length=50, verbose_name='time zone')),
                ('starts_at', models.DateTimeField(verbose_name='starts')),
                ('ends_at', models.DateTimeField(verbose_name='ends')),
                ('rule', models.CharField(blank=True, max_length=300, verbose_name='repetition')),
                ('skipped', models.JSONField(blank=True, default=list, verbose_name='except on')),
                ('places', models.PositiveIntegerField(blank=True, null=True, verbose_name='places')),
                ('state', models.CharField(choices=[('proposed', 'awaiting approval'), ('approved', 'approved'), ('declined', 'declined'), ('cancelled', 'cancelled')], default='proposed', max_length=9, verbose_name='state')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='event_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'approved', 'declined', 'cancelled'])), name='event_state_is_known'), models.CheckConstraint(condition=models.Q(('places', None), ('places__gte', 1), _connector='OR'), name='event_has_some_places')],
            },
        ),
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('places', models.PositiveIntegerField(blank=True, null=True)),
                ('taken', models.PositiveIntegerField(default=0)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='events.event')),
            ],
            options={
                'verbose_name': 'occurrence',
                'verbose_name_plural': 'occurrences',
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('says', models.CharField(choices=[('yes', 'I’m coming'), ('maybe', 'Maybe'), ('no', 'I can’t come')], max_length=5)),
                ('is_waiting', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='event_answers', to=settings.AUTH_USER_MODEL)),
                ('occurrence', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='events.occurrence')),
            ],
            options={
                'verbose_name': 'answer',
                'verbose_name_plural': 'answers',
            },
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['starts_at'], name='occurrences_by_start'),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['ends_at'], name='occurrences_by_end'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(fields=('event', 'starts_at'), name='event_starts_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='occurrence_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(('places', None), ('taken__lte', models.F('places')), _connector='OR'), name='no_more_taken_than_places'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(fields=['occurrence', 'says', 'asked_at'], name='answers_in_order'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('occurrence', 'member'), name='one_answer_each'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('says__in', ['yes', 'maybe', 'no'])), name='answer_is_known'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(('is_waiting', False), ('says', 'yes'), _connector='OR'), name='who_waits_wants_to_come'),
        ),
    ]
