"""The site is configured by its environment alone, and reports a wrong value in one line."""

import os
import sys
from pathlib import Path

import pytest

from community.env import ConfigurationError, env_bool, env_int, env_list, env_str, read_env_file
from tests.fresh_process import run

PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "example.org"}


def setting(name: str, tmp_path: Path, **environment: str) -> str:
    result = run(
        f"from community import settings; print(repr(settings.{name}))",
        tmp_path,
        **(PRODUCTION | environment),
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        (
            {"SECRET_KEY": ""},
            "SECRET_KEY is missing: with DEBUG=0 set it to a long random text (see docs/configuration.md).",
        ),
        (
            {"SECRET_KEY": "  "},
            "SECRET_KEY is missing: with DEBUG=0 set it to a long random text (see docs/configuration.md).",
        ),
        (
            {"ALLOWED_HOSTS": ""},
            "ALLOWED_HOSTS is missing: with DEBUG=0 name the hosts this site answers to (see docs/configuration.md).",
        ),
        (
            {"ALLOWED_HOSTS": " , "},
            "ALLOWED_HOSTS is missing: with DEBUG=0 name the hosts this site answers to (see docs/configuration.md).",
        ),
        ({"DEBUG": "perhaps"}, "DEBUG must be 1 or 0 (or on, off, yes, no), not 'perhaps'."),
        ({"RATE_LIMITS": "maybe"}, "RATE_LIMITS must be 1 or 0 (or on, off, yes, no), not 'maybe'."),
        ({"COMMENTS_PER_PAGE": "many"}, "COMMENTS_PER_PAGE must be a whole number, not 'many'."),
        ({"COMMENTS_PER_PAGE": "0"}, "COMMENTS_PER_PAGE must be 1 or more, not 0."),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT must be 0 or more, not -1."),
        (
            {"SITE_URL": "example.org"},
            "SITE_URL must be an address such as https://example.org, not 'example.org'.",
        ),
        (
            {"SITE_URL": "ftp://example.org"},
            "SITE_URL must be an address such as https://example.org, not 'ftp://example.org'.",
        ),
        (
            {"EMAIL_URL": "pigeon://loft"},
            "EMAIL_URL must begin with smtp://, smtp+tls://, smtps://, file: or console:.",
        ),
        (
            {"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/key"},
            "SECRET_KEY_FILE names a file that cannot be read:",
        ),
        (
            {"SECRET_KEY": "", "SECRET_KEY_FILE": sys.executable},
            "SECRET_KEY_FILE names a file that cannot be read:",
        ),
        (
            {"GOOGLE_CLIENT_ID": "x"},
            "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together: set both or none.",
        ),
        ({"X_CLIENT_SECRET": "x"}, "X_CLIENT_ID and X_CLIENT_SECRET belong together: set both or none."),
        (
            {"OPENID_CLIENT_ID": "x", "OPENID_CLIENT_SECRET": "x"},
            "OPENID_URL must be the address of an OpenID Connect server, beginning with https://, not ''.",
        ),
        (
            {"OPENID_CLIENT_ID": "x", "OPENID_CLIENT_SECRET": "x", "OPENID_URL": "http://id.example.org"},
            "OPENID_URL must be the address of",
        ),
        (
            {"OPENID_CLIENT_ID": "x", "OPENID_CLIENT_SECRET": "x", "OPENID_URL": "https://[id"},
            "OPENID_URL must be the address of",
        ),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must look like redis://host:6379/0,"),
        (
            {"REDIS_URL": "redis://a.example.org,b.example.org"},
            "REDIS_URL must look like redis://host:6379/0,",
        ),
        (
            {"REDIS_URL": "redis://localhost?socket_timeout=soon"},
            "REDIS_URL must look like redis://host:6379/0,",
        ),
        ({"REDIS_URL": "redis://localhost?hurry=1"}, "REDIS_URL must look like redis://host:6379/0,"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must begin with postgres:// or sqlite:///."),
        (
            {"DATABASE_URL": "mysql://db.example.org/table"},
            "DATABASE_URL must begin with postgres:// or sqlite:///.",
        ),
        (
            {"DATABASE_URL": "sqlite://table.sqlite3"},
            "DATABASE_URL must begin with postgres:// or sqlite:///.",
        ),
        ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL must name a database,"),
        ({"DATABASE_URL": "postgres://db.example.org"}, "DATABASE_URL must name a database,"),
        ({"DATABASE_URL": "postgres://ann:1/x@db.example.org/table"}, "DATABASE_URL is invalid:"),
        ({"DATABASE_URL": "postgres://ann:1#x@db.example.org/table"}, "DATABASE_URL is invalid:"),
        ({"DATABASE_URL": "postgres://ann:1?x@db.example.org/table"}, "DATABASE_URL is invalid:"),
        (
            {"DATABASE_URL": "sqlite:////proc/nowhere/table.sqlite3"},
            "DATABASE_URL points to a folder that cannot be created:",
        ),
        (
            {"METRICS_TOKEN": "long", "PROMETHEUS_MULTIPROC_DIR": "/proc/nowhere"},
            "PROMETHEUS_MULTIPROC_DIR points to a folder that cannot be created:",
        ),
        ({"VAR_DIR": "/proc/nowhere"}, "VAR_DIR points to a folder that cannot be created:"),
        (
            {"DATABASE_URL": "postgres:///table", "DATABASE_REPLICA_URL": "sqlite:////tmp/table.sqlite3"},
            "DATABASE_REPLICA_URL must name a database of the same kind as DATABASE_URL.",
        ),
        ({"EMAIL_URL": "smtp://mail.example.org:abc"}, "EMAIL_URL is invalid:"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'loud'."),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be text or json, not 'xml'."),
        (
            {"TIME_ZONE": "Mars/Phobos"},
            "TIME_ZONE must be a time zone such as Europe/London, not 'Mars/Phobos'.",
        ),
        ({"TIME_ZONE": "Europe"}, "TIME_ZONE must be a time zone such as Europe/London, not 'Europe'."),
        (
            {"LANGUAGE_CODE": "xx-yy"},
            "LANGUAGE_CODE must be a language that the site is translated into, such as de, not 'xx-yy'.",
        ),
        ({"SITE_URL": "https://[bad"}, "SITE_URL must be an address such as https://example.org,"),
        (
            {"SITE_URL": "https://example.org/blog/"},
            "SITE_URL must be an address such as https://example.org,",
        ),
        ({"SITE_URL": "HTTPS://example.org"}, "SITE_URL must be an address such as https://example.org,"),
        ({"ALLOWED_HOSTS": "*"}, "SITE_URL must be an address such as https://example.org, not 'https://*'."),
        ({"SITE_URL": "https://example.org:abc"}, "SITE_URL must be an address such as https://example.org,"),
        ({"MEDIA_URL": "https://pictures.example.org"}, "MEDIA_URL must look like /media/ or"),
        ({"S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL must be an address that begins with https://."),
        ({"UPDATE_URL": "http://example.org"}, "UPDATE_URL must be an address that begins with https://."),
        (
            {"CSRF_TRUSTED_ORIGINS": "https://a.example.org,b.example.org"},
            "CSRF_TRUSTED_ORIGINS must be an address that begins with https://.",
        ),
        ({"DATABASE_URL": "postgres://user@host:port/name"}, "DATABASE_URL is invalid:"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(environment, line, tmp_path):
    result = run("import community.wsgi", tmp_path, **(PRODUCTION | environment))
    assert result.returncode != 0
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(line)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "smtp//ann:s3cret@mail.example.org"),
        ("EMAIL_URL", "smtp://ann:s3cret/@mail.example.org"),
        ("EMAIL_URL", "smtp://ann:1#s3cret@mail.example.org"),
        ("EMAIL_URL", "smtp://ann:[s3cret@mail.example.org"),
        ("REPLY_MAILBOX_URL", "imap//ann:s3cret@mail.example.org"),
        ("REPLY_MAILBOX_URL", "imaps://ann:s3cret/@mail.example.org"),
        ("REPLY_MAILBOX_URL", "imaps://ann:[s3cret@mail.example.org"),
        ("DATABASE_URL", "postgres//ann:s3cret@db.example.org/table"),
        ("DATABASE_URL", "postgres://ann:s3cret/@db.example.org/table"),
        ("REDIS_URL", "redis//ann:s3cret@redis.example.org"),
        ("REDIS_URL", "redis://ann:s3cret/@redis.example.org"),
        ("REDIS_URL", "redis://ann:1/s3cret@redis.example.org"),
        ("SENTRY_DSN", "https//s3cret@sentry.example.org/1"),
        ("SENTRY_DSN", "https://ann:s3cret/@sentry.example.org/1"),
    ],
)
def test_a_wrong_address_is_refused_without_a_word_of_its_password(name, value, tmp_path):
    result = run("import community.wsgi", tmp_path, **(PRODUCTION | {name: value}))
    assert result.returncode != 0
    assert result.stderr.startswith(f"{name} ")
    assert result.stderr.count("\n") == 1
    assert "s3cret" not in result.stderr


def test_manage_py_stops_with_the_same_line(tmp_path):
    result = run(
        "import sys; sys.argv = ['manage.py', 'check']; import manage; manage.main()", tmp_path, DEBUG="0"
    )
    assert result.returncode != 0
    assert (
        result.stderr
        == "SECRET_KEY is missing: with DEBUG=0 set it to a long random text (see docs/configuration.md).\n"
    )


def test_an_email_that_is_handed_over_to_a_site_that_cannot_start_is_kept_by_the_mail_server(tmp_path):
    result = run(
        "import sys; sys.argv = ['manage.py', 'read_mail']; import manage; manage.main()",
        tmp_path,
        **(PRODUCTION | {"LOG_LEVEL": "loud"}),
    )
    assert (result.returncode, result.stderr) == (
        os.EX_TEMPFAIL,
        "LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'loud'.\n",
    )


def test_development_needs_no_set_up_and_makes_a_key_of_its_own(tmp_path):
    first = run("from community import settings; print(settings.SECRET_KEY)", tmp_path, DEBUG="1")
    second = run("from community import settings; print(settings.SECRET_KEY)", tmp_path, DEBUG="1")
    assert first.stderr == ""
    assert first.stdout == second.stdout
    assert len(first.stdout) > 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_server_runs_in_production_unless_told_otherwise(tmp_path):
    result = run(
        "from community import settings; print(settings.DEBUG)",
        tmp_path,
        SECRET_KEY="x",  # noqa: S106 - not one of ours
        ALLOWED_HOSTS="example.org",
    )
    assert result.stdout == "False\n"


def test_with_https_everything_is_secure(tmp_path):
    names = (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "CSRF_TRUSTED_ORIGINS",
    )
    code = f"from community import settings; print([getattr(settings, name) for name in {names}])"
    assert (
        run(code, tmp_path, **PRODUCTION).stdout == "[True, True, True, 31536000, ['https://example.org']]\n"
    )
    assert (
        run(code, tmp_path, **PRODUCTION, SITE_URL="http://example.org").stdout
        == "[False, False, False, 0, []]\n"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", "('mail.example.org', 25, '', '', False, False)"),
        (
            "smtp+tls://ann%40example.org:p%2Fw%3A@mail.example.org",
            "('mail.example.org', 587, 'ann@example.org', 'p/w:', True, False)",
        ),
        (
            "smtps://ann:secret@mail.example.org:4650",
            "('mail.example.org', 4650, 'ann', 'secret', False, True)",
        ),
    ],
)
def test_the_mail_server_is_given_as_an_address(url, expected, tmp_path):
    code = (
        "from community import settings as s; "
        "print((s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL))"
    )
    assert run(code, tmp_path, **PRODUCTION, EMAIL_URL=url).stdout.strip() == expected


