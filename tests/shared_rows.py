"""Rows shared by all tests of a class or a module: created once, and rolled back after the last."""

import copy
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from django.db import transaction

T = TypeVar("T")


def made_once(make: Callable[[], T], request: pytest.FixtureRequest) -> Iterator[Callable[[], T]]:
    """Yield a function that returns copies of what `make` created.

    For a fixture of wider scope: `yield from made_once(make, request)`. The rows are in a transaction around
    those of the tests, so each test finds them unchanged; and each gets its own copy of the objects, as with
    Django's `setUpTestData`. Not for anything that leaves more than rows: files and emails belong to one
    test.
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
