"""The OpenAPI document, its page, and that responses conform to it whatever is sent."""

import json
import re

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.views.docs import marked
from tests.api.access import Program, make_token
from tests.factories import make_comment, make_host, make_member, make_post
from tests.figures import figure

pytestmark = pytest.mark.django_db


def test_the_page_names_every_address_and_needs_no_scripts(client, member):
    page = client.get("/api/").content.decode()
    document = client.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]


def test_every_address_says_what_it_is_for(client):
    document = client.get("/api/v1/openapi.json").json()
    for methods in document["paths"].values():
        for one in methods.values():
            assert one["summary"]
            assert one["description"]
            assert {"default"} < {*one["responses"]}


def test_every_field_and_parameter_is_described_on_the_page(client):
    page = client.get("/api/")
    named = [(shape.name, row) for shape in page.context["shapes"] for row in shape.fields]
    for group in page.context["groups"]:
        named += [(one.anchor, row) for one in group.operations for row in [*one.parameters, *one.body]]
    assert len(named) > 100
    assert [(where, row.name) for where, row in named if not row.description] == []


def test_code_in_texts_is_marked_and_nothing_else_is_markup(client):
    assert (
        marked("Send `a<b>` as\n    <i>`next`.")
        == "Send <code>a&lt;b&gt;</code> as &lt;i&gt;<code>next</code>."
    )
    page = client.get("/api/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert ("`" in page, "<code>Authorization: Bearer lt_…</code>" in page) == (False, True)


def test_every_link_within_the_page_leads_somewhere(client):
    page = client.get("/api/").content.decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len({*ids})
    assert {*re.findall(r' href="#([^"]+)"', page)} <= {*ids}


@pytest.mark.parametrize(
    ("path", "status"),
    [("nothing", 404), ("posts/no-such", 404), ("comments/0", 422), ("comments/99999999999999999999", 422), ("posts?after=x", 422), ("posts?limit=x", 422)],
)  # fmt: skip
def test_refusals_are_problem_documents_with_a_message(path, status):
    response = Program().get(path)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert (response.json()["status"], bool(response.json()["detail"])) == (status, True)


@pytest.mark.parametrize("sent", [b"{", b"[" * 100_000, b"[]", b"null", b'"x"', b"\xff\xfe"])
def test_what_is_not_json_is_refused(sent, member, post):
    response = Program().client.post(
        f"/api/v1/posts/{post.slug}/comments",
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {make_token(member, 'write')}"},
    )
    assert response.status_code in {400, 422}
    assert json.loads(response.content)["status"] == response.status_code


def test_a_wrong_method_says_which_there_are():
    response = Program().post("posts/x", {})
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert "GET" in response["Allow"]


@pytest.fixture
def one_connection(settings):
    """Requests end without closing it, as with Django's own test client; no rate limits."""
    settings.RATE_LIMITS = False
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.full
@pytest.mark.slow
def test_whatever_is_sent_the_api_keeps_to_its_document(one_connection):
    """Slow: schemathesis generates some requests for each URL; responses must conform to the document."""
    host = make_host()
    make_comment(make_post(host, slug="a"), make_member())
    key = make_token(host, "write", "moderate", "host")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    limits = settings(
        max_examples=figure(3, 12),
        phases=[Phase.generate],
        database=None,
        suppress_health_check=[*HealthCheck],
    )

    def send(case: schemathesis.Case) -> None:
        for headers in ({}, {"Authorization": f"Bearer {key}"}):
            case.call_and_validate(headers=headers, checks=CHECKED)

    for found in schema.get_all_operations():
        limits(given(found.ok().as_strategy())(send))()