def test_without_a_mail_server_mails_become_files(tmp_path):
    assert setting("EMAIL_FILE_PATH", tmp_path) == repr(str(tmp_path / "mail"))
    assert setting("EMAIL_FILE_PATH", tmp_path, EMAIL_URL="file:/srv/mail") == "'/srv/mail'"


def test_the_database_is_sqlite_in_the_runtime_folder_or_what_the_address_says(tmp_path):
    assert setting("DATABASES['default']['NAME']", tmp_path) == repr(str(tmp_path / "long-table.sqlite3"))
    code = "from community.settings import DATABASES as d; d = d['default']; print((d['ENGINE'], d['NAME'], d['HOST'], d['USER'], d['PASSWORD']))"
    result = run(code, tmp_path, **PRODUCTION, DATABASE_URL="postgres://nora:p%40ss@db.example.org/table")
    assert result.stdout.strip() == "('core.postgresql', 'table', 'db.example.org', 'nora', 'p@ss')"


def test_values_are_understood_in_whatever_case_and_variety(tmp_path):
    code = "from community import settings as s; print(s.LOG_LEVEL, s.TIME_ZONE, s.LANGUAGE_CODE)"
    values = {"LOG_LEVEL": "info", "TIME_ZONE": "America/Argentina/Ushuaia"}
    assert [
        run(code, tmp_path, **PRODUCTION, **values, LANGUAGE_CODE=language).stdout
        for language in ("de-ch", "pt-br", "ar")
    ] == [f"INFO America/Argentina/Ushuaia {language}\n" for language in ("de-ch", "pt-br", "ar")]


