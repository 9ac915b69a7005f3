import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0010_indexes_for_large_sites'),
        ('posts', '0015_newest_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Bookmark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='comments.comment')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posts.post')),
            ],
            options={
                'verbose_name': 'bookmark',
                'verbose_name_plural': 'bookmarks',
                'indexes': [models.Index(fields=['member', '-created_at', '-id'], name='bookmarks_of_member')],
                'constraints': [models.UniqueConstraint(fields=('member', 'post'), name='post_bookmarked_once_by_each_member'), models.UniqueConstraint(fields=('member', 'comment'), name='comment_bookmarked_once_by_each_member'), models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('post', None)), models.Q(('comment', None), ('post__isnull', False)), _connector='OR'), name='bookmark_of_a_post_or_a_comment')],
            },
        ),
    ]
