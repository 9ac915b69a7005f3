"""The index of words on PostgreSQL also holds in which blocks of keys a row stands (search/backends/postgresql.py).

Made beside the other one while the site writes: what ran before finds the same by it.
"""

from django.db import migrations

KINDS = ("posts", "comments", "members", "names")
BLOCKS = "(ARRAY[(id >> 11) * 4, (id >> 13) * 4 + 1, (id >> 16) * 4 + 2, (id >> 19) * 4 + 3])"
# Else new rows are put down beside the index, up to 4 MB, which every search reads through before somebody's comment puts them in.
AT_ONCE = " WITH (fastupdate = off)"


def make_indexes(apps, schema_editor):
    _replace(schema_editor, old="words", new="blocks", columns=f"words, {BLOCKS}", options=AT_ONCE)


def drop_indexes(apps, schema_editor):
    _replace(schema_editor, old="blocks", new="words", columns="words", options="")


def _replace(schema_editor, *, old, new, columns, options):
    if schema_editor.connection.vendor != "postgresql":
        return
    for kind in KINDS:
        # Half of one is left where this was interrupted.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS search_{kind}_{new}")
        schema_editor.execute(
            f"CREATE INDEX CONCURRENTLY search_{kind}_{new} ON search_{kind} USING gin ({columns}){options}"
        )
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS search_{kind}_{old}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("search", "0003_names")]
    operations = [migrations.RunPython(make_indexes, drop_indexes)]
    # Of what is in the tables nothing changes: they need not be filled anew.
    is_filled_anew = False