def test_redis_is_used_where_there_is_one(tmp_path):
    assert setting("CACHES['default']['BACKEND']", tmp_path) == "'core.pagecache.backend.CountingCache'"
    assert (
        setting("CACHES['default']['BACKEND']", tmp_path, REDIS_URL="redis://localhost")
        == "'core.pagecache.backend.RedisWithFallback'"
    )


def test_every_way_to_a_redis_is_understood(tmp_path):
    urls = ("rediss://ann:p%2Fw@redis.example.org:6380/1", "unix:///run/redis.sock?db=2", "redis://a:6379/0,redis://b:6379/0")  # fmt: skip
    assert [setting("CACHES['default']['LOCATION']", tmp_path, REDIS_URL=url) for url in urls] == [*map(repr, urls)]  # fmt: skip


def test_the_folder_for_the_figures_of_several_processes_is_made(tmp_path):
    code = "import django; django.setup(); from dashboard.metrics import REQUESTS; REQUESTS.labels('home', 'GET', '200').observe(1)"
    figures = tmp_path / "figures" / "web"
    result = run(code, tmp_path, **PRODUCTION, METRICS_TOKEN="long", PROMETHEUS_MULTIPROC_DIR=str(figures))  # noqa: S106 - not one of ours
    assert (result.returncode, result.stderr) == (0, "")
    assert [path.name.rstrip("0123456789.db") for path in figures.iterdir()] == ["histogram_"]


