"""Fill the search column of the directory for existing members. Later it is updated with each profile."""

import html
import re
import unicodedata

from django.db import migrations


def fold(text):
    folded = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(sign for sign in folded if unicodedata.category(sign) not in {"Mn", "Cc", "Cs"} or sign.isspace()).split())


def fill(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    for user in User.objects.filter(search_text="").only("display_name", "username", "tagline", "bio_html").iterator():
        bio = html.unescape(re.sub(r"<[^>]*>", " ", user.bio_html))
        User.objects.filter(pk=user.pk).update(search_text=fold(" ".join([user.display_name, user.username, user.tagline, bio])))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_topics_birthdays_introductions")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
