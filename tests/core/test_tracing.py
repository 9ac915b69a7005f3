"""OpenTelemetry: the duration of pages and tasks by name, without user content or personal data."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from core import tracing
from tests.core.test_worker import remember

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(settings, monkeypatch) -> Iterator[InMemorySpanExporter]:
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://collector.example:4318"
    exporter = InMemorySpanExporter()
    provider = tracing.make_provider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    connection.execute_wrappers.append(tracing._traced)  # it was opened before
    yield exporter
    connection.execute_wrappers.remove(tracing._traced)
    tracing.connection_created.disconnect(dispatch_uid="core.tracing")
    provider.shutdown()


def test_a_page_is_a_span_with_its_statements(sent, post, member, signed_in):
    browser = signed_in(member)
    sent.clear()
    assert browser.get(post.get_absolute_url(), {"q": "secret"}).status_code == 200
    *statements, page = sent.get_finished_spans()
    assert (page.name, page.attributes["http.response.status_code"]) == ("GET posts:post-detail", 200)
    assert page.status.is_unset
    assert statements != []
    assert {each.parent.span_id for each in statements} == {page.context.span_id}
    assert {each.name for each in statements} >= {"SELECT"}
    said = " ".join(f"{each.name} {dict(each.attributes)}" for each in [*statements, page])
    assert [word for word in ("secret", post.slug, post.title, member.username) if word in said] == []


def test_a_page_that_fails_says_so_without_the_text_of_the_error(sent, monkeypatch):
    def fail(*_arguments: object) -> None:
        raise ValueError("about somebody")

    monkeypatch.setattr("posts.views.HomeView.get_queryset", fail)
    assert Client(raise_request_exception=False).get("/").status_code == 500
    page = sent.get_finished_spans()[-1]
    assert (page.attributes["error.type"], page.status.is_ok, page.events) == ("500", False, ())
    assert "about somebody" not in str(dict(page.attributes))


@pytest.mark.django_db(transaction=True)
def test_a_task_is_a_span_with_its_statements(sent, settings):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]}
    }
    remember.enqueue("one")
    sent.clear()
    call_command("worker", "--once")
    assert "task tests.core.test_worker.remember" in {each.name for each in sent.get_finished_spans()}


def test_without_the_setting_there_is_none(settings):
    with tracing.span("nothing") as made:
        assert made is None
    assert "core.web.tracing.TracingMiddleware" in settings.MIDDLEWARE