def test_a_place_to_sign_in_through_is_there_once_its_keys_are_set(tmp_path):
    code = (
        "import django; django.setup(); from django.urls import get_resolver; from django.conf import settings; "
        "print(sorted(name for name in get_resolver('allauth.urls').reverse_dict if str(name).endswith('_login') and 'mfa' not in name and 'account' not in name), "
        "[app['name'] for app in settings.SOCIALACCOUNT_PROVIDERS.get('openid_connect', {}).get('APPS', [])])"
    )
    keys = {"GITHUB_CLIENT_ID": "x", "GITHUB_CLIENT_SECRET": "y"}
    openid = {
        "OPENID_CLIENT_ID": "x",
        "OPENID_CLIENT_SECRET": "y",
        "OPENID_URL": "https://id.example.org/realm",
    }
    assert run(code, tmp_path, **PRODUCTION).stdout == "[] []\n"
    assert run(code, tmp_path, **PRODUCTION, **keys).stdout == "['github_login'] []\n"
    assert (
        run(code, tmp_path, **PRODUCTION, **keys, **openid).stdout
        == "['github_login', 'openid_connect_login'] ['id.example.org']\n"
    )
    assert (
        run(code, tmp_path, **PRODUCTION, **openid, OPENID_NAME="The Guild").stdout
        == "['openid_connect_login'] ['The Guild']\n"
    )


