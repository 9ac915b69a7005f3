"""Fixtures for all tests: a fixed cast of people, and clients that are signed in as them."""

import gc
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings

from accounts.models import User
from core.models import SiteSettings
from posts.models import Post
from tests.databases import from_template
from tests.factories import make_host, make_member, make_moderator, make_post
from tests.settings import RUN_DIR

# A slow machine is not a mistake in the code. In CI the examples are the same each time; at home they are new ones.
hypothesis_settings.register_profile(
    "ours", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True
)
hypothesis_settings.load_profile("ours")


# What a test asks for when it touches the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out tests that touch no database: they ran on the other one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    kept = [
        item
        for item in items
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & {*getattr(item, "fixturenames", ())}
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in {*kept}])
    items[:] = kept


@pytest.fixture(scope="session")
def django_db_setup(
    request, django_test_environment, django_db_modify_db_settings, django_db_blocker
) -> Iterator[None]:
    """pytest-django's, but from a template that is migrated once (tests/databases.py)."""
    with django_db_blocker.unblock():
        with from_template(connection, RUN_DIR) as is_there:
            databases = setup_databases(verbosity=0, interactive=False, keepdb=is_there)
        yield
        teardown_databases(databases, verbosity=0)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: Python need not look through all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    for each in caches.all(initialized_only=True):
        each.clear()


@pytest.fixture(autouse=True)
def no_settings_of_a_test_before() -> None:
    """As in a process that has read them: what a test saves itself is known at once."""
    SiteSettings._known = (SiteSettings(pk=1), math.inf)


@pytest.fixture(autouse=True)
def media_in_a_folder_of_its_own(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    private = {
        "BACKEND": "core.utils.files.CarefulFileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "private")},
    }
    settings.STORAGES = settings.STORAGES | {"private": private}


@pytest.fixture
def member(db) -> User:
    return make_member("alice")


@pytest.fixture
def other_member(db) -> User:
    return make_member("bob")


@pytest.fixture
def moderator(db) -> User:
    return make_moderator("carol")


@pytest.fixture
def host(db) -> User:
    return make_host("nora")


@pytest.fixture
def post(db, host) -> Post:
    return make_post(author=host)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
