"""Invalid requests are one line in the log, without a traceback."""

import logging
import logging.config
import re
from io import StringIO

import pytest
from django.conf import settings as project
from django.db import OperationalError
from django.test import Client

from core.utils.secret_links import addresses_with_secrets
from tests.serving import ROOT

pytestmark = pytest.mark.django_db


A_NUMBER = "5b1fb2a4-0000-4000-8000-000000000000"


@pytest.fixture
def written(monkeypatch) -> StringIO:
    """Return what the project's logging configuration writes."""
    out = StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logging.config.dictConfig(project.LOGGING)
    yield out
    monkeypatch.undo()
    logging.config.dictConfig(project.LOGGING)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:99999",
        "a b",
        "x" * 3000,
        "[::1",
        "evil.example\nroot: all is well",
        "é.example",
    ],
)
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nowhere/"])
def test_a_forged_host_is_one_line(written, host, path):
    assert Client(headers={"host": host}).get(path).status_code == 400
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert "django.security.DisallowedHost" in lines[0]
    assert len(lines[0]) <= 500
    assert "Traceback" not in lines[0]


def test_a_form_with_too_many_fields_is_one_line(written):
    assert Client().post("/theme/", {f"f{number}": "" for number in range(1001)}).status_code == 400
    assert len(written.getvalue().splitlines()) == 1


def test_errors_of_ours_keep_their_stack(written):
    try:
        raise ValueError("ours")
    except ValueError:
        logging.getLogger("core").exception("It broke.")
    assert "Traceback" in written.getvalue()


def test_a_database_that_is_away_is_two_lines(written):
    try:
        raise OperationalError("connection refused\n\tIs the server running?")
    except OperationalError:
        logging.getLogger("django.request").exception("Internal Server Error: /")
    assert written.getvalue().splitlines()[1:] == ["OperationalError: connection refused"]


def test_no_line_has_the_secret_of_a_link(written):
    forms = Client(enforce_csrf_checks=True)
    asked = [re.sub(r"%\((?!token|secret)\w+\)s", A_NUMBER, made) for made in addresses_with_secrets()]
    assert len(asked) > 12
    for made in asked:
        path = "/" + re.sub(r"%\(\w+\)s", "s3cret:x-y_z", made)
        forms.post(path)  # refused, because it was sent from another site
        for cut in (path, path.rstrip("/").removesuffix(".ics")):
            logging.getLogger("django.request").error("%s: %s", "Not Found", cut)
            logging.getLogger("django.security.Any").error("See https://testserver%s now", cut)
    text = written.getvalue()
    assert "s3cret" not in text
    assert "Forbidden" in text
    assert "Not Found: /decisions/by-link/…\n" in text
    assert "See https://testserver/unsubscribe/… now\n" in text


@pytest.mark.parametrize("name", ["nginx/long-table.conf", "caddy/Caddyfile"])
def test_no_front_server_logs_the_secret_of_a_link(name):
    lists = re.findall(r"/\(\?:([a-z/|-]+)\)/\)?\.", (ROOT / "deploy" / name).read_text(encoding="utf-8"))
    known = sorted({re.split(r"/?%\(", made)[0] for made in addresses_with_secrets()})
    assert lists
    assert {"|".join(known)} == set(lists)
