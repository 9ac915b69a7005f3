"""Settings of Long Table.

Every deployment value comes from the environment; docs/configuration.md lists them all.

Limits are in community/limits.py; what apps plug into one another is in community/extensions.py.
"""

import re
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from csp.constants import NONCE, NONE, SELF

from community.addresses import address_parts, check_redis_address, database_at, is_web_address, web_address
from community.env import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_language,
    env_list,
    env_str,
    env_time_zone,
    make_folder,
    read_env_file,
)
from community.providers import both_or_none, sign_in_providers

BASE_DIR = Path(__file__).resolve().parent.parent
read_env_file(BASE_DIR / ".env")

# Not at the top, because the environment may set a limit.
from community.extensions import *  # noqa: E402, F403
from community.limits import *  # noqa: E402, F403

VAR_DIR = Path(env_str("VAR_DIR") or BASE_DIR / "var").resolve()
THEME_DIR = VAR_DIR / "theme"

# --- What kind of run this is ------------------------------------------------

# manage.py sets DEBUG_DEFAULT for development. A server that imports community.wsgi is production.
DEBUG = env_bool("DEBUG", env_bool("DEBUG_DEFAULT", False))


def _own_secret_key() -> str:
    """A key generated once for this working copy, so that development needs no setup and shares no secret."""
    key_file = VAR_DIR / "secret-key"
    if not key_file.exists():
        make_folder("VAR_DIR", VAR_DIR)
        key_file.touch(mode=0o600)
        key_file.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return key_file.read_text(encoding="utf-8").strip()


SECRET_KEY = env_str("SECRET_KEY") or (_own_secret_key() if DEBUG else "")
if not SECRET_KEY:
    raise ConfigurationError(
        "SECRET_KEY is missing: with DEBUG=0 set it to a long random text (see docs/configuration.md)."
    )

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else None)
if not ALLOWED_HOSTS:
    raise ConfigurationError(
        "ALLOWED_HOSTS is missing: with DEBUG=0 name the hosts this site answers to (see docs/configuration.md)."
    )

SITE_NAME = env_str("SITE_NAME", "The Long Table")
SITE_TAGLINE = env_str("SITE_TAGLINE", "Come in, read, and join the conversation.")
SITE_URL = env_str(
    "SITE_URL", "http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
).rstrip("/")
# Scheme and host only: the site is at the root of its host.
if not (is_web_address(SITE_URL) and re.fullmatch(r"https?://[^/?#@*]+", SITE_URL)):
    raise ConfigurationError(f"SITE_URL must be an address such as https://example.org, not {SITE_URL!r}.")
HTTPS = SITE_URL.startswith("https://")

# --- Apps and middleware -----------------------------------------------------

INSTALLED_APPS = [
    "community",
    "dashboard",
    "decisions",
    "closer",
    "board",
    "giving",
    "rooms",
    "party",
    "events",
    "birthdays",
    "memorials",
    "notifications",
    "embed",
    "webmention",
    "api",
    "transfer",
    "search",
    "moderation",
    "comments",
    "posts",
    "accounts",
    "core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "mptt",
    "csp",
    "dashboard.apps.HostAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "core.web.request_ids.RequestIdMiddleware",
    "core.web.tracing.TracingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.web.middleware.ContentPolicyMiddleware",
    "embed.middleware.FrameMiddleware",
    "core.web.middleware.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.middleware.MeasureMiddleware",
    "core.web.slow_pages.SlowPagesMiddleware",
    "api.middleware.ApiMiddleware",
    "core.web.middleware.IncompleteRequestMiddleware",
    "core.web.middleware.OldCookiesMiddleware",
    "core.web.csrf.OriginOrTokenMiddleware",
    "core.web.middleware.LostUploadMiddleware",
    "core.web.middleware.DeletedObjectMiddleware",
    "core.web.middleware.WriterSlotsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.web.middleware.SiteLocaleMiddleware",
    "dashboard.middleware.CountViewsMiddleware",
    "core.web.replicas.ReplicaMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.MemberLocaleMiddleware",
    "accounts.middleware.PresenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.web.middleware.CacheControlMiddleware",
    "core.web.middleware.ReaderMarkMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.web.middleware.FormAddressMiddleware",
    "core.web.middleware.PartsMiddleware",
    "accounts.allauth.middleware.MfaRequiredMiddleware",
    "accounts.allauth.middleware.ExternalRedirectMiddleware",
    "accounts.allauth.middleware.SocialLoginErrorMiddleware",
    "posts.middleware.OldAddressMiddleware",
    "webmention.middleware.WebmentionMiddleware",
]
# It looks for Django's own CSRF middleware by name; ours is a subclass (core/web/csrf.py).
SILENCED_SYSTEM_CHECKS = ["security.W003"]

