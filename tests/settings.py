"""The settings of the tests: the product's own, with what must be fast or seen replaced."""

import os
import tempfile
from pathlib import Path

os.environ.update({"DEBUG": "0", "SECRET_KEY": "only-for-tests", "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1", "SITE_URL": "http://testserver", "RATE_LIMITS": "on"})  # fmt: skip
for name in ("EMAIL_URL", "REDIS_URL", "SITE_NAME", "TRUSTED_PROXY_COUNT", "LANGUAGE_CODE", "TIME_ZONE"):
    os.environ.pop(name, None)

from community.settings import *  # noqa: E402, F403
from community.settings import DATABASES, STORAGES, TASKS  # noqa: E402

RUN_DIR = Path(tempfile.gettempdir()) / f"long-table-tests-{os.getuid()}"
RUN_DIR.mkdir(exist_ok=True)

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: writers side by side must meet the locks they meet in life.
    DATABASES["default"]["TEST"] = {"NAME": str(RUN_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = TASKS | {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default", "mail"]}}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
