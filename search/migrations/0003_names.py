"""Members by parts of their names, for the admin's list. Filled by the worker (search/receivers.py)."""

from django.db import migrations


def make_table(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE VIRTUAL TABLE search_names USING fts5(title, body, facts, tokenize='ascii')")
    else:
        schema_editor.execute("CREATE TABLE search_names (id bigint PRIMARY KEY, words tsvector NOT NULL)")
        schema_editor.execute("CREATE INDEX search_names_words ON search_names USING gin (words)")


def drop_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_names")


class Migration(migrations.Migration):
    dependencies = [("search", "0002_months_in_the_index")]
    operations = [migrations.RunPython(make_table, drop_table)]