def test_the_second_step_is_asked_for_where_others_can_come(tmp_path):
    code = "from community import settings; print(settings.REQUIRE_SECOND_STEP)"
    assert [
        run(code, tmp_path, **PRODUCTION | more).stdout
        for more in ({}, {"DEBUG": "1"}, {"REQUIRE_SECOND_STEP": "0"})
    ] == [
        "True\n",
        "False\n",
        "False\n",
    ]


def test_no_proxy_is_believed_unless_counted(tmp_path):
    code = "from community import settings as s; print((s.ALLAUTH_TRUSTED_PROXY_COUNT, getattr(s, 'SECURE_PROXY_SSL_HEADER', None)))"
    assert run(code, tmp_path, **PRODUCTION).stdout == "(0, None)\n"
    assert (
        run(code, tmp_path, **PRODUCTION, TRUSTED_PROXY_COUNT="1").stdout
        == "(1, ('HTTP_X_FORWARDED_PROTO', 'https'))\n"
    )


@pytest.fixture
def a_name(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("A_NAME", raising=False)
    return "A_NAME"


@pytest.mark.parametrize(
    ("word", "truth"),
    [("1", True), (" Yes ", True), ("ON", True), ("true", True), ("0", False), ("off", False), ("No", False)],
)
def test_yes_and_no_are_understood_in_all_their_spellings(word, truth, a_name, monkeypatch):
    monkeypatch.setenv(a_name, word)
    assert env_bool(a_name, not truth) is truth


def test_an_empty_value_is_no_value(a_name, monkeypatch):
    for value in ("", "  "):
        monkeypatch.setenv(a_name, value)
        assert (
            env_str(a_name, "x"),
            env_bool(a_name, True),
            env_int(a_name, 7),
            env_list(a_name, ["x"]),
        ) == ("x", True, 7, ["x"])


def test_lists_are_parted_by_commas_and_stripped(a_name, monkeypatch):
    monkeypatch.setenv(a_name, " a.org, b.org ,,")
    assert env_list(a_name) == ["a.org", "b.org"]


def test_a_secret_may_come_from_a_file_and_may_begin_with_any_sign(a_name, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("$tart#1\n", encoding="utf-8")
    monkeypatch.setenv("A_NAME_FILE", str(tmp_path / "secret"))
    assert env_str(a_name) == "$tart#1"
    monkeypatch.setenv(a_name, "given")
    assert env_str(a_name) == "given"


def test_a_number_that_is_none_is_refused_by_name(a_name, monkeypatch):
    monkeypatch.setenv(a_name, "3.5")
    with pytest.raises(ConfigurationError, match=r"A_NAME must be a whole number, not '3\.5'\."):
        env_int(a_name, 1)


def test_the_env_file_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    names = ["A_PLAIN", "A_QUOTED", "A_SINGLE", "AN_EXPORT", "A_HASH", "A_SET", "AN_EQUALS"]
    for name in names:
        monkeypatch.setenv(name, "x")  # so that monkeypatch removes them afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("A_SET", "environment")
    (tmp_path / ".env").write_text(
        "# a remark\n\nA_PLAIN = plain words\nA_QUOTED=\"in quotes \"\nA_SINGLE='$x'\nexport AN_EXPORT=1\nA_HASH=a#b\n"
        "A_SET=file\nAN_EQUALS=a=b\nno sign of equality\n#A_REMARK=1\n",
        encoding="utf-8",
    )
    read_env_file(tmp_path / ".env")
    assert [os.environ.get(name) for name in names] == [
        "plain words",
        "in quotes ",
        "$x",
        "1",
        "a#b",
        "environment",
        "a=b",
    ]
    assert "A_REMARK" not in os.environ


def test_an_env_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"SITE_NAME=Caf\xe9\n")
    # Reading the latter is an error, also for root.
    for path in (tmp_path / ".env", Path("/proc/self/mem")):
        with pytest.raises(ConfigurationError, match=f"^{path} cannot be read: ") as raised:
            read_env_file(path)
        assert "\n" not in str(raised.value)


def test_no_env_file_is_no_mistake(tmp_path):
    read_env_file(tmp_path / "nothing")
