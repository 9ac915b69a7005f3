"""What somebody wrote in an answer to a mail of ours: without the mail it quotes, and without a signature.

Mail programs write "On … wrote:" in every language there is, so words are no help. What helps is that we know the mail that
is quoted: it stands behind ">", or under a block of fields, or under a line with a date that names us. Every step looks at
each line a fixed number of times, whatever somebody sends.
"""

import re
from itertools import takewhile

# "-- " is what standards say; the rest is what telephones add.
SIGNATURE = re.compile(r"-- ?$")
SENT_FROM = re.compile(
    r"(?:sent (?:from|via|using|with) |get outlook for |von (?:meinem|meiner|unterwegs)|gesendet (?:mit|von|über)|holen sie sich outlook|"
    r"envoy[ée] (?:de|depuis|à partir|avec)|télécharger outlook|obtenir outlook|enviado (?:desde|do|de|por)|obtener outlook|obter o outlook|"
    r"inviato (?:da|dal|con)|scarica outlook|verzonden (?:vanaf|met|via|vanuit)|outlook voor |wysłane? z|wysłano z|skickat från|sendt fra|sendt via|"
    r"lähetetty|odesláno z|отправлено (?:с|из)|надіслано з|odoslané z|trimis de pe|küldve |iphone'umdan|iphoneから送信|从我的|傳送自)",  # noqa: RUF001
    re.IGNORECASE,
)
SEPARATOR = re.compile(r"\s*(?:-{4,}[^-\n]{2,60}-{4,}|_{20,})\s*$")
FIELD = re.compile(r"[*\s]{0,3}[^\s:*<>][^:<>\n]{0,30}:\*?\s+\S")
DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}월|\d{1,2}日")
ADDRESS = re.compile(r"<?[^\s<>@]{1,100}@[^\s<>@]{1,100}>?")
# Signed addresses stand in every mail of ours. Whoever quotes it must not publish them.
SECRET = re.compile(r"/unsubscribe/\S", re.IGNORECASE)
INTRO_LINES = 3
FIELDS_IN_BLOCK = 3
MOST_LINES = 5000
LONGEST_LINE_LOOKED_AT = 1000


def cut(text: str, names: list[str]) -> str:
    """The new words of an answer.

    names: what stands in the head of our mails, by which a quoted one is known: addresses, the name of the site.
    """
    lines = [line.rstrip() for line in re.sub(r"\r\n?", "\n", text).split("\n")[:MOST_LINES]]
    lines = lines[: _end_of_own_words(lines, [name.lower() for name in names if name])]
    lines, had_intro = _without_intros(lines)
    lines = _without_foot_of_quote(lines)
    lines = _without_signature(lines)
    while lines and (not lines[-1] or _is_quote(lines[-1])):
        lines.pop()
    if had_intro:
        lines = _without_leading_quote(lines)
    lines = _without_signature(lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_quote(line: str) -> bool:
    return line.lstrip().startswith(">")


def _end_of_own_words(lines: list[str], names: list[str]) -> int:
    """The first line of what is plainly our mail, or of a block of fields or a rule that stands before it."""
    for at, line in enumerate(lines):
        start = line[:LONGEST_LINE_LOOKED_AT]
        if _is_quote(line):
            continue
        if SECRET.search(start):
            return at
        if SEPARATOR.match(start) and _names_us(lines[at + 1 : at + 8], names):
            return at
        if FIELD.match(start):
            block = list(takewhile(bool, lines[at : at + 6]))
            if sum(bool(FIELD.match(one[:LONGEST_LINE_LOOKED_AT])) for one in block) >= FIELDS_IN_BLOCK and _names_us(block, names):
                return at
        if _ends_intro(lines, at) and not _is_followed_by_quote(lines, at) and _names_us(lines[max(0, at - INTRO_LINES + 1) : at + 1], names):
            return _start_of_intro(lines, at)
    return len(lines)


def _names_us(lines: list[str], names: list[str]) -> bool:
    return any(name in line[:LONGEST_LINE_LOOKED_AT].lower() for line in lines for name in names)


def _ends_intro(lines: list[str], at: int) -> bool:
    """Whether the line at that place ends "On 3 May 2027, 10:15, The Long Table wrote:", which may take up some lines."""
    return not _is_quote(lines[at]) and lines[at][-1:] in {":", "\N{FULLWIDTH COLON}"} and _start_of_intro(lines, at) >= 0


def _start_of_intro(lines: list[str], at: int) -> int:
    """Where the words with a date in them begin that end at that line; -1 where there is no date."""
    for start in range(at, max(-1, at - INTRO_LINES), -1):
        if not lines[start]:
            break
        if DATE.search(ADDRESS.sub("", lines[start][:LONGEST_LINE_LOOKED_AT])):
            return start
    return -1


def _is_followed_by_quote(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at + 1 : at + 4] if line), "")
    return _is_quote(following)


def _without_intros(lines: list[str]) -> tuple[list[str], bool]:
    """Without the lines that say whose words are quoted below them."""
    left: list[str] = []
    kept_until = 0
    for at in range(len(lines)):
        if _ends_intro(lines, at) and _is_followed_by_quote(lines, at):
            left += lines[kept_until : max(kept_until, _start_of_intro(lines, at))]
            kept_until = at + 1
    return left + lines[kept_until:], kept_until > 0


def _without_foot_of_quote(lines: list[str]) -> list[str]:
    """Of each quotation only the part above our signature: behind it stand the signed addresses of the reader."""
    left = []
    is_foot = False
    for line in lines:
        bare = line.lstrip("> ")
        if not _is_quote(line):
            is_foot = False
        elif is_foot or SIGNATURE.match(bare):
            is_foot = True
            continue
        if not (_is_quote(line) and SECRET.search(line)):
            left.append(line)
    return left


def _without_leading_quote(lines: list[str]) -> list[str]:
    """Who answers below the whole mail quotes it for nothing. Who answers piece by piece means the pieces."""
    start = next((at for at, line in enumerate(lines) if line), len(lines))
    end = next((at for at in range(start, len(lines)) if lines[at] and not _is_quote(lines[at])), len(lines))
    is_only_one = not any(_is_quote(line) for line in lines[end:])
    return lines[end:] if end > start and is_only_one else lines


def _without_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if not _is_quote(line) and SIGNATURE.fullmatch(line):
            # A rule between two thoughts stands in the middle; a signature has little below it.
            if sum(bool(one) and not _is_quote(one) for one in lines[at + 1 :]) <= 10:
                lines = lines[:at]
            break
    while lines and not lines[-1]:
        lines = lines[:-1]
    if lines and len(lines[-1]) <= 100 and SENT_FROM.match(lines[-1].lstrip("*_ ")):
        return lines[:-1]
    return lines
