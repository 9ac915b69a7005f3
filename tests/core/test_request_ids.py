"""JSON logs: each line is an object with the request's id, without user content."""

import json
import logging
import logging.config
from copy import deepcopy
from io import StringIO

import pytest
from django.conf import settings as project
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client, RequestFactory

from core.utils import slow
from core.web.slow_pages import SlowPagesMiddleware
from core.web.views import ThemeView

FROM_PROXY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def lines(monkeypatch):
    """Return the objects written with LOG_FORMAT=json."""
    out, config = StringIO(), deepcopy(project.LOGGING)
    for handler in config["handlers"].values():
        handler["formatter"] = "json"
    monkeypatch.setattr("sys.stderr", out)
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    monkeypatch.undo()
    logging.config.dictConfig(project.LOGGING)


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [(1, FROM_PROXY, True), (0, FROM_PROXY, False), (1, "short", False), (1, "x" * 65, False), (1, "a b\tc<script>", False), (1, "", False)],
)  # fmt: skip
def test_the_id_is_the_trusted_proxys_or_one_of_ours(settings, client, proxies, sent, is_taken):
    settings.TRUSTED_PROXY_COUNT = proxies
    given = client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (given == sent) is is_taken
    assert is_taken or (len(given) == 16 and int(given, 16) >= 0)


@pytest.mark.django_db
def test_a_page_that_others_may_get_carries_none(client):
    page = client.get("/")
    assert ("public" in page["Cache-Control"], "X-Request-ID" in page) == (True, False)


@pytest.mark.django_db
def test_an_error_names_the_url_and_the_request_and_nothing_else(lines, settings, monkeypatch):
    settings.TRUSTED_PROXY_COUNT = 1

    def post(self: ThemeView, request: HttpRequest) -> None:
        try:
            int(request.POST["next"])
        except ValueError as error:
            raise RuntimeError(f"Nobody is called {request.POST['next']}") from error

    monkeypatch.setattr(ThemeView, "post", post)
    client = Client(
        raise_request_exception=False, headers={"X-Request-ID": FROM_PROXY, "Sec-Fetch-Site": "same-origin"}
    )
    assert client.post("/theme/?key=purple-otter", {"next": "purple otter"}).status_code == 500
    [line] = lines()
    assert {name: line[name] for name in ("level", "logger", "message", "page", "method", "status", "id")} == {
        "level": "ERROR", "logger": "django.request", "message": "Internal Server Error", "page": "core:theme",
        "method": "POST", "status": 500, "id": FROM_PROXY,
    }  # fmt: skip
    assert [error["kind"] for error in line["errors"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert line["errors"][0]["at"][-1].endswith(" post")
    assert "otter" not in json.dumps(line)


def test_other_lines_are_objects_too(lines):
    logging.getLogger("core").warning("An email was permanently\nrefused (%s).", 550)
    [line] = lines()
    assert (line["message"], line["logger"], "id" in line) == (
        "An email was permanently refused (550).",
        "core",
        False,
    )


def look(monkeypatch, settings, page, *, took: float):
    """Request a page that seems to the middleware to have taken that many seconds."""
    settings.SLOW_PAGE_MS = 500
    clock = iter([0.0, took])
    middleware = SlowPagesMiddleware(page)
    monkeypatch.setattr("core.web.slow_pages.time.perf_counter", lambda: next(clock))
    middleware(RequestFactory().get("/somewhere/secret/"))


@pytest.mark.django_db
def test_a_slow_page_is_named_with_its_cause(lines, settings, monkeypatch):
    def page(*statements: tuple[str, float]):
        def answer(_request):
            for sql, seconds in statements:
                slow._thread.spent.add(sql, seconds)
            return None

        return answer

    for took, statements in (
        (0.9, [("SELECT slow", 0.8), ("SELECT quick", 0.01)]),
        (0.9, [("SELECT again", 0.06)] * 12),
        (0.9, [(f"SELECT {number}", 0.1) for number in range(8)]),
        (0.9, [("SELECT quick", 0.01)]),
        (0.4, [("SELECT slow", 0.4)]),
    ):
        with monkeypatch.context() as patch:
            look(patch, settings, page(*statements), took=took)
    assert [(line["slow"]["cause"], line["slow"]["statements"]) for line in lines()] == [
        ("one slow statement", 2), ("one statement 12 times", 12), ("many statements", 8), ("outside the database", 1),
    ]  # fmt: skip
    assert "SELECT slow" in lines()[0]["message"]
    assert "secret" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_slow_statement_is_logged_without_its_values(lines, settings, monkeypatch):
    settings.SLOW_STATEMENT_MS = 200
    real = connections["default"]
    monkeypatch.setattr(real, "execute_wrappers", [])
    slow._watch(real)
    slow._watch(real)
    clock = iter([0.0, 0.1, 1.0, 1.3])
    monkeypatch.setattr("core.utils.slow.time.perf_counter", lambda: next(clock))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 1 WHERE 'x' = %s", ["purple otter"])
    [line] = lines()
    assert (line["slow"], "WHERE" in line["message"], "otter" in json.dumps(line)) == (
        {"ms": 300},
        True,
        False,
    )


def test_they_are_measured_only_where_a_setting_says_so(settings):
    settings.SLOW_PAGE_MS = 0
    with pytest.raises(MiddlewareNotUsed):
        SlowPagesMiddleware(lambda _request: None)
