"""The documentation of the API: its OpenAPI document as a page, readable without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.generic import TemplateView

from api.v1.api import document
from core.utils.urls import absolute_url

LONGEST_CHOICE = 8


@dataclass(frozen=True)
class FieldRow:
    """A field or parameter of the document."""

    name: str
    kind: str
    is_required: bool
    description: SafeString


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: SafeString
    needs_token: bool
    parameters: list[FieldRow]
    body: list[FieldRow]
    answer: str
    anchor: str


@dataclass
class Group:
    name: str
    operations: list[Operation] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """An object in requests and responses, with its fields."""

    name: str
    description: SafeString
    fields: list[FieldRow]


def marked(text: str) -> SafeString:
    """A text of the document on one line, with text in backticks as code."""
    parts = enumerate(" ".join(text.split()).split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if number % 2 else part,) for number, part in parts)
    )


def name_of(schema: dict[str, Any]) -> str:
    """The name of the shape that a schema refers to; "" if none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def kind_of(schema: dict[str, Any]) -> str:
    """The type in a word or two, such as "list of integer" or "string or null"."""
    if name := name_of(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(kind_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"“{one}”" for one in schema["enum"][:LONGEST_CHOICE])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def rows_of(schema: dict[str, Any]) -> list[FieldRow]:
    required = {*schema.get("required", [])}
    return [
        FieldRow(name, kind_of(one), name in required, marked(one.get("description", "")))
        for name, one in schema.get("properties", {}).items()
    ]


def _operations(specification: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    shapes = specification["components"]["schemas"]
    for path, methods in specification["paths"].items():
        for method, one in methods.items():
            taken = one.get("requestBody", {}).get("content", {})
            body = (taken.get("application/json") or taken.get("multipart/form-data") or {}).get("schema", {})
            good: dict[str, Any] = next(
                (value for key, value in one["responses"].items() if str(key).startswith("2")), {}
            )
            answer = good.get("content", {}).get("application/json", {}).get("schema", {})
            parameters = [
                FieldRow(
                    each["name"],
                    kind_of(each["schema"]),
                    bool(each.get("required")),
                    marked(each.get("description", "")),
                )
                for each in one.get("parameters", [])
            ]
            yield (
                one["tags"][0],
                Operation(
                    method.upper(),
                    path,
                    one["summary"],
                    marked(one.get("description", "")),
                    {} not in one["security"],
                    parameters,
                    rows_of(shapes.get(name_of(body), body)),
                    name_of(answer),
                    one["operationId"],
                ),
            )


@cache
def pages_parts() -> dict[str, Any]:
    """Cached: the document does not change while the process lives."""
    specification = document()
    groups: dict[str, Group] = {}
    for tag, operation in _operations(specification):
        groups.setdefault(tag, Group(tag)).operations.append(operation)
    inputs = {"Input"}
    shapes = [
        Shape(name, marked(schema.get("description", "")), rows_of(schema))
        for name, schema in specification["components"]["schemas"].items()
        if schema.get("properties") and name not in inputs
    ]
    about = [marked(paragraph) for paragraph in specification["info"]["description"].strip().split("\n\n")]
    return {"groups": [*groups.values()], "shapes": shapes, "about": about}


class ApiDocsView(TemplateView):
    template_name = "api/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return (
            super().get_context_data(**kwargs)
            | pages_parts()
            | {
                "document_url": reverse("api-v1:openapi-json"),
                "example_url": absolute_url("/api/v1/posts"),
            }
        )