ROOT_URLCONF = "community.urls"
WSGI_APPLICATION = "community.wsgi.application"
CSRF_FAILURE_VIEW = "core.web.views.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [THEME_DIR / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.web.context_processors.site",
            ],
            "builtins": ["core.templatetags.dates"],
        },
    }
]

# --- Databases, caches and files ---------------------------------------------

SQLITE_OPTIONS = {
    # One writer at a time; others wait instead of failing (docs/decisions/0002).
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: a comment that was confirmed survives a power failure.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
}


_url = env_str("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'long-table.sqlite3'}"
_kept = {"conn_max_age": env_int("DATABASE_CONN_MAX_AGE", 60), "conn_health_checks": True}
DATABASES = {"default": database_at("DATABASE_URL", _url, **_kept)}
# The database for visitors' pages (core/web/replicas.py).
if _replica_url := env_str("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = database_at("DATABASE_REPLICA_URL", _replica_url, **_kept)
    if DATABASES["replica"]["ENGINE"] != DATABASES["default"]["ENGINE"]:
        raise ConfigurationError(
            "DATABASE_REPLICA_URL must name a database of the same kind as DATABASE_URL."
        )
    if DATABASES["replica"]["ENGINE"] == "core.postgresql":
        DATABASES["replica"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
    DATABASE_ROUTERS = ["core.replicas.ReplicaRouter"]
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
    make_folder(
        "DATABASE_URL" if env_str("DATABASE_URL") else "VAR_DIR", Path(DATABASES["default"]["NAME"]).parent
    )
# PostgreSQL plans the most frequent queries once per connection (core/prepared.py).
DATABASE_PREPARE = env_bool("DATABASE_PREPARE", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_str("REDIS_URL")
if REDIS_URL:
    check_redis_address("REDIS_URL", REDIS_URL)
CACHES: dict[str, dict[str, Any]] = {
    # In the database, so that limits hold across processes and restarts (docs/decisions/0005).
    "default": {
        "BACKEND": "core.pagecache.backend.CountingCache",
        "LOCATION": "core_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Pages by version of their thread, so they are never stale. Not cached during development.
    "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if DEBUG
    else {
        "BACKEND": "core.pagecache.backend.ObjectCache",
        "LOCATION": "pages",
        "TIMEOUT": 86_400,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}
if REDIS_URL:
    # While Redis is unavailable, the caches of a site without Redis are used (docs/decisions/0058).
    for alias, more in {"default": {}, "pages": {"KEY_PREFIX": "pages", "TIMEOUT": 86_400}}.items():
        if CACHES[alias]["BACKEND"] != "django.core.cache.backends.dummy.DummyCache":
            CACHES[f"{alias}-without-redis"] = CACHES[alias]
            CACHES[alias] = {
                "BACKEND": "core.pagecache.backend.RedisWithFallback",
                "LOCATION": REDIS_URL,
                "OPTIONS": {"OTHERWISE": f"{alias}-without-redis"},
                **more,
            }
# Rendered comments (comments/thread/fragments.py), in the memory of each process.
CACHES["comments"] = (
    {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if DEBUG
    else {
        "BACKEND": "core.pagecache.backend.ObjectCache",
        "LOCATION": "comments",
        "TIMEOUT": 86_400,
        "OPTIONS": {"MAX_ENTRIES": 20_000, "MAX_BYTES": 24_000_000},
    }
)
# Small parts of members' pages, in the memory of each process.
CACHES["parts"] = (
    CACHES["pages"]
    if DEBUG
    else {
        "BACKEND": "core.pagecache.backend.ObjectCache",
        "LOCATION": "parts",
        "TIMEOUT": 86_400,
        "OPTIONS": {"MAX_ENTRIES": 2000},
    }
)
# Pictures for shared links (core/services/share_cards.py), on this machine's disk.
CACHES["cards"] = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": VAR_DIR / "share-cards",
    "TIMEOUT": 30 * 86_400,
    "OPTIONS": {"MAX_ENTRIES": 5000},
}
# Fonts for scripts that ours (core/fonts) lacks. By default the usual paths of those for Chinese, Japanese
# and Korean: Noto's (60 MB) and WenQuanYi Micro Hei (2 MB, deploy/Dockerfile).
CARD_FONTS = env_list(
    "CARD_FONTS",
    [
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    ],
)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}}

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS: list[Any] = [BASE_DIR / "static"]
# The host's own styles, over ours: docs/operations.md, "Your own templates and styles". Its files are below
# theme/, so that none replaces one of ours.
THEME_CSS = ""
if (THEME_DIR / "static").is_dir():
    STATICFILES_DIRS.append(("theme", THEME_DIR / "static"))
    THEME_CSS = "theme/theme.css" if (THEME_DIR / "static" / "theme.css").is_file() else ""
MEDIA_URL = env_str("MEDIA_URL", "/media/")
if not MEDIA_URL.endswith("/") or ("://" in MEDIA_URL and not is_web_address(MEDIA_URL)):
    raise ConfigurationError(
        f"MEDIA_URL must look like /media/ or https://pictures.example.org/, with / at the end, not {MEDIA_URL!r}."
    )
MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.web.uploads.SafeUploadHandler",
]
# With S3_BUCKET pictures are stored there (core/utils/storage.py), otherwise on this disk.
S3_BUCKET = env_str("S3_BUCKET")
S3_PRIVATE_BUCKET = env_str("S3_PRIVATE_BUCKET")
S3_OPTIONS = {
    "endpoint_url": web_address("S3_ENDPOINT_URL", env_str("S3_ENDPOINT_URL")) or None,
    "region_name": env_str("S3_REGION") or None,
    "access_key": env_str("S3_ACCESS_KEY") or None,
    "secret_key": env_str("S3_SECRET_KEY") or None,
    "default_acl": None,
}
BACKUP_BUCKET = env_str("BACKUP_BUCKET")
# Whether backups include S3_BUCKET and S3_PRIVATE_BUCKET.
BACKUP_BUCKET_FILES = env_bool("BACKUP_BUCKET_FILES", True)
if S3_BUCKET or S3_PRIVATE_BUCKET or BACKUP_BUCKET:
    try:
        from botocore.config import Config
    except ImportError:
        raise ConfigurationError(
            f"{'S3_BUCKET' if S3_BUCKET or S3_PRIVATE_BUCKET else 'BACKUP_BUCKET'} needs more packages: bin/install s3"
        ) from None
    # Servers other than Amazon's don't know the newer checksums, and most of them have no host per bucket.
    S3_OPTIONS["client_config"] = Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        signature_version="s3v4",
        s3={"addressing_style": "path" if S3_OPTIONS["endpoint_url"] else "auto"},
        connect_timeout=5,
        read_timeout=30,
    )
# Where the worker writes backups, and how often; encrypted if there is a passphrase.
BACKUP_DIR = env_str("BACKUP_DIR")
BACKUP_HOURS = env_int("BACKUP_HOURS", 24, minimum=1)
BACKUP_PASSPHRASE = env_str("BACKUP_PASSPHRASE")
# The folder of pg_dump and pg_restore, if it is not on the PATH.
POSTGRES_PROGRAMS = env_str("POSTGRES_PROGRAMS")
IMMUTABLE = {"CacheControl": "public, max-age=31536000, immutable"}  # names are random, contents never change
STORAGES = {
    "default": (
        {
            "BACKEND": "core.utils.storage.BucketStorage",
            "OPTIONS": S3_OPTIONS | {"bucket_name": S3_BUCKET, "object_parameters": IMMUTABLE},
        }
        if S3_BUCKET
        else {"BACKEND": "core.utils.files.SafeFileSystemStorage"}
    ),
    # Private files, served by views that check permissions. Never in a folder that a web server shows.
    "private": (
        {
            "BACKEND": "core.utils.storage.BucketStorage",
            "OPTIONS": S3_OPTIONS | {"bucket_name": S3_PRIVATE_BUCKET},
        }
        if S3_PRIVATE_BUCKET
        else {
            "BACKEND": "core.utils.files.SafeFileSystemStorage",
            "OPTIONS": {
                "location": VAR_DIR / "private",
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "core.web.staticfiles.LenientManifestStorage"
    },
}
if BACKUP_BUCKET:
    STORAGES["backups"] = {
        "BACKEND": "core.utils.storage.BucketStorage",
        "OPTIONS": S3_OPTIONS | {"bucket_name": BACKUP_BUCKET, "file_overwrite": False},
    }
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    "map",
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "avif",
    "zip",
    "gz",
    "br",
    "woff",
    "woff2",
]

# --- Mail --------------------------------------------------------------------

EMAIL_URL = env_str("EMAIL_URL", "file:")
mail = address_parts("EMAIL_URL", EMAIL_URL)
if mail.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = mail.path or str(VAR_DIR / "mail")
elif mail.scheme in {"smtp", "smtp+tls", "smtps", "smtp+ssl"}:
    from urllib.parse import unquote

    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = mail.hostname or "localhost"
    EMAIL_HOST_USER = unquote(mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(mail.password or "")
    EMAIL_USE_SSL = mail.scheme in {"smtps", "smtp+ssl"}
    EMAIL_USE_TLS = mail.scheme == "smtp+tls"
    EMAIL_PORT = mail.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
    EMAIL_TIMEOUT = 20
elif mail.scheme == "console":
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    raise ConfigurationError("EMAIL_URL must begin with smtp://, smtp+tls://, smtps://, file: or console:.")
# For /.well-known/security.txt: an email address or a URL. Empty: the sender of emails.
SECURITY_CONTACT = env_str("SECURITY_CONTACT", "")
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <hello@{urlsplit(SITE_URL).hostname}>")
# Otherwise it contains the name that the host has set.
DEFAULT_FROM_EMAIL_IS_SET = bool(env_str("DEFAULT_FROM_EMAIL"))
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Reports of bounces and complaints by a provider (community/mail_provider.py).
MAIL_PROVIDER = env_str("MAIL_PROVIDER")
if MAIL_PROVIDER:
    from community.mail_provider import settings_for

    ANYMAIL = settings_for(MAIL_PROVIDER, env_str("MAIL_WEBHOOK_SECRET"), env_str("MAIL_WEBHOOK_KEY"))
    INSTALLED_APPS.append("anymail")
# How many emails of a mailing are sent in its first hour, unless a larger one was successful before; 0: all
# at once.
MAILING_SLOW_START = env_int("MAILING_SLOW_START", 1000)
# The selectors of the mail server's DKIM keys, for `check_email_delivery`.
DKIM_SELECTORS = env_list("DKIM_SELECTORS")
EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
# The address for replies to notifications: a mailbox with plus addressing. Without it, emails cannot be
# replied to.
REPLY_ADDRESS = env_str("REPLY_ADDRESS").lower()
if REPLY_ADDRESS and not re.fullmatch(r"[a-z0-9._-]{1,20}@[a-z0-9.-]{1,200}", REPLY_ADDRESS):
    raise ConfigurationError(
        f"REPLY_ADDRESS must be a plain address such as reply@example.org, not {REPLY_ADDRESS!r}."
    )
# The mailbox that the worker reads, unless the mail server delivers replies itself (docs/operations.md).
REPLY_MAILBOX_URL = env_str("REPLY_MAILBOX_URL")
mailbox = address_parts("REPLY_MAILBOX_URL", REPLY_MAILBOX_URL)
if REPLY_MAILBOX_URL and (mailbox.scheme not in {"imap", "imaps"} or not mailbox.username):
    raise ConfigurationError("REPLY_MAILBOX_URL must look like imaps://user:password@mail.example.org/INBOX.")
# The authserv-id of our own mail server in Authentication-Results (RFC 8601).
REPLY_AUTHSERV_ID = env_str("REPLY_AUTHSERV_ID").lower()

# --- Language and time -------------------------------------------------------

LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_CODE = env_language(
    "LANGUAGE_CODE", "en-gb", [*LOCALE_PATHS, Path(django.__file__).parent / "conf/locale"]
)
TIME_ZONE = env_time_zone("TIME_ZONE", "UTC")
FORMAT_MODULE_PATH = "core.formats"

# --- Accounts and permissions ------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.allauth.backends.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.models.validators.NotAllTheSamePasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# For load tests; `manage.py check --deploy` complains about "off".
RATE_LIMITS = env_bool("RATE_LIMITS", True)

ACCOUNT_ADAPTER = "accounts.allauth.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.signin.LoginForm",
    "signup": "accounts.forms.signin.SignupForm",
    "request_login_code": "accounts.forms.codes.RequestLoginCodeForm",
    "reset_password": "accounts.forms.codes.ResetPasswordForm",
    "add_email": "accounts.forms.codes.AddEmailForm",
    "change_password": "accounts.forms.signin.ChangePasswordForm",
    "reset_password_from_key": "accounts.forms.signin.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1"]
# The next page after a sign-up: three steps, each of which can be skipped.
ACCOUNT_SIGNUP_REDIRECT_URL = "notifications:welcome"
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "phone_number"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
# Off: allauth offers it only if there is an account, which would reveal that. Signing up again does the same.
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = False
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_USERNAME_VALIDATORS = "accounts.models.validators.username_validators"
ACCOUNT_USER_DISPLAY = "accounts.models.get_display_name"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# allauth's own, per minute; for hours and days see CODE_TRY_RATES. Only these apply to confirmation emails
# after a sign-in by password with an address that was never confirmed.
ACCOUNT_RATE_LIMITS = {"confirm_email": "1/10s/key,10/h/key,30/d/key"} if RATE_LIMITS else False
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# For codes that were typed just before they changed, or phones whose clock is off by some seconds (RFC 6238,
# 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_FORMS = {
    "add_webauthn": "accounts.forms.signin.AddKeyForm",
    "signup_webauthn": "accounts.forms.signin.FirstKeyForm",
    "authenticate": "accounts.forms.codes.AuthenticateForm",
    "reauthenticate": "accounts.forms.codes.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.allauth.adapter.MFAAdapter"
MFA_RATE_LIMITS: dict[str, str] | bool = {} if RATE_LIMITS else False
# Two-step verification for hosts, staff and moderators (docs/decisions/0022). Not required in development.
REQUIRE_SECOND_STEP = env_bool("REQUIRE_SECOND_STEP", not DEBUG)
MFA_REQUIRED_AREAS = {"admin", "moderation"}
# Other pages that only they see (tests/test_permissions.py checks all of them).
MFA_REQUIRED_VIEWS = {
    "decisions:close",
    "decisions:invite",
    "decisions:withdraw",
    "decisions:outcome",
    "decisions:poll-create",
    "decisions:proposal-create",
    "decisions:review",
    "decisions:stage",
    "events:event-decide",
    "events:event-edit",
    "memorials:book",
    "memorials:book-file",
    "memorials:book-print",
    "memorials:memorial-edit",
    "memorials:memorial-keep",
    "memorials:memorial-propose",
    "memorials:pictures",
    "memorials:recording",
    "posts:post-preview",
    "transfer:post-copy",
}
# The accounts of `manage.py demo` are printed with their password; no one can receive email at this domain
# (RFC 2606).
DEMO_MAIL_DOMAIN = "demo.example"
# Off: it would turn every page that a member reads into a write.
USERSESSIONS_TRACK_ACTIVITY = False
USERSESSIONS_ADAPTER = "accounts.allauth.adapter.SessionsAdapter"

# --- External sign-in providers: each is shown once its keys are set ----------

PROVIDER_APPS, SOCIALACCOUNT_PROVIDERS = sign_in_providers(
    {
        "google": both_or_none("GOOGLE", env_str("GOOGLE_CLIENT_ID"), env_str("GOOGLE_CLIENT_SECRET")),
        "github": both_or_none("GITHUB", env_str("GITHUB_CLIENT_ID"), env_str("GITHUB_CLIENT_SECRET")),
        "facebook": both_or_none(
            "FACEBOOK", env_str("FACEBOOK_CLIENT_ID"), env_str("FACEBOOK_CLIENT_SECRET")
        ),
        "twitter_oauth2": both_or_none("X", env_str("X_CLIENT_ID"), env_str("X_CLIENT_SECRET")),
    },
    linkedin=both_or_none("LINKEDIN", env_str("LINKEDIN_CLIENT_ID"), env_str("LINKEDIN_CLIENT_SECRET")),
    openid=both_or_none("OPENID", env_str("OPENID_CLIENT_ID"), env_str("OPENID_CLIENT_SECRET")),
    openid_name=env_str("OPENID_NAME"),
    openid_url=env_str("OPENID_URL"),
)
INSTALLED_APPS += PROVIDER_APPS
SOCIALACCOUNT_ADAPTER = "accounts.allauth.adapter.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.allauth.social.SocialSignupForm",
    "disconnect": "accounts.allauth.social.DisconnectForm",
}
# No one gets a username and a profile without having confirmed them.
SOCIALACCOUNT_AUTO_SIGNUP = False
# The timeout for requests to providers.
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# --- Other services ----------------------------------------------------------

# Akismet, off without a key: it gets the text and IP addresses of new members (docs/operations.md).
AKISMET_API_KEY = env_str("AKISMET_API_KEY")
AKISMET_URL = "https://rest.akismet.com/1.1/"
# The search index: the path of a class like those in search/backends; "" for the site's own database.
SEARCH_BACKEND = env_str("SEARCH_BACKEND")
# Whether browsers store the posts read last, and show them while offline (templates/core/sw.js).
OFFLINE_PAGES = env_bool("OFFLINE_PAGES", True)
# Whether the pages of link cards are fetched for their title, and whether they still exist.
LINKED_PAGES = env_bool("LINKED_PAGES", True)
# PeerTube servers whose videos play in place; videos of others are links.
PEERTUBE_HOSTS = [host.lower() for host in env_list("PEERTUBE_HOSTS")]
# Whether a thread of each process stores the counted views (dashboard/services/views.py). Tests do it
# themselves.
COUNT_VIEWS_IN_BACKGROUND = True

# --- Security ----------------------------------------------------------------

# The number of our own proxies that set X-Forwarded-For and X-Forwarded-Proto. With 0 these headers are
# ignored.
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
# The reverse proxy and the container check health over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env_bool("HSTS_SUBDOMAINS", True)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# The prefix of every cookie name (core/utils/cookies.py).
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "core.utils.cookies.MessageStorage"
# Whether cookies of an earlier version, without the prefix, are accepted.
READ_OLD_COOKIES = env_bool("READ_OLD_COOKIES", True)
CSRF_COOKIE_HTTPONLY = True
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [SITE_URL] if HTTPS else None)
for _origin in CSRF_TRUSTED_ORIGINS:
    web_address("CSRF_TRUSTED_ORIGINS", _origin)

# Uploaded files may have a host of their own.
MEDIA_HOSTS = [MEDIA_URL] if MEDIA_URL.startswith("http") else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *MEDIA_HOSTS],
        "media-src": [SELF, *MEDIA_HOSTS],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Logging ----------------------------------------------------

