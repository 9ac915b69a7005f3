"""Analyses a comment once for all rules: words, URLs, disguised letters.

Every step is linear in the length of the text, even for hostile text.
"""

import re
import unicodedata
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, Self

from moderation.spamfilter.engine.hosts import ENDINGS, WORDLIKE_ENDINGS, host_of, is_shared_host
from moderation.spamfilter.engine.letters import (
    CJK,
    DRESSED,
    HIDDEN_IN_ALPHABETS,
    HIDDEN_IN_CJK,
    HIDDEN_IN_LATIN,
    INVISIBLE,
    MAX_MARKS,
    ORNAMENTAL,
    ORNAMENTS,
    PILE,
    STROKES,
    TATWEEL,
    VOWEL_SIGNS,
    WIDE,
    WORD,
    fold_mixed_words,
    join_spaced_letters,
)

# Only the start and the end of a longer text are analysed, which limits the cost.
PART_CHARACTERS = 5000

# How many words of a text are searched for names, and how many names are used.
MAX_NAME_WORDS, MAX_NAMES = 400, 8
ARTICLES = frozenset(
    "the a an my our your this that and but der die das den ein eine el la los las un una mi le les une mon o os as um uma meu il lo".split()
)
ADDRESS = re.compile(r"\b(?:https?|hxxps?|ftp)://[^\s<>\"'\[\]{}|\\^`]+", re.IGNORECASE)
HOST_LIKE = re.compile(r"(?<![\w@.-])[a-z0-9.-]++(?![\w@])", re.IGNORECASE)
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}", re.IGNORECASE)
# "name(at)host(dot)com", "name [at] host.com": an email address written so that people can read it and
# programs cannot.
MAIL_APART = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?[(\[{]\s?(?:at|@|arroba)\s?[)\]}]\s?[a-z0-9-]{1,63}(?:\s?(?:\.|[(\[{]\s?(?:dot|\.|punkt|punto)\s?[)\]}])\s?[a-z0-9-]{1,63}){1,4}",
    re.IGNORECASE,
)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
PHONE = re.compile(r"(?<![\w/.,=-])(?:\+|00)?\(?\d(?:[ ().-]{0,2}\d){8,13}(?![\w/])")
# "2.126.521.750 views", "1 000 000 000": a count, however long, and no phone number.
COUNT = re.compile(r"\d{1,3}(?:[ .]\d{3})+|\d+0{6}")
# "14.03.2021 12", "2021-03-14": never a phone number. An ISBN is none either.
DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d\b|\b(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}\b|\b\d{1,2}:\d\d(?::\d\d)?\b"
)
ISBN = re.compile(r"97[89][ -]?\d")
HANDLE = re.compile(r"(?<![\w.])@[a-z0-9_.]{3,30}", re.IGNORECASE)
# Four or more letters followed by two or three digits, as betting sites are named.
BRAND = re.compile(r"(?<![^\W_])[^\W\d_]{4,14}\d[\W_]?\d(?:[\W_]?\d)?(?![^\W_])")
LEET = str.maketrans("013457@$", "oieastas")
LEET_INSIDE = re.compile(r"(?<=[a-z])[01345@$]+(?=[a-z])")
SENTENCE_END = re.compile(r"[.!?…。！？\n]+\s*")


@dataclass(frozen=True)
class Material:
    """What is known about a comment when it arrives. None means unknown, which is no signal."""

    text: str
    author_name: str = ""
    author_url: str = ""
    profile_urls: tuple[str, ...] = ()
    post_title: str = ""
    first_post: bool | None = None
    trust_level: int | None = None
    seconds_to_submit: float | None = None
    honeypot: str = ""
    # Why the form's token is invalid: "missing", "forged" or "old"; "" if it is valid or none was expected.
    stamp: str = ""
    # The number of others in this network, or with a link to the same site, within the last minutes.
    newcomers_from_block: int = 0
    others_linking_there: int = 0
    same_words_elsewhere: int = 0
    # The number of other accounts, created within a day, that posted from this network.
    new_accounts_from_block: int = 0
    # How much of it is copied from the post, 0 to 1.
    copied_from_post: float = 0.0
    # The number of other new members who used the same rare name within weeks, and the name.
    newcomers_naming: int = 0
    name_of_newcomers: str = ""
    # Whether the author has the same awaiting review already; the number of others who do, and what it is
    # (marks).
    awaits_already: bool = False
    others_waiting: int = 0
    waiting_marks: tuple[str, ...] = ()
    # What a member says about themselves, where naming one's own site is the purpose.
    is_profile: bool = False

    @cached_property
    def analysis(self) -> "TextAnalysis":
        """The analysis of the text."""
        return TextAnalysis(self)

    def with_facts(self, **facts: Any) -> Self:
        """Add what is known besides the text and its author. The text is not analysed again."""
        more = replace(self, **facts)
        analysis = vars(more)["analysis"] = copy(self.analysis)
        analysis.material = more
        return more


