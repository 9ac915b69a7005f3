"""Front matter of Markdown files: TOML between +++, YAML between ---, or a JSON object.

Hugo, Jekyll and others write it.
"""

import json
import re
import tomllib
from typing import Any

import yaml

MAX_CHARACTERS = 64 * 1024
YAML_HEAD = re.compile(r"---[ \t]*\n(.*?)(?:\n|\A)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
TOML_HEAD = re.compile(r"\+\+\+[ \t]*\n(.*?)(?:\n|\A)\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
# PyYAML documents only YAMLError, but its constructors raise anything ("!!bool abc", "!!timestamp abc").
UNREADABLE = (
    yaml.YAMLError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,  # of tomllib and json too
)
LINE = re.compile(r"^\s{0,4}[\"']?([A-Za-z_][\w-]{0,40})[\"']?\s*[:=]\s*(.+?)\s*$", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """Plain values only.

    Dates stay text, because an invalid one would abort parsing. Aliases are refused.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not read")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def split(source: str) -> tuple[dict[str, Any] | None, str, bool]:
    """(values, the text after them, whether everything was parsed). None if there is no front matter.

    Keys are in lowercase.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if source.startswith("{"):
        return _split_json(source)
    for pattern, read in ((YAML_HEAD, _yaml), (TOML_HEAD, tomllib.loads)):
        if (head := pattern.match(source)) is not None:
            text = source[head.end() :]
            if len(head[1]) > MAX_CHARACTERS:
                return {}, text, False
            try:
                values = read(head[1])
                if values is None:
                    values = {}
                return (_small(values), text, True) if isinstance(values, dict) else (None, source, True)
            except UNREADABLE:
                return _line_by_line(head[1]), text, False
    return None, source, True


def _split_json(source: str) -> tuple[dict[str, Any] | None, str, bool]:
    try:
        values, end = json.JSONDecoder().raw_decode(source[:MAX_CHARACTERS])
    except (ValueError, RecursionError):
        return None, source, True
    return (
        (_small(values), source[end:].lstrip("\n"), True)
        if isinstance(values, dict)
        else (None, source, True)
    )


def _yaml(text: str) -> Any:
    return yaml.load(text, _Loader)  # noqa: S506 - it is a SafeLoader


def _line_by_line(head: str) -> dict[str, Any]:
    """What can be parsed of invalid front matter: an unquoted colon in the title, an impossible date."""
    return {name.lower(): value.strip("\"'") for name, value in LINE.findall(head)}


def _small(values: dict[Any, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in values.items()}