LOG_FORMAT = env_choice("LOG_FORMAT", "text", "text", "json")
LOG_LEVEL = env_choice("LOG_LEVEL", "WARNING", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.utils.logs.LineFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "one line": {
            "()": "core.utils.logs.OneLineFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        },
        "json": {"()": "core.utils.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "line",
        },
        "console, one line": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "one line",
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO" if DEBUG else "WARNING", "propagate": False},
        # Wrong URLs and broken forms are the visitors' mistakes, not ours: they would fill the log.
        "django.request": {
            "handlers": ["console"],
            "level": "INFO" if DEBUG else "ERROR",
            "propagate": False,
        },
        # Forged hosts, cookies and forms: a line each, without a stack trace. (Without a handler Python would
        # write both.)
        "django.security": {"handlers": ["console, one line"], "propagate": False},
        # Sign-ins and refusals (accounts/security_log.py).
        "security": {"level": "INFO"},
    },
}

# --- Monitoring ------------------------------------------------------

# 0: off (core/utils/slow.py).
SLOW_PAGE_MS = env_int("SLOW_PAGE_MS", 0)
SLOW_STATEMENT_MS = env_int("SLOW_STATEMENT_MS", 0)
# Requested once a day for the newest version, if the host sets it (dashboard/services/newer.py).
UPDATE_URL = web_address("UPDATE_URL", env_str("UPDATE_URL"), schemes=("https",))
METRICS_TOKEN = env_str("METRICS_TOKEN")
# The folder in which several web processes add up their metrics. Prometheus' client reads the variable
# itself, but does not create the folder.
_figures = env_str("PROMETHEUS_MULTIPROC_DIR")
if METRICS_TOKEN and _figures:
    make_folder("PROMETHEUS_MULTIPROC_DIR", Path(_figures), to_write=True)
# Traces (core/tracing.py). OpenTelemetry itself reads the other standard variables.
OTEL_EXPORTER_OTLP_ENDPOINT = web_address(
    "OTEL_EXPORTER_OTLP_ENDPOINT", env_str("OTEL_EXPORTER_OTLP_ENDPOINT")
)
OTEL_SERVICE_NAME = env_str("OTEL_SERVICE_NAME", "long-table")
if OTEL_EXPORTER_OTLP_ENDPOINT and find_spec("opentelemetry") is None:
    raise ConfigurationError("OTEL_EXPORTER_OTLP_ENDPOINT needs more packages: bin/install otel")
SENTRY_DSN = env_str("SENTRY_DSN")
if SENTRY_DSN:
    from community.error_reports import send_errors_to

    send_errors_to(SENTRY_DSN)
