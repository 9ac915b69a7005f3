"""A few initial texts for the host to change or extend."""

from django.db import migrations


def add_texts(apps, schema_editor):
    texts = [
        ("Advertising", "It reads like advertising. Links to your own work are welcome where they help the talk along; say in your own words what they have to do with it."),
        ("Unkind", "It attacks a person. Say what you think of the matter; leave out what you think of whoever sees it otherwise."),
        ("Private", "It gives away something that somebody may not want to be read by everybody."),
        ("Does not belong here", "It has nothing to do with this talk. There may be another post where it fits, or you write it on a page of your own and link to it."),
    ]  # fmt: skip
    model = apps.get_model("moderation", "RefusalText")
    for position, (title, words) in enumerate(texts, start=1):
        model.objects.get_or_create(title=title, defaults={"words": words, "position": position})


class Migration(migrations.Migration):
    dependencies = [("moderation", "0005_people")]

    operations = [migrations.RunPython(add_texts, migrations.RunPython.noop)]
