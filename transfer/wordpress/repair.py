"""Repairs an export's bytes so that an XML parser can read them, and marks the repairs.

Exports contain what XML does not allow: control characters, bytes in another encoding, "&nbsp;", blank lines
and PHP messages before the first tag. None of these is a reason to refuse a whole blog. A mark is a Unicode
noncharacter (U+FDD0 and the two after it), which XML 1.0 allows and no text uses. The code that takes a text
out of the XML finds it (`take_marks`) and can name the post or comment. Line numbers do not change.
"""

import codecs
import html
import re
from collections.abc import Iterator
from html.entities import html5
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CHUNK_BYTES = 64 * 1024
CONTROL_MARK, BYTES_MARK, ENTITY_MARK = "\ufdd0", "\ufdd1", "\ufdd2"
MARKS = {
    CONTROL_MARK: gettext_lazy("a control character is left out"),
    BYTES_MARK: gettext_lazy("some characters were not in the encoding of the file and are read as %s"),
    ENTITY_MARK: gettext_lazy("a character that is not valid XML is read as HTML"),
}
NO_XML_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MARKED = re.compile("[\ufdd0-\ufdd2]")
# Up to version 2.5, WordPress wrote HTML and unescaped characters directly into these elements, without
# CDATA.
RAW = r"<((?:[\w.-]{1,40}:)?(?:title|encoded|comment_author|comment_author_url|comment_content|meta_value))>"
SECTION = re.compile(rf"<!\[CDATA\[|<!--|<\?|{RAW}(?!\s*<!\[CDATA\[)")
SECTION_END = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
LONGEST_RAW = 5_000_000
# The possible start of a section or reference that continues in the next chunk.
UNFINISHED = re.compile(
    rf"(?:{RAW}\s{{0,100}}(?:<(?:!(?:\[(?:C(?:D(?:A(?:TA?)?)?)?)?)?)?)?|<(?:!(?:-|\[(?:C(?:D(?:A(?:TA?)?)?)?)?)?)?|<[\w.:-]{{1,60}}|&[#\w]{{0,40}}|\]{{1,2}})\Z"
)
REFERENCE = re.compile(
    r"\]\]>|&(?!(?:amp|lt|gt|quot|apos);)(#[0-9]{1,9};|#[xX][0-9a-fA-F]{1,8};|[A-Za-z][A-Za-z0-9]{1,31};)?"
)
BEFORE_RSS = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE|<rss(?=[\s>])", re.DOTALL | re.IGNORECASE
)

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
LANGUAGE = re.compile(rb"<language>(?:<!\[CDATA\[)?\s*([A-Za-z]{2,3})\b")
ENCODINGS = (
    "utf-",
    "iso8859",
    "cp",
    "koi8",
    "mac",
    "big5",
    "gb",
    "euc",
    "shift_jis",
    "iso2022",
    "tis",
    "ascii",
)
ONE_BYTE = ("iso8859", "cp125", "koi8", "mac", "tis", "ascii")
# The most likely encoding of bytes that are not UTF-8, by the blog's language
# (https://encoding.spec.whatwg.org/#determining-the-character-encoding).
LEGACY = {
    language: f"cp{page}"
    for page, languages in {
        1250: "cs hr hu pl ro sk sl",
        1251: "be bg mk ru sr uk",
        1253: "el",
        1254: "tr ku",
        1255: "he",
        1256: "ar fa",
        1257: "et lt lv",
        1258: "vi",
        874: "th",
    }.items()
    for language in languages.split()
}


