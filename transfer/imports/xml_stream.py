"""A streaming XML reader for any size. No DTDs or custom entities; invalid characters are repaired."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast
from xml.parsers import expat

from django.utils.translation import gettext as _

from transfer.imports.stream import ImportRefused
from transfer.wordpress.repair import BYTES_MARK, MARKS, Decoder, XmlRepairer, take_marks

MAX_TEXT_CHARACTERS = 5_000_000
MAX_TAG_BYTES = 1024 * 1024
MAX_DEPTH = 40
# In one post or comment.
MAX_ELEMENTS = 10_000
MAX_ELEMENT_CHARACTERS = 20_000_000
# The parser's error codes for a truncated file.
INCOMPLETE = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


@dataclass(slots=True)
class Element:
    """name and attributes are "namespace name", or the bare name without a namespace."""

    name: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)
    repairs: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        return "".join(self.words).strip()

    @property
    def bare_name(self) -> str:
        return self.name.rpartition(" ")[2]

    def child(self, name: str) -> "Element | None":
        """The first child with that name, in any namespace unless one is given."""
        return next((one for one in self.children if name in {one.name, one.bare_name}), None)

    def all(self, name: str) -> list["Element"]:
        return [one for one in self.children if name in {one.name, one.bare_name}]

    def text_at(self, *path: str) -> str:
        """The text at the end of a path of children, or ""."""
        here: Element | None = self
        for name in path:
            here = here.child(name) if here else None
        return here.text if here else ""

    def attribute(self, name: str) -> str:
        return next((value for key, value in self.attributes.items() if name == key.rpartition(" ")[2]), "")


class _Target:
    def __init__(self, depth: int, legacy: str) -> None:
        self.depth, self.legacy = depth, legacy
        self.done: list[Element] = []
        self.open: list[Element] = []
        self.length = self.inside = self.size = 0
        # Not resolved by the parser: it refuses files with undeclared prefixes, which some tools produce.
        self.spaces = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.StartDoctypeDeclHandler = self.declared
        self.parser.EntityDeclHandler = self.declared

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber

    def declared(self, *_declaration: Any) -> None:
        raise ImportRefused(
            _("Line %(line)s: it defines a document type or entities, which no export does.")
            % {"line": self.line}
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        spaces = self._declared_by(attributes)
        self.spaces.append(spaces)
        # Attributes without a prefix have no namespace.
        values = {
            _full(key, spaces) if ":" in key else key: take_marks(value)[0]
            for key, value in attributes.items()
        }
        self.open.append(Element(_full(name, spaces), values))
        self.length = 0
        self._measure(sum(map(len, attributes.values())))
        self.inside = self.inside + 1 if len(self.open) > self.depth + 1 else 0
        if self.inside > MAX_ELEMENTS:
            raise ImportRefused(
                _("Line %(line)s: more than %(elements)s elements in one, more than in any export.")
                % {"line": self.line, "elements": f"{MAX_ELEMENTS:,}"}
            )
        if len(self.open) > MAX_DEPTH:
            raise ImportRefused(
                _("Line %(line)s: elements nested %(depth)s deep, deeper than in any export.")
                % {"line": self.line, "depth": MAX_DEPTH}
            )

    def _declared_by(self, attributes: dict[str, str]) -> dict[str, str]:
        """The namespaces in scope by prefix. Removes the declarations from the attributes."""
        names = [name for name in attributes if name == "xmlns" or name.startswith("xmlns:")]
        if not names:
            return self.spaces[-1]
        return self.spaces[-1] | {name[6:]: attributes.pop(name) for name in names}

    def data(self, words: str) -> None:
        self.length += len(words)
        if self.length > MAX_TEXT_CHARACTERS:
            raise ImportRefused(
                _("Line %(line)s: a text longer than %(characters)s characters.")
                % {"line": self.line, "characters": f"{MAX_TEXT_CHARACTERS:,}"}
            )
        self._measure(len(words))
        if self.open:
            self.open[-1].words.append(words)

    def _measure(self, more: int) -> None:
        """Limit the size of an element at the depth, which is kept whole until its end."""
        self.size += more
        if self.size > MAX_ELEMENT_CHARACTERS:
            raise ImportRefused(
                _(
                    "Line %(line)s: a post or comment of more than %(characters)s characters, more than in any export."
                )
                % {"line": self.line, "characters": f"{MAX_ELEMENT_CHARACTERS:,}"}
            )

    def end(self, _name: str) -> None:
        element = self.open.pop()
        self.spaces.pop()
        text, marks = take_marks("".join(element.words))
        element.words = [text]
        element.repairs |= {
            str(MARKS[mark] % self.legacy if mark == BYTES_MARK else MARKS[mark]) for mark in marks
        }
        if len(self.open) == self.depth:
            self.done.append(element)
            self.size = 0
        elif len(self.open) > self.depth:
            self.open[-1].children.append(element)
            self.open[-1].repairs |= element.repairs


def _full(name: str, spaces: dict[str, str]) -> str:
    """ "namespace name"; the bare name without a namespace or with an undeclared prefix."""
    prefix, colon, local = name.partition(":")
    space = spaces.get(prefix if colon else "", "")
    return f"{space} {local if colon else name}" if space else (local if colon else name)


def elements(file: IO[bytes], depth: int = 1) -> Iterator[Element]:
    """The complete elements at a depth (1: children of the root), one by one. Raises ImportRefused."""
    decoder, mender = Decoder(cast("Any", file)), XmlRepairer()
    target = _Target(depth, decoder.legacy)
    fed = 0
    has_begun = False
    try:
        for text in decoder.read():
            if not has_begun:  # text that a server or person put before the first tag
                has_begun = "<" in text
                text = text[text.find("<") :] if has_begun else ""
            data = mender.mend(text).encode()
            target.parser.Parse(data, False)
            fed += len(data)
            if fed - max(target.parser.CurrentByteIndex, 0) > MAX_TAG_BYTES:
                raise ImportRefused(
                    _("Line %(line)s: a tag longer than %(tag)s bytes.")
                    % {"line": target.line, "tag": f"{MAX_TAG_BYTES:,}"}
                )
            yield from target.done
            target.done.clear()
        target.parser.Parse(mender.mend("", is_end=True).encode(), True)
    except expat.ExpatError as error:
        raise ImportRefused(why_broken(error)) from None
    except (ValueError, LookupError) as error:
        raise ImportRefused(
            _("Its encoding can’t be read (%(error)s).") % {"error": str(error)[:100]}
        ) from None
    yield from target.done


def why_broken(error: expat.ExpatError) -> str:
    """What is wrong with an XML file and where, as sentences for the host."""
    values = {"line": error.lineno, "column": error.offset + 1, "error": expat.ErrorString(error.code)}
    if error.code in INCOMPLETE:
        return (
            _(
                "The file is incomplete. Export it again. (Line %(line)s, column %(column)s: it ends in the middle.)"
            )
            % values
        )
    return _("Line %(line)s, column %(column)s: not well-formed XML (%(error)s).") % values
