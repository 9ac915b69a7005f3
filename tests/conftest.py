"""Fixtures for all tests: a fixed cast of people, and clients that are signed in as them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from posts.models import Post
from tests.factories import make_host, make_member, make_moderator, make_post


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def media_in_a_folder_of_its_own(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


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
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