@dataclass
class TextAnalysis:
    material: Material
    text: str = field(init=False)
    hidden: int = field(init=False, default=0)
    # Invisible characters where they are unusual but not unheard of, and Arabic words lengthened at several
    # places.
    hidden_in_cjk: int = field(init=False, default=0)
    lengthened: int = field(init=False, default=0)
    invisible: int = field(init=False, default=0)
    ornaments: int = field(init=False, default=0)
    wide: int = field(init=False, default=0)
    strokes: int = field(init=False, default=0)
    piled_marks: int = field(init=False, default=0)
    mixed: list[str] = field(init=False)
    spaced: list[str] = field(init=False)
    leet: int = field(init=False, default=0)
    # Set by the functions that need them (rules.found_phrases, history.sketch_of).
    phrases: dict[str, Any] | None = field(init=False, default=None)
    sketch: tuple[int, ...] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        text = self.material.text
        if len(text) > 2 * PART_CHARACTERS:
            text = f"{text[:PART_CHARACTERS]}\n{text[-PART_CHARACTERS:]}"
        text = text.replace("\r\n", "\n")
        self.given = text
        if not text.isascii():
            self.hidden = sum(1 for _found in HIDDEN_IN_LATIN.finditer(text))
            self.hidden += sum(1 for _found in HIDDEN_IN_ALPHABETS.finditer(text))
            self.hidden_in_cjk = sum(1 for _found in HIDDEN_IN_CJK.finditer(text))
            self.lengthened = sum(1 for word in text.split() if TATWEEL.search(word))
            text, self.invisible = INVISIBLE.subn("", text)
            text, self.strokes = STROKES.subn("", text)
            text = self._plain_letters(text)
        self.text, self.mixed = fold_mixed_words(text)
        self.text, self.spaced = join_spaced_letters(self.text)

    def _plain_letters(self, text: str) -> str:
        """Replace decorative letters by plain ones (NFKC), and drop all but MAX_MARKS marks on a letter."""
        own = sum(1 for sign in text if ord(sign) in ORNAMENTS)
        self.ornaments = own + sum(
            1 for sign in ORNAMENTAL.findall(text) if unicodedata.normalize("NFKC", sign).isascii()
        )
        if own:
            text = text.translate(ORNAMENTS)
        if not CJK.search(text):  # beside Chinese, Japanese and Korean, fullwidth letters are normal
            self.wide = len(WIDE.findall(text))
        # A single character can expand to eighteen; then the start is enough.
        text = unicodedata.normalize("NFKC", text)[: 3 * PART_CHARACTERS]
        if PILE.search(text):
            text, self.piled_marks = PILE.subn(lambda match: match[0][:MAX_MARKS], text)
        return text

    # --- URLs --------------------------------------------------------------------

    @cached_property
    def addresses(self) -> list[str]:
        """URLs with a scheme, then bare ones, each in the order of the analysis."""
        found = [match[0].rstrip(".,;:!?)'*") for match in ADDRESS.finditer(self.text)]
        rest = ADDRESS.sub(" ", self.text)
        for match in HOST_LIKE.finditer(rest):
            name = match[0].strip(".-").lower()
            if "." in name and self._is_bare_host(name):
                end = match.end()
                path = re.compile(r"[/?#][^\s<>\"'\[\]{}|\\^`]*").match(rest, end)
                found.append(match[0].strip(".-") + (path[0].rstrip(".,;:!?)'*") if path else ""))
        return found

    @cached_property
    def beside_addresses(self) -> str:
        text = ADDRESS.sub(" ", self.text)
        for address in self.addresses[:50]:
            if "://" not in address:
                text = text.replace(address, " ")
        return text

    @staticmethod
    def _is_bare_host(name: str) -> bool:
        labels = name.split(".")
        if (
            len(labels) > 6
            or not all(LABEL.fullmatch(label) for label in labels)
            or labels[-1] not in ENDINGS
        ):
            return False
        if labels[-1] in WORDLIKE_ENDINGS and labels[0] != "www" and len(labels) == 2:
            return any(sign.isdigit() or sign == "-" for sign in labels[0])
        return not labels[0].isdigit() or len(labels) > 2

    @cached_property
    def hosts(self) -> list[str]:
        """The hosts of URLs in the text, without duplicates."""
        return [
            host
            for host in dict.fromkeys(
                host_of(address.replace("hxxp", "http", 1)) for address in self.addresses
            )
            if host
        ]

    @cached_property
    def author_hosts(self) -> list[str]:
        urls = (self.material.author_url, *self.material.profile_urls)
        return [host for host in dict.fromkeys(host_of(url) for url in urls if url) if host]

    @cached_property
    def strange_hosts(self) -> list[str]:
        """Hosts in the text that are not common sites."""
        return [host for host in self.hosts if not is_shared_host(host)]

    @cached_property
    def mails(self) -> list[str]:
        """Email addresses, even if spelt apart."""
        found = [match[0].lower() for match in MAIL.finditer(self.text)]
        for match in MAIL_APART.finditer(self.text):
            name, *rest = re.split(r"\s?[(\[{]\s?\S+?\s?[)\]}]\s?|\s?\.\s?", match[0].lower())
            found.append(f"{name}@{'.'.join(filter(None, rest))}")
        return found

    @cached_property
    def phones(self) -> list[str]:
        """Phone numbers as written."""
        found = (match[0] for match in PHONE.finditer(DATE.sub(" ", self.text)))
        return [number for number in found if not COUNT.fullmatch(number) and not ISBN.match(number)]

    @cached_property
    def dressed(self) -> list[str]:
        """Words disguised by ornaments, fullwidth letters, strokes or spaces, in plain form."""
        if self.given.isascii() and not self.spaced:
            return []
        found = list(self.spaced)
        if self.ornaments or self.strokes or self.wide:
            for token in self.given.split()[:1000]:
                if DRESSED.search(token) and len(found) < 20:
                    plain = unicodedata.normalize(
                        "NFKC", STROKES.sub("", INVISIBLE.sub("", token)).translate(ORNAMENTS)
                    )
                    found.append(fold_mixed_words(plain)[0])
        return found

    @cached_property
    def marks(self) -> list[str]:
        """What campaigns repeat.

        Hosts; "mail …", "tel …", "handle …", "name …", "word …" for other contacts; "called …" for names that
        many people have (`names`).
        """
        marks = [*self.hosts[:20], *self.author_hosts[:10]]
        marks += [f"mail {mail}" for mail in self.mails[:5]]
        marks += [
            f"tel {digits}" for found in self.phones[:5] if (digits := "".join(filter(str.isdigit, found)))
        ]
        marks += [f"handle {handle.lower().rstrip('.')}" for handle in HANDLE.findall(self.text)[:5]]
        if self.signature and sum(word[:1].isupper() for word in self.signature.split()) >= 2:
            marks.append(f"name {''.join(filter(str.isalnum, self.signature.casefold()))[:40]}")
        for name in (*BRAND.findall(self.text)[:10], *self.dressed[:20]):
            skeleton = "".join(sign for sign in name.casefold() if sign.isalnum())
            if 5 <= len(skeleton) <= 40:
                # A word in decorative letters is harmless; followed by a number, it is a name to search for.
                marks.append(
                    f"{'name' if skeleton[-1].isdigit() or skeleton[-2].isdigit() else 'word'} {skeleton}"
                )
        marks += [f"called {name}" for name in self.names]
        return [mark[:260] for mark in dict.fromkeys(marks)]

    @cached_property
    def names(self) -> list[str]:
        """Names, in lowercase: two to five capitalised words in a row without an article before them."""
        runs: list[list[str]] = [[]]
        end = -1
        for match in islice(WORD.finditer(self.text), MAX_NAME_WORDS):
            word = match[0].casefold()
            is_next = match.start() == end + 1 and self.text[end] == " "
            end = match.end()
            if not match[0][:1].isupper() or word in ARTICLES:
                runs.append([])
            elif is_next:
                runs[-1].append(word)
            else:
                runs.append([word])
        return list(dict.fromkeys(" ".join(run) for run in runs if 2 <= len(run) <= 5))[:MAX_NAMES]

    @cached_property
    def signature(self) -> str:
        """The last line or sentence if it stands alone: two to eight words without a full stop; else ""."""
        text = self.text.rstrip()
        parts = [part.strip() for part in SENTENCE_END.split(text) if part.strip()]
        if len(parts) < 2 or text[-1] in ".!?…。！？)":
            return ""
        last = parts[-1]
        is_short = 2 <= len(WORD.findall(last)) <= 8 or (bool(CJK.search(last)) and 5 <= len(last) <= 20)
        return last if is_short and host_of(last) not in self.hosts else ""

    # --- text ---------------------------------------------------------------------

    @cached_property
    def plain(self) -> str:
        """The input of the word lists, without URLs, in lowercase, and with digits in words made letters."""
        text = ADDRESS.sub(" ", self.text).casefold().replace("’", "'")
        if not text.isascii():
            text = VOWEL_SIGNS.sub("", text)
        if not any(sign in text for sign in "013457@$"):
            return text
        text, self.leet = LEET_INSIDE.subn(lambda match: match[0].translate(LEET), text)
        words = text.split()
        mixed = sum(
            1
            for word in words
            if not word.isdigit()
            and any(sign.isalpha() for sign in word)
            and any(sign in "01345" for sign in word)
        )
        if self.leet >= 2 and 4 * (mixed + self.leet) >= len(words):
            self.leet += mixed
            text = text.translate(LEET)
        return text

    @cached_property
    def words(self) -> list[str]:
        return WORD.findall(self.plain)

    @cached_property
    def spoken(self) -> str:
        """The text with single spaces and one at each end, so that " whole phrases " can be found."""
        return f" {' '.join(self.words)} "

    def shingles(self) -> Iterator[str]:
        """Five letters in a row, ignoring spaces and punctuation: what near-duplicates share."""
        skeleton = "".join(self.words) or "".join(self.text.split())
        if len(skeleton) < 5:
            yield skeleton
        for start in range(len(skeleton) - 4):
            yield skeleton[start : start + 5]
