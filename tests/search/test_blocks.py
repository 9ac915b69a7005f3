"""PostgreSQL returns the newest matches in blocks of keys: none is missing, none found twice."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate
from hypothesis import given
from hypothesis import strategies as st

from search.backends import backend, postgresql
from search.backends.base import Document, SearchTerms
from search.backends.postgresql import BLOCKS, IN_BLOCKS, _blocks, _older

KEYS = [
    1,
    2,
    2047,
    2048,
    2049,
    8191,
    8192,
    65_535,
    65_536,
    70_001,
    524_288,
    600_000,
    4_194_303,
    4_194_304,
    9_000_000,
]

of_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="the index of PostgreSQL")


def in_blocks(key):
    """Return what the index has for a key."""
    return {(key >> size) * len(BLOCKS) + at for at, size in enumerate(BLOCKS)}


@given(bound=st.integers(1, 2**33), back=st.integers(1, 2**33), near=st.integers(1, 10_000))
def test_each_key_below_the_newest_rows_is_in_one_part(bound, back, near):
    parts = list(_blocks(bound))
    for key in (bound - 1 - (back % bound), bound - 1 - (near % bound)):
        found = [
            at
            for at, (below, blocks) in enumerate(parts)
            if key < below and (not blocks or in_blocks(key) & {*blocks})
        ]
        assert len(found) == 1, (key, parts)


@given(bound=st.integers(1, 2**33))
def test_parts_grow_and_none_asks_for_many_blocks(bound):
    parts = list(_blocks(bound))
    assert [below for below, _blocks in parts] == sorted({below for below, _blocks in parts}, reverse=True)
    assert max(len(blocks) for _below, blocks in parts) <= 11


@of_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(("looked_through", "few"), [(1, 0), (3, 0), (3, 99), (100, 0)])
def test_rows_are_found_newest_first_however_far_their_keys_are_apart(monkeypatch, looked_through, few):
    monkeypatch.setattr(postgresql, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(postgresql, "FEW", few)
    backend().add("comments", [Document(key, [], ["bread", f"k{key}"], []) for key in KEYS])
    sought, newest_first = SearchTerms([[("bread",)]], [], []), KEYS[::-1]
    for below in (None, *KEYS):
        expected = [key for key in newest_first if below is None or key < below]
        for limit in (1, 4, 300):
            assert backend().newest("comments", sought, below=below, limit=limit) == expected[:limit]
    for key in KEYS:
        assert backend().newest("comments", SearchTerms([[(f"k{key}",)]], [], []), below=None, limit=300) == [
            key
        ]


@of_postgresql
@pytest.mark.django_db
@pytest.mark.sql
@pytest.mark.parametrize("kind", ["posts", "comments", "members", "names"])
def test_older_rows_are_queried_by_words_and_blocks_in_one_index(kind):
    sql, params = _older(kind, SearchTerms([[("bread",)]], [], []), _blocks(8_000_000), 300)
    with connection.cursor() as cursor:
        # An empty table is scanned, whatever its indexes are.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = [line.strip() for (line,) in cursor.fetchall()]
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [f"search_{kind}_blocks"])
        [made] = cursor.fetchone()
    parts = len(list(_blocks(8_000_000)))
    asked = [line for line in plan if f"Bitmap Index Scan on search_{kind}_blocks" in line]
    both = [line for line in plan if line.startswith("Index Cond: ((words @@") and "&&" in line]
    assert (len(asked), len(both)) == (parts, parts - 1)
    assert made.count(">>") == IN_BLOCKS.count(">>") == len(BLOCKS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "filled"), [("0003_names", [["posts", "members", "names"]]), ("0004_blocks", [])]
)
def test_an_upgrade_that_changes_the_index_alone_fills_no_table_anew(post, monkeypatch, name, filled):
    asked = []
    monkeypatch.setattr("search.receivers.rebuild_all", SimpleNamespace(enqueue=asked.append))
    migration = import_module(f"search.migrations.{name}").Migration(name, "search")
    search = apps.get_app_config("search")
    post_migrate.send(search, app_config=search, plan=[(migration, False)])
    assert asked == filled
