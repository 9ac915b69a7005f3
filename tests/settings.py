"""The test settings: those of the application, except what has to be fast or visible in tests."""

import os

from community import env
from tests.run_folders import folder_of_this_run

# Concurrent runs use different folders, and a killed run leaves nothing that stops the next one.
RUN_DIR = folder_of_this_run()
(RUN_DIR / "static").mkdir(exist_ok=True)

# Ignore the settings of this machine's site: no .env, and only the database from the environment.
real_reader, env.read_env_file = env.read_env_file, lambda path: None
for name in ("COMMENTS_PER_PAGE", "COMMENT_EDIT_WINDOW_MINUTES", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "HSTS_SECONDS", "HSTS_SUBDOMAINS", "LANGUAGE_CODE", "LOG_LEVEL", "MEDIA_URL", "NEW_MEMBER_HOURS", "REDIS_URL", "SITE_NAME", "SITE_TAGLINE", "TIME_ZONE", "TRUSTED_PROXY_COUNT", "WEB_THREADS", "ALERT_WAIT_SECONDS", "AKISMET_API_KEY", "DATABASE_PREPARE", "DATABASE_REPLICA_URL", "REPLY_ADDRESS", "REPLY_AUTHSERV_ID", "REPLY_MAILBOX_URL", "S3_BUCKET", "S3_PRIVATE_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY", "READ_OLD_COOKIES", "METRICS_TOKEN", "PROMETHEUS_MULTIPROC_DIR", "SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "LOG_FORMAT", "DKIM_SELECTORS", "MAIL_PROVIDER", "MAILING_SLOW_START", "UPDATE_URL", "SLOW_PAGE_MS", "SLOW_STATEMENT_MS", "BACKUP_DIR", "BACKUP_BUCKET", "BACKUP_PASSPHRASE"):  # fmt: skip
    os.environ.pop(name, None)
# All sign-in providers, with invalid keys. Tests of a provider use their own server.
os.environ.update(
    {
        f"{place}_CLIENT_{part}": "none"
        for place in ("FACEBOOK", "GITHUB", "GOOGLE", "LINKEDIN", "OPENID", "X")
        for part in ("ID", "SECRET")
    }
)
os.environ.update({"OPENID_NAME": "The Guild", "OPENID_URL": "https://guild.invalid"})
# Tests of two-factor authentication switch it on (tests/accounts/test_mfa.py).
os.environ["REQUIRE_SECOND_STEP"] = "0"
os.environ.update({"DEBUG": "0", "SECRET_KEY": "only-for-tests", "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1", "SITE_URL": "http://testserver", "RATE_LIMITS": "on", "VAR_DIR": str(RUN_DIR)})  # fmt: skip

from community.settings import *  # noqa: E402, F403
from community.settings import CACHES, DATABASES, STORAGES, TASKS  # noqa: E402

env.read_env_file = real_reader

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory, so that concurrent writers meet real locks.
    DATABASES["default"]["TEST"] = {"NAME": str(RUN_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    # Test threads do not queue to write, and SQLite serves waiting ones in any order: a busy machine is not
    # an error.
    DATABASES["default"]["OPTIONS"]["timeout"] = 120

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = CACHES | {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = TASKS | {
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default", "mail"]}
}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
COUNT_VIEWS_IN_BACKGROUND = False
# Generated images must not depend on the fonts of the machine.
CARD_FONTS: list[str] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
