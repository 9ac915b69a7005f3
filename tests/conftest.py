"""Fixtures for all tests: a fixed set of users, and clients signed in as them."""

import functools
import gc
import itertools
import math
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.core.cache import caches
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client, TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import blocking_manager_key

from accounts.models import User
from api.models import Webhook
from core.models import SiteSettings
from core.utils import ratelimit
from posts.models import Post
from tests import figures
from tests.databases import SqliteTemplate, from_template, template_of
from tests.factories import make_host, make_member, make_moderator, make_post
from tests.run_folders import SHARED_DIR
from tests.settings import RUN_DIR

# A slow machine is not an error in the code. In CI the examples are the same each time, elsewhere they are
# random.
ALWAYS = hypothesis_settings(deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True)
hypothesis_settings.register_profile("small", ALWAYS, max_examples=15)
hypothesis_settings.register_profile("full", ALWAYS, max_examples=100)

# Fixtures that a test requests if it uses the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "cluster"}

# Most tests are one of many cases of the same function, and a change seldom breaks only one of them.
QUICK_CASES = 2

# PostgreSQL leaves the rows of a rolled back test as dead rows, and later queries read past them: after 2,500
# tests the same page took twice as long. So a worker's database is copied from the template again after this
# many tests.
RENEW_AFTER = 200
renew_database = pytest.StashKey[Callable[[], None]]()
tests_since_renewal = pytest.StashKey[int]()

_number = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="large tests in full size (tests/figures.py)")
    parser.addoption(
        "--quick",
        action="store_true",
        help=f"without tests marked `full`, and with {QUICK_CASES} cases of each parametrised test",
    )
    parser.addoption(
        "--share",
        choices=["sql", "rest"],
        help="sql: only tests whose result may depend on the database; rest: only the others (bin/test)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        os.environ[figures.VARIABLE] = "full"
    hypothesis_settings.load_profile("full" if figures.is_full() else "small")


def touches_the_database(item: pytest.Item) -> bool:
    return bool(
        item.get_closest_marker("django_db")
        or DATABASE_FIXTURES & {*getattr(item, "fixturenames", ())}
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


@functools.cache
def source_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def may_differ(item: pytest.Item) -> bool:
    """Return whether the test may differ between SQLite and PostgreSQL: it is marked `sql`, or it commits.

    Also if its module checks which database it runs on: tests that are skipped on one must run on the other.
    """
    if "connection.vendor" in source_of(item.path):
        return True
    marker = item.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in getattr(
        item, "fixturenames", ()
    )
    return touches_the_database(item) and (commits or item.get_closest_marker("sql") is not None)


def is_in_share(item: pytest.Item, share: str | None) -> bool:
    if item.get_closest_marker("browser"):
        return share != "sql"
    return share is None or may_differ(item) == (share == "sql")


def some_cases(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the items with at most QUICK_CASES of each parametrised test: the first and the last."""
    by_test: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        by_test[item.nodeid.partition("[")[0]].append(item)
    kept: set[pytest.Item] = set()
    for cases in by_test.values():
        number = min(len(cases), QUICK_CASES)
        kept.update(cases[place * (len(cases) - 1) // max(number - 1, 1)] for place in range(number))
    return [item for item in items if item in kept]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip importing files without a test that may depend on the database."""
    if config.getoption("--share") != "sql" or not collection_path.match("test_*.py"):
        return None
    signs = ("mark.sql", "transaction=True", "transactional_db", "connection.vendor")
    return not any(sign in source_of(collection_path) for sign in signs) or None


def place_in_run(item: pytest.Item) -> int:
    """Return the sort key that starts long tests early, so that at the end no worker runs one of them alone.

    The tests that share the cluster come first: they run one after the other on one worker and take a third
    of the run on PostgreSQL. When they started among the slow tests, they ended minutes after all others.
    """
    if "cluster" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.get_closest_marker("slow") else 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=place_in_run)
    kept = [item for item in items if is_in_share(item, config.getoption("--share"))]
    if config.getoption("--quick"):
        kept = some_cases([item for item in kept if item.get_closest_marker("full") is None])
    if left_out := {*items}.difference(kept):
        config.hook.pytest_deselected(items=[*left_out])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Renew the database between two modules, since rows of a module's fixtures last until its end."""
    result = yield
    stash = item.session.stash
    stash[tests_since_renewal] = stash.get(tests_since_renewal, 0) + 1
    renew = stash.get(renew_database, None)
    if renew and nextitem and nextitem.path != item.path and stash[tests_since_renewal] >= RENEW_AFTER:
        with item.config.stash[blocking_manager_key].unblock():
            connections.close_all()
            renew()
        stash[tests_since_renewal] = 0
    return result


@pytest.fixture(scope="session")
def django_db_setup(
    request, django_test_environment, django_db_modify_db_settings, django_db_blocker
) -> Iterator[None]:
    """Replace pytest-django's fixture: copy a template that is migrated only once (tests/databases.py)."""
    with django_db_blocker.unblock():
        template = template_of(connection)
        with from_template(template, SHARED_DIR if connection.vendor == "sqlite" else RUN_DIR) as is_there:
            databases = setup_databases(
                verbosity=0, interactive=False, keepdb=is_there, serialized_aliases=[]
            )
        if connection.vendor == "postgresql":
            request.session.stash[renew_database] = template.copy
        with pytest.MonkeyPatch.context() as patch:
            # Faster than flushing all tables after a test that commits, and filling them before the next.
            patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(lambda cls: None))
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: template.restore())
            yield
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def empty_site(django_db_setup, tmp_path: Path) -> Path:
    """Return the file of a migrated SQLite database, for processes that have a site of their own."""
    site = tmp_path / "site.sqlite3"
    template = SqliteTemplate(connection).file
    if template.exists():
        return Path(shutil.copyfile(template, site))
    # On PostgreSQL, in a working copy whose tests never ran on SQLite.
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{site}"}
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
    return site


def pytest_collection_finish() -> None:
    """Freeze the objects of imported modules, so that the garbage collector does not check them repeatedly.

    Also raise its threshold from 700 new objects: a query creates more, and nearly all are freed without the
    collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    for each in caches.all(initialized_only=True):
        each.clear()
    # No page of the host is in the navigation until a test creates one, which updates this entry.
    caches["parts"].set("navigation", [])


@pytest.fixture(autouse=True)
def no_settings_of_a_test_before() -> None:
    """Reset the cached settings, so that those saved by an earlier test are forgotten."""
    SiteSettings._known = (SiteSettings(pk=1), math.inf)
    Webhook._known = ([], math.inf)


@pytest.fixture(autouse=True)
def no_window_of_a_limit_ends_during_a_test(monkeypatch) -> None:
    """Stop the clock of rate limits, so that no window ends during a test, which would allow more requests.

    If a test travels in time (time_machine), so does this clock.
    """
    began = time.time()

    def now() -> float:
        told = time.time()
        return began if abs(told - began) < 50 else told

    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=now))


@pytest.fixture(autouse=True)
def files_in_folders_of_their_own(settings) -> None:
    """Give each test its own storage folders, created only when a file is stored, unlike `tmp_path`."""
    folder = RUN_DIR / f"files-{os.getpid()}-{next(_number)}"
    settings.MEDIA_ROOT = str(folder / "media")
    private = {
        "BACKEND": "core.utils.files.SafeFileSystemStorage",
        "OPTIONS": {"location": str(folder / "private")},
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
        """Return a client signed in as the user, with one new session (`Client.force_login` stores two)."""
        client, request = Client(), HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        login(request, user, settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return sign_in
