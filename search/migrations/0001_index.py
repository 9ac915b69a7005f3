"""The tables of the index. They are no models: on SQLite they are virtual tables, on PostgreSQL they hold a tsvector."""

from django.db import migrations

KINDS = ("posts", "comments", "members")


def make_tables(apps, schema_editor):
    for kind in KINDS:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE search_{kind} USING fts5(title, body, facts, tokenize='ascii')"
            )
        else:
            schema_editor.execute(f"CREATE TABLE search_{kind} (id bigint PRIMARY KEY, words tsvector NOT NULL)")
            schema_editor.execute(f"CREATE INDEX search_{kind}_words ON search_{kind} USING gin (words)")


def drop_tables(apps, schema_editor):
    for kind in KINDS:
        schema_editor.execute(f"DROP TABLE search_{kind}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(make_tables, drop_tables)]
