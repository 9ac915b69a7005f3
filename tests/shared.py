"""Rows that all tests of a class or a module share: made once, looked at by each, and taken back after the last."""

import copy
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import transaction

T = TypeVar("T")


def made_once(make: Callable[[], T], request: pytest.FixtureRequest) -> Iterator[Callable[[], T]]:
    """For a fixture of wider scope: `yield from made_once(make, request)`. Gives what hands out what `make` made.

    The rows stand in a transaction around those of the tests, so each test finds them as they were made, whatever the
    one before did to them; and each is handed a copy of its own of the objects (as Django does with `setUpTestData`).
    Not for what leaves more behind than rows: files and mail belong to one test.
    """
    marks = [
        mark
        for item in request.session.items
        if request.node in item.listchain()
        for mark in item.iter_markers("django_db")
    ]
    assert not any(mark.kwargs.get("transaction") for mark in marks), "tests that commit cannot share rows"
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock(), transaction.atomic():
        made = make()
        with blocker.block():
            yield lambda: copy.deepcopy(made)
        transaction.set_rollback(True)
