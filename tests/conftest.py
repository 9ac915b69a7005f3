"""Fixtures for all tests: a fixed cast of people, and clients that are signed in as them."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import Client
from hypothesis import settings as hypothesis_settings

from accounts.models import User
from posts.models import Post
from tests.factories import make_host, make_member, make_moderator, make_post

# A slow machine is not a mistake in the code. In CI the examples are the same each time; at home they are new ones.
hypothesis_settings.register_profile("ours", deadline=None, derandomize=os.environ.get("CI") == "true", print_blob=True)
hypothesis_settings.load_profile("ours")


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: Python need not look through all of it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    for each in caches.all(initialized_only=True):
        each.clear()


@pytest.fixture(autouse=True)
def media_in_a_folder_of_its_own(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    private = {"BACKEND": "core.utils.files.CarefulFileSystemStorage", "OPTIONS": {"location": str(tmp_path / "private")}}
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
