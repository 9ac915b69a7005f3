"""All tables of the app, for new sites.

Existing ones run the migrations it replaces (docs/decisions/0108).
"""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import posts.models.review
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('posts', '0001_initial'), ('posts', '0002_posts_by_change'), ('posts', '0003_old_addresses'), ('posts', '0004_language'), ('posts', '0005_plain_words'), ('posts', '0006_publishing'), ('posts', '0007_uploads_and_autosaves'), ('posts', '0008_versions'), ('posts', '0009_publish_permission'), ('posts', '0010_pages'), ('posts', '0011_review'), ('posts', '0012_grant_publishing'), ('posts', '0013_cover_thumbnail'), ('posts', '0014_tag_pages'), ('posts', '0015_newest_first'), ('posts', '0016_kind_of_unsaved_text')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0023_merged_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('picture', 'picture'), ('audio', 'audio'), ('file', 'file'), ('card', 'picture of a link card')], max_length=10, verbose_name='kind')),
                ('file', models.FileField(upload_to='posts/', verbose_name='file')),
                ('title', models.CharField(max_length=200, verbose_name='file name')),
                ('alt', models.CharField(blank=True, help_text='Describe the picture for people who can’t see it.', max_length=250, verbose_name='alt text')),
                ('width', models.PositiveIntegerField(editable=False, null=True)),
                ('height', models.PositiveIntegerField(editable=False, null=True)),
                ('size', models.PositiveBigIntegerField(editable=False, help_text='In bytes, as it was uploaded.', verbose_name='size')),
                ('digest', models.CharField(editable=False, help_text='SHA-256 of what was uploaded.', max_length=64)),
                ('source_url', models.URLField(blank=True, editable=False, help_text='Where a pasted picture was fetched from.', max_length=2000)),
                ('uploaded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='uploaded at')),
            ],
            options={
                'verbose_name': 'upload',
                'verbose_name_plural': 'uploads',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='uploads_newest_first')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'digest'), name='uploads_stored_once')],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='URL slug')),
                ('description', models.TextField(db_default='', default='', blank=True, help_text='Shown above the posts with this tag, and in search results.', max_length=500, verbose_name='description')),
                ('cover', models.ImageField(db_default='', default='', blank=True, upload_to='covers/', verbose_name='cover picture')),
                ('cover_alt', models.CharField(db_default='', default='', blank=True, help_text='For people who can’t see it. Leave blank if the picture is only decorative.', max_length=200, verbose_name='alt text of the picture')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('post', 'post'), ('page', 'page')], db_default='post', default='post', editable=False, max_length=4, verbose_name='kind')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('slug', models.SlugField(help_text='Leave blank to create one from the title. Earlier web addresses redirect to the new one.', max_length=120, unique=True, verbose_name='web address')),
                ('summary', models.TextField(blank=True, help_text='One or two sentences for lists, search engines and feeds.', max_length=300, verbose_name='summary')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('cover', models.ImageField(blank=True, upload_to='covers/', verbose_name='cover picture')),
                ('cover_alt', models.CharField(blank=True, help_text='For people who can’t see it. Leave blank if the picture is only decorative.', max_length=200, verbose_name='alt text of the picture')),
                ('cover_x', models.PositiveSmallIntegerField(db_default=50, default=50, help_text='In percent from the left. Where space is short, this part of the picture stays visible.', verbose_name='focal point, across')),
                ('cover_y', models.PositiveSmallIntegerField(db_default=50, default=50, help_text='In percent from the top.', verbose_name='focal point, down')),
                ('cover_thumb', models.ImageField(db_default='', default='', blank=True, editable=False, upload_to='covers/')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('language', models.CharField(blank=True, help_text='The language the post is written in, if it isn’t the site’s.', max_length=20, verbose_name='language')),
                ('published_at', models.DateTimeField(blank=True, help_text='Leave blank for a draft, or pick a future time to schedule the post.', null=True, verbose_name='published at')),
                ('visibility', models.CharField(choices=[('public', 'Public'), ('members', 'Members only'), ('unlisted', 'Anyone with the link')], db_default='public', default='public', max_length=8, verbose_name='who can read it')),
                ('is_pinned', models.BooleanField(db_default=False, default=False, help_text='Pinned posts come first on the home page and in the archive.', verbose_name='pinned')),
                ('meta_title', models.CharField(db_default='', default='', blank=True, help_text='Leave blank to use the title.', max_length=100, verbose_name='title in search results and link previews')),
                ('meta_description', models.TextField(db_default='', default='', blank=True, help_text='Leave blank to use the summary, or the beginning of the text.', max_length=300, verbose_name='description in search results and link previews')),
                ('share_picture', models.ImageField(db_default='', default='', blank=True, help_text='Leave blank to use the cover picture.', upload_to='shared/', verbose_name='picture in link previews')),
                ('nav_place', models.CharField(blank=True, choices=[('', 'Not in the navigation'), ('header', 'At the top of every page'), ('footer', 'At the bottom of every page')], db_default='', default='', max_length=6, verbose_name='place in the navigation')),
                ('nav_order', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Lower numbers come first.', verbose_name='order in the navigation')),
                ('review', models.CharField(blank=True, choices=[('', 'not sent for review'), ('asked', 'awaiting review'), ('returned', 'changes requested')], db_default='', default='', editable=False, max_length=8, verbose_name='review')),
                ('comments_open', models.BooleanField(default=True, verbose_name='comments are open')),
                ('trashed_at', models.DateTimeField(editable=False, null=True, verbose_name='deleted at')),
                ('trashed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='deleted by')),
                ('trashed_published_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='edited at')),
                ('comment_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='comments')),
                ('last_comment_at', models.DateTimeField(editable=False, null=True, verbose_name='last comment')),
                ('thread_version', models.PositiveBigIntegerField(default=0, editable=False, help_text='Goes up with every change below the post.')),
                ('source_key', models.CharField(blank=True, editable=False, help_text='Where the import found it.', max_length=200, null=True, unique=True)),
                ('tags', models.ManyToManyField(blank=True, related_name='posts', to='posts.tag', verbose_name='tags')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'permissions': [('publish_post', 'Can publish posts, and edit those of others')],
                'indexes': [models.Index(fields=['-published_at', '-id'], name='posts_newest_first'), models.Index(fields=['-is_pinned', '-published_at', '-id'], name='posts_pinned_first'), models.Index(fields=['-created_at', '-id'], name='posts_newest_made_first'), models.Index(fields=['kind', 'visibility', '-published_at', '-id'], name='posts_listed'), models.Index(fields=['updated_at'], name='posts_by_change')],
                'constraints': [models.CheckConstraint(condition=models.Q(('visibility__in', ['public', 'members', 'unlisted'])), name='post_visibility_is_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['post', 'page'])), name='post_kind_is_known'), models.CheckConstraint(condition=models.Q(('cover_x__lte', 100), ('cover_y__lte', 100)), name='post_focal_point_is_inside'), models.CheckConstraint(condition=models.Q(('trashed_at', None), ('published_at', None), _connector='OR'), name='post_in_trash_is_unpublished'), models.CheckConstraint(condition=models.Q(('nav_place', ''), ('kind', 'page'), _connector='OR'), name='only_pages_are_in_the_navigation')],
            },
        ),
        migrations.CreateModel(
            name='Autosave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60, unique=True)),
                ('post', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='autosave', to='posts.post')),
                ('editor', models.ForeignKey(help_text='Who wrote last.', on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(default='post', help_text='Post.Kind of what is not there yet.', max_length=10)),
                ('title', models.CharField(blank=True, max_length=500)),
                ('summary', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('window', models.CharField(max_length=60)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'unsaved text',
                'verbose_name_plural': 'unsaved texts',
            },
        ),
        migrations.CreateModel(
            name='OldAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=500, unique=True)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='old_addresses', to='posts.post')),
            ],
            options={
                'verbose_name': 'old web address',
                'verbose_name_plural': 'old web addresses',
            },
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
            ],
            options={
                'verbose_name': 'page',
                'verbose_name_plural': 'pages',
                'proxy': True,
            },
            bases=('posts.post',),
        ),
        migrations.CreateModel(
            name='PreviewLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preview_links', to='posts.post')),
                ('secret', models.CharField(default=posts.models.review.make_secret, max_length=32, unique=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ends_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'preview link',
                'verbose_name_plural': 'preview links',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PostNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='posts.post')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('body', models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'note on a post',
                'verbose_name_plural': 'notes on posts',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PostRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='posts.post')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('saved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('title', models.CharField(max_length=200)),
                ('summary', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('cover_alt', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(blank=True, max_length=20)),
                ('meta_title', models.CharField(blank=True, max_length=100)),
                ('meta_description', models.TextField(blank=True)),
                ('tags', models.JSONField(default=list)),
                ('words_added', models.PositiveIntegerField(default=0)),
                ('words_removed', models.PositiveIntegerField(default=0)),
                ('restored_from', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'version of a post',
                'verbose_name_plural': 'versions of posts',
                'ordering': ['-pk'],
            },
        ),
    ]