def _register(codec: str) -> str:
    """The name of an error handler that decodes invalid bytes with another encoding and marks them."""

    def read_otherwise(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        wrong = error.object[error.start : error.end]
        return "".join(_one(bytes([byte]), codec) for byte in wrong) + BYTES_MARK, error.end

    codecs.register_error(f"wxr-{codec}", read_otherwise)
    return f"wxr-{codec}"


def _one(byte: bytes, codec: str) -> str:
    try:
        return byte.decode(codec)
    except UnicodeDecodeError:
        return byte.decode("latin-1")


HANDLERS = {codec: _register(codec) for codec in {"cp1252", *LEGACY.values()}}


class Decoder:
    """Detects the actual encoding of a file. `notes` record differences from the declared one."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.notes: list[str] = []
        head = file.read(CHUNK_BYTES)
        file.seek(0)
        language = LANGUAGE.search(head)
        self.legacy = LEGACY.get(language[1].decode("ascii").lower(), "cp1252") if language else "cp1252"
        self.encoding = next(
            (name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), ""
        ) or self._by_declaration(head)

    def _by_declaration(self, head: bytes) -> str:
        declared = DECLARED.search(head.partition(b"<rss")[0])
        name = declared[1].decode("ascii") if declared else "utf-8"
        try:
            codec = codecs.lookup(name).name
        except LookupError:
            codec = ""
        if not codec.startswith(ENCODINGS) or codec == "utf-7":
            self.notes.append(
                _("The file declares the encoding %(name)s, which is not supported; it is read as UTF-8.")
                % {"name": name}
            )
            return "utf-8"
        if codec.startswith(("utf-16", "utf-32")):  # a readable declaration cannot be in these encodings
            return "utf-8"
        if codec.startswith(ONE_BYTE):
            is_ascii, is_utf8 = self._looks()
            if is_utf8:
                if not is_ascii:
                    self.notes.append(
                        _("The file declares the encoding %(name)s but is in UTF-8; it is read as UTF-8.")
                        % {"name": name}
                    )
                return "utf-8"
        return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(
            codec, codec
        )  # as browsers do (encoding.spec.whatwg.org/#names-and-labels)

    def _looks(self) -> tuple[bool, bool]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_ascii = True
        try:
            while chunk := self.file.read(CHUNK_BYTES):
                is_ascii = is_ascii and chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False, False
        finally:
            self.file.seek(0)
        return is_ascii, True

    def read(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)(HANDLERS[self.legacy])
        while chunk := self.file.read(CHUNK_BYTES):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", True)


class XmlRepairer:
    """Takes decoded text and returns XML without comments and declarations."""

    def __init__(self) -> None:
        self.rest = ""
        self.section = ""
        self.is_begun = False
        self.notes: list[str] = []

    def mend(self, text: str, is_end: bool = False) -> str:
        text, self.rest = self.rest + text, ""
        if not self.is_begun:
            self.is_begun = True
            text = self._from_rss(text)
        out, here = list[str](), 0
        while here < len(text):
            here = (
                self._through_section(text, here, is_end, out)
                if self.section
                else self._to_section(text, here, is_end, out)
            )
        return "".join(out)

    def _from_rss(self, text: str) -> str:
        """The text from its first element on. Unchanged if there is none, or after a DTD."""
        done, junk = 0, ""
        for match in BEFORE_RSS.finditer(text):
            junk += text[done : match.start()]
            done = match.end()
            if match[0].lower().startswith("<!doctype"):
                break
            if match[0].lower() == "<rss":
                if junk.strip("\ufeff \t\r\n"):
                    self.notes.append(_("Text before <rss> is ignored."))
                return "\n" * text.count("\n", 0, match.start()) + text[match.start() :]
        return text.lstrip("\ufeff")

    def _through_section(self, text: str, here: int, is_end: bool, out: list[str]) -> int:
        if self.section not in SECTION_END:
            return self._through_raw(text, here, is_end, out)
        closing = SECTION_END[self.section]
        found = text.find(closing, here)
        end = (
            found + len(closing)
            if found >= 0
            else len(text)
            if is_end
            else max(here, len(text) - len(closing) + 1)
        )
        words = text[here:end]
        out.append(
            NO_XML_CHARACTER.sub(CONTROL_MARK, words)
            if self.section == "<![CDATA["
            else "\n" * words.count("\n")
        )
        if found >= 0:
            self.section = ""
        else:
            self.rest, end = text[end:], len(text)
        return end

    def _through_raw(self, text: str, here: int, is_end: bool, out: list[str]) -> int:
        """Copy text in elements without CDATA. If it contains tags or bare characters, all of it is HTML."""
        end = text.find(self.section, here)
        if end < 0 and not is_end and len(text) - here < LONGEST_RAW:
            self.rest = text[here:]
            return len(text)
        self.section = ""
        words = text[here:end] if end >= 0 else ""
        if "<" not in words or "<![CDATA[" in words:
            return self._to_section(text, here, is_end, out)
        out.append(
            "<![CDATA[" + NO_XML_CHARACTER.sub(CONTROL_MARK, words).replace("]]>", "]]]]><![CDATA[>") + "]]>"
        )
        return end

    def _to_section(self, text: str, here: int, is_end: bool, out: list[str]) -> int:
        start = SECTION.search(text, here)
        end = start.start() if start else len(text)
        words = text[here:end]
        if start is None and not is_end and (unfinished := UNFINISHED.search(words)):
            self.rest, words = words[unfinished.start() :], words[: unfinished.start()]
        out.append(REFERENCE.sub(_as_xml, NO_XML_CHARACTER.sub(CONTROL_MARK, words)))
        if start is None:
            return end
        self.section = f"</{start[1]}>" if start[1] else start[0]
        if start[1] or start[0] == "<![CDATA[":
            out.append(start[0])
        return start.end()


def _as_xml(match: re.Match[str]) -> str:
    """A reference, or a bare "&", as valid XML."""
    name = match[1]
    if match[0] == "]]>":
        return f"]]&gt;{ENTITY_MARK}"
    if name is None:
        return f"&amp;{ENTITY_MARK}"
    if name.startswith("#"):
        number = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
        if number > 0x10FFFF or NO_XML_CHARACTER.match(chr(number)):
            return CONTROL_MARK
        return f"&#{number};"
    if name in html5:
        return html.escape(html5[name]) + ENTITY_MARK
    return f"&amp;{name}{ENTITY_MARK}"


def take_marks(text: str) -> tuple[str, set[str]]:
    """A text without marks, and the marks that it contained."""
    marks = set(MARKED.findall(text))
    return (MARKED.sub("", text), marks) if marks else (text, marks)
