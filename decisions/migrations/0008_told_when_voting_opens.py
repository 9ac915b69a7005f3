from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0007_withdrawn_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='guest',
            name='awaits_opening',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name='guest',
            index=models.Index(fields=['decision'], condition=Q(awaits_opening=True), name='guests_to_tell'),
        ),
    ]
