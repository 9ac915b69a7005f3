"""The rules: each looks for one kind of signal and yields reasons. settings.SPAM_CHECKS lists them in order.

Weights are log-odds: a comment without any signal has -3 (one in twenty is spam); 0 means 50 %.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.utils.reasons import Reason
from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.hosts import SHORTENERS, host_of, is_shared_host
from moderation.spamfilter.engine.letters import CJK, WORD
from moderation.spamfilter.engine.text import ADDRESS, BRAND, TextAnalysis
from moderation.spamfilter.engine.wordlists import (
    ALIASES,
    CALL_PIECES,
    COMMON,
    LEXICON,
    OFFERS,
    PIECES,
    PRAISE_PIECES,
    SEARCH_NAME,
    Phrase,
)

MONEY = re.compile(
    r"[$€£₹]\s?\d|\d\s?(?:[$€£₹]|usd\b|dollars?\b|eur\b|euros?\b|btc\b|eth\b|usdt\b|rb\b|jt\b|juta\b)|\d\s?%",
    re.IGNORECASE,
)
SPINTAX = re.compile(r"\{[^{}|\n]{1,80}(?:\|[^{}|\n]{0,80}){1,30}\}")
PLACEHOLDER = re.compile(
    r"%(?:[a-z]+_?){1,3}%|#file_links|\[(?:keyword|anchor|link|name|site|url)s?\]|\{(?:keyword|anchor|link|name|site|url)s?\}",
    re.IGNORECASE,
)
MARKUP = re.compile(
    r"\[/?(?:url|link|b|img)(?:=[^\]\s]{0,300})?\]|</?(?:a|script|iframe|img|font|strong|h[1-6])[\s>]|&lt;a\s",
    re.IGNORECASE,
)
# "Name88", "name777", "Name4D", "NAME138": betting houses take lucky numbers into their names, in every language that
# has spaces. Handles, tags and addresses are none, nor "page 88" or "9.99".
HOUSE_NAME = re.compile(
    r"(?<![\w@#/.:=-])[a-zà-ɏЀ-ӿ]{3,14}(?:4\.?d|([789])[^\w\s.,]?\1(?:[^\w\s.,]?\1)?|1[36]8)(?![^\W_])",
    re.IGNORECASE,
)
# "name . com", "name(dot)com", "www.name. com/page": a URL written so that people can read it and programs
# cannot.
BROKEN_ADDRESS = re.compile(
    r"\b[a-z0-9][a-z0-9-]{2,40}(?:\s{1,3}\.\s{0,3}|\s{0,3}[(\[]\s?(?:dot|\.)\s?[)\]]\s{0,3})(?:com|net|org|info|biz|ru|tk|xyz)\b(?!\.?\w)"
    r"|\bwww\s?\.\s?[a-z0-9-]{2,40}\s?\.\s{1,3}[a-z]{2,6}\b|\b[a-z0-9][a-z0-9-]{2,40}\.\s{1,3}com\s?/",
    re.IGNORECASE,
)
POINTERS = re.compile("[👉👇☝➤➜➡►▶⇒→⬇⏩🔗⤵💰💸🤑🎰💵📲📞✅🔥💋😘🍑💦]|>>|=>|->")
REFERRAL = re.compile(
    r"[?&](?:ref|refid|referral|referrer|aff|affid|affiliate|affiliate_id|r|invite|promo|tag|partner|clickid)=\w|/(?:ref|aff|affiliate|referral|invite)/\w",
    re.IGNORECASE,
)
FUNDRAISERS = frozenset(
    "gofundme.com indiegogo.com kickstarter.com paypal.me paypal.com patreon.com ko-fi.com buymeacoffee.com justgiving.com".split()
)
# Top-level domains that cost next to nothing and are rare among lasting sites.
UNSURE_INSIDE = frozenset(
    "writing writers garage stream repair design camera training security kitchen bathroom windows beauty fashion travel market movies website battery course courses college injury energy".split()
)
THROWAWAY = frozenset(
    "top xyz club shop store site online icu buzz cyou sbs bet casino vip win loan loans click link monster cfd bond quest fun space website live xxx porn sex cam adult rest bar work".split()
)

# Commercial words that are too long to occur within another word.
TRADE_INSIDE = re.compile(
    "|".join(sorted(word for word in SEARCH_NAME if len(word) >= 6 and word not in UNSURE_INSIDE))
)


@dataclass(frozen=True)
class Signal:
    """One reason. `weight` is added to the score; with hard evidence and a high score a comment is blocked.

    code: what the classifier learns from. variant: which of the code's sentences applies
    (moderation.spamfilter.sentences).
    """

    code: str
    weight: float
    variant: str = ""
    is_hard: bool = False
    # What to highlight in the text: words, hosts.
    marks: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        """The form in which it is stored with a comment, without any text (core.utils.reasons)."""
        reason: Reason = {"code": self.code, "marks": list(self.marks)}
        if self.variant:
            reason["variant"] = self.variant
        return reason


def found_phrases(analysis: TextAnalysis) -> dict[str, dict[tuple[str, ...], Phrase]]:
    """Phrases of the word lists by topic, each counted once. Cached on the analysis for several checks."""
    if analysis.phrases is None:
        analysis.phrases = {}
        words: list[str] = []
        for word in analysis.words:
            plain = ALIASES.get(word, word)
            words.extend(plain.split() if " " in plain else [plain])
        for _start, phrase in LEXICON.find(words):
            analysis.phrases.setdefault(phrase.topic, {})[phrase.words] = phrase
    return analysis.phrases


def strength(analysis: TextAnalysis, topic: str) -> float:
    return sum(phrase.weight for phrase in found_phrases(analysis).get(topic, {}).values())


def marks(analysis: TextAnalysis, topic: str) -> tuple[str, ...]:
    return tuple(" ".join(words) for words in found_phrases(analysis).get(topic, {}))


# Topics that nobody names in a few words about themselves unless they sell it.
VICES = frozenset({"gambling", "adult", "magic"})


def max_weight(analysis: TextAnalysis, topic: str, pieces: list[str]) -> float:
    """How clearly commercial the clearest phrase of a topic is."""
    weights = [phrase.weight for phrase in found_phrases(analysis).get(topic, {}).values()]
    return max([*weights, 1.0 * bool(pieces)])


def pieces_in(analysis: TextAnalysis, pieces: list[str], whole: tuple[str, ...]) -> list[str]:
    """The word fragments in the text, without those that are in a phrase or fragment found already.

    "казино" is in both lists, and "онлайн казино" contains it: that is one offer, not three.
    """
    found = sorted((piece for piece in pieces if piece in analysis.plain), key=len, reverse=True)
    counted: list[str] = []
    for piece in found:
        if not any(piece in other for other in (*whole, *counted)):
            counted.append(piece)
    return counted


def ways_to_reach(analysis: TextAnalysis) -> float:
    """How clearly the text leads elsewhere: by unknown URL, email, phone number, handle or call to action."""
    ways = 1.0 * bool(analysis.strange_hosts) + 1.0 * bool(analysis.mails) + 1.0 * bool(analysis.phones)
    calls = strength(analysis, "calls") + sum(word in analysis.plain for word in CALL_PIECES)
    return min(2.5, ways + 0.5 * min(calls, 2.0))


# --- the text -----------------------------------------------------------------


def offers(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Commercial words.

    They weigh little alone, since people discuss casinos and pills too; much with a way to buy.
    """
    ways = ways_to_reach(analysis)
    has_cjk = not analysis.text.isascii()
    for topic in OFFERS:
        found = strength(analysis, topic)
        whole = marks(analysis, topic)
        own = pieces_in(analysis, PIECES.get(topic, []), whole) if has_cjk else []
        found += len(own)
        if not found:
            continue
        # In a long comment a commercial word occurs by coincidence; in two lines it is the subject.
        found *= min(1.0, 60 / max(len(analysis.words), 1) + 0.3)
        weight = min(2.2, 0.9 * found)
        if found >= 0.9 or (found >= 0.5 and ways >= 1):
            weight += min(2.6, (0.7 * ways + 0.5 * bool(MONEY.search(analysis.text))) * min(found, 2))
        if analysis.material.is_profile and topic in VICES and max_weight(analysis, topic, own) >= 1:
            # Where people say who they are, a casino bonus is what they sell.
            weight += 1.2
        if weight >= 0.4:
            yield Signal(f"offer_{topic}", weight, marks=(*whole, *own))


# "Subscribe to the comments" is advice among readers.
SUBSCRIBING = re.compile(
    r"\b(?:subscribe to|abonnieren|abonniert|suscribir\w* a|abonner aux?|assinar)\b[^.!?]{0,12}\b(?:comments?|thread|kommentare?|comentarios|commentaires|comentários)\b"
    r"|\b(?:comments?|kommentare?) (?:can be )?(?:abonnieren|subscribed)",
    re.IGNORECASE,
)


def self_promotion(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    if analysis.material.is_profile or SUBSCRIBING.search(analysis.plain):
        return
    found = strength(analysis, "self_promotion")
    if found >= 1:
        weight = min(4.5, 1.2 + 1.25 * found) * min(1.0, 80 / max(len(analysis.words), 1) + 0.3)
        yield Signal("self_promotion", weight, marks=marks(analysis, "self_promotion"))
    elif found:
        yield Signal("self_promotion", 0.6, "mention", marks=marks(analysis, "self_promotion"))


def praise_in(analysis: TextAnalysis) -> float:
    """The amount of stock praise."""
    found = strength(analysis, "empty_praise")
    if not analysis.text.isascii():
        found += sum(piece in analysis.plain for piece in PRAISE_PIECES)
    return found


def is_trade(analysis: TextAnalysis, line: str) -> bool:
    """Whether a line names something for sale."""
    if any(word.casefold() in SEARCH_NAME for word in WORD.findall(line)):
        return True
    goods = found_phrases(analysis).get("goods", {})
    spoken = f" {line.casefold()} "
    return any(f" {' '.join(words)} " in spoken for words in goods) or any(
        piece in spoken for piece in PIECES["goods"]
    )


def empty_praise(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Praise for "this site" that would fit any site, which typically carries a link."""
    found = praise_in(analysis)
    density = 10 * found / (len(analysis.words) + 15)
    # Either the comment is little else; or the stock phrases are numerous, however long the rest is.
    weight = max(0.0, min(4.5, max(2.2 * (density - 0.35), 0.9 * (found - 1.5)))) if found > 0.5 else 0.0
    has_link = bool(analysis.strange_hosts or any(not is_shared_host(host) for host in analysis.author_hosts))
    if found >= 0.5 and has_link:
        weight += 0.5 + 0.4 * min(found, 3)
    if weight >= 0.3:
        yield Signal(
            "empty_praise", weight, "with_link" if has_link else "", marks=marks(analysis, "empty_praise")
        )


def calls(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A contact with a call to action, which advertising of every kind and language has in common."""
    whole = marks(analysis, "calls")
    own = [] if analysis.text.isascii() else pieces_in(analysis, CALL_PIECES, whole)
    found = strength(analysis, "calls") + len(own)
    if analysis.phones:
        yield Signal("phone", 0.9 + min(1.2, 0.5 * found), marks=(analysis.phones[0],))
    if analysis.mails and found:
        yield Signal("mail_address", min(1.2, 0.3 + 0.3 * found), marks=tuple(analysis.mails))
    if found >= 1 and not analysis.phones:
        yield Signal("call_to_act", min(1.4, 0.5 * found), marks=(*whole, *own))


# --- where it leads -----------------------------------------------------------------


def is_throwaway(host: str) -> float:
    """How disposable a host name looks, 0 to 2: cheap top-level domain, digits, hyphens, commercial words."""
    labels = host.split(".")
    name = labels[-2] if len(labels) > 1 else host
    parts = [part for part in re.split(r"[-\d]+", name) if part]
    trade = sum(1 for part in parts if part in SEARCH_NAME) or (0.7 if TRADE_INSIDE.search(name) else 0)
    return min(
        2.0,
        1.0 * (labels[-1] in THROWAWAY)
        + 0.6 * (name[-1:].isdigit())
        + 0.3 * min(name.count("-"), 2)
        + 0.5 * min(trade, 2),
    )


def count_words_besides_links(analysis: TextAnalysis) -> int:
    """The number of words besides URLs. In scripts without spaces, two characters count as one."""
    rest = ADDRESS.sub(" ", analysis.text)
    signs = len(CJK.findall(rest))
    return len(WORD.findall(CJK.sub(" ", rest))) + signs // 2 if signs else len(WORD.findall(rest))


def _count_addresses_at(hosts: list[str], analysis: TextAnalysis) -> int:
    """A list of articles on well-known sites is no list of adverts, whatever else is in it."""
    return sum(host_of(address.replace("hxxp", "http", 1)) in hosts for address in analysis.addresses)


def links(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    strange = analysis.strange_hosts
    known = {
        record.mark for record in history.marks(strange) if record.ham_authors and not record.spam_authors
    }
    strange = [host for host in strange if host not in known]
    if strange:
        oddest = max(map(is_throwaway, strange))
        yield Signal(
            "unknown_link",
            min(2.4, 0.9 + 0.4 * len(strange)),
            marks=tuple(strange),
        )
        if oddest >= 0.5:
            yield Signal("odd_host", 0.9 * oddest + 0.3, marks=tuple(strange))
    if any(host in SHORTENERS for host in analysis.hosts):
        yield Signal("short_link", 0.8, marks=tuple(host for host in analysis.hosts if host in SHORTENERS))
    if analysis.addresses:
        if any(REFERRAL.search(address) for address in analysis.addresses):
            yield Signal("referral", 1.2, marks=tuple(analysis.addresses))
        # On a profile a URL stands alone by nature.
        words = 100 if analysis.material.is_profile else count_words_besides_links(analysis)
        if words < 2:
            yield Signal("only_link", 3.2)
        elif words < (6 if strange else 4):
            yield Signal("only_link", 1.2, "little_text")
        elif (many := _count_addresses_at(strange, analysis)) > 2 and words < 8 * many:
            yield Signal("many_links", min(1.5, 0.3 * many))
        if any(host in FUNDRAISERS for host in analysis.hosts):
            yield Signal(
                "fundraiser", 1.4, marks=tuple(host for host in analysis.hosts if host in FUNDRAISERS)
            )
        if POINTERS.search(analysis.text) and strange:
            yield Signal("pointers", 0.7)


# --- how it is written ---------------------------------------------------------------


def disguises(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Letters disguised for programs. Only what no real language writes counts."""
    if analysis.hidden >= 2:
        yield Signal("invisible", 3.6, is_hard=True)
    elif analysis.hidden:
        yield Signal("invisible", 0.6, "one")
    elif analysis.hidden_in_cjk >= 2:
        yield Signal("invisible", 2.4)
    if analysis.lengthened >= 2:
        yield Signal("lengthened", 2.2)
    if analysis.mixed:
        weight = 1.4 + 0.9 * min(len(analysis.mixed), 3)
        yield Signal(
            "mixed_alphabets",
            weight,
            is_hard=len(analysis.mixed) > 2,
            marks=tuple(analysis.mixed[:8]),
        )
    if analysis.ornaments >= 3:
        yield Signal("ornaments", min(3.6, 2.6 + 0.1 * analysis.ornaments))
    elif analysis.wide >= 3:
        yield Signal("ornaments", 1.8, "wide")
    if analysis.strokes >= 3 or analysis.piled_marks >= 6:
        yield Signal("strokes", 3.0 if analysis.strokes >= 5 else 2.0)
    if analysis.spaced:
        letters = sum(map(len, analysis.spaced))
        yield Signal("spaced", min(2.6, 1.0 + 0.1 * letters), marks=tuple(analysis.spaced[:4]))
    if broken := BROKEN_ADDRESS.search(analysis.text):
        yield Signal("broken_address", 2.0, marks=(broken[0],))
    if analysis.leet >= 2:
        yield Signal("digits_as_letters", min(2.6, 1.0 + 0.3 * analysis.leet))


def brands(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A decorated name followed by a number, as betting sites are named for search engines."""
    found = [match[0] for match in BRAND.finditer(analysis.text)]
    dressed = (
        analysis.ornaments >= 3
        or analysis.wide >= 3
        or analysis.mixed
        or analysis.strokes >= 3
        or analysis.spaced
    )
    if found and dressed:
        yield Signal("dressed_brand", 1.2, marks=tuple(found[:4]))
    text = analysis.beside_addresses
    houses = [match[0] for match in HOUSE_NAME.finditer(text)]
    if houses:
        loud = any(name.isupper() or _is_framed(name, text) for name in houses)
        # Members have such names too, from the year of their birth.
        weight = 1.2 if analysis.material.is_profile else 3.1 if loud else 2.2
        yield Signal("house_name", weight, marks=tuple(houses[:4]))


def _is_framed(name: str, text: str) -> bool:
    """Whether it stands between two equal emoji."""
    start = text.find(name)
    before, after = text[:start].rstrip(" \ufe0f")[-1:], text[start + len(name) :].lstrip(" ")[:1]
    return before == after and ("\u2190" <= after < "\u2c00" or after >= "\U0001f000")


def templates(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    groups = SPINTAX.findall(analysis.given)
    if len(groups) >= 2:
        yield Signal("template", 5.0, is_hard=True, marks=tuple(groups[:6]))
    elif groups:
        yield Signal("template", 1.5, "part", marks=tuple(groups))
    if placeholder := PLACEHOLDER.search(analysis.given):
        yield Signal("placeholder", 3.4, is_hard=True, marks=(placeholder[0],))


def markup(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    found = MARKUP.findall(analysis.given)
    if found and analysis.addresses:
        board = any(tag.startswith("[") for tag in found)
        yield Signal("raw_markup", 3.0 if board else 1.6, marks=tuple(found[:3]))


def shape(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Repeated lines: the same few words again and again."""
    words = [word for word in analysis.words if len(word) > 2]
    if len(words) >= 10 and len(set(words)) < 0.45 * len(words):
        yield Signal("repeats", 1.5)
    if len(analysis.text) > 300 and not analysis.words:
        yield Signal("no_words", 2.0)


# --- what moderators decided before ---------------------------------------------------


def reputation(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Hosts, numbers and names in decided comments. In spam of two authors and never approved: hard evidence.

    A name with a number identifies less than a URL: it takes four authors. Other words, and common names,
    never count.
    """
    telling = [mark for mark in analysis.marks if not is_shared_host(mark) and not mark.startswith("called ")]
    for record in history.marks(telling):
        is_name = record.mark.startswith(("name ", "word "))
        shown = (record.mark.partition(" ")[2] or record.mark,)
        if record.spam_authors and not record.ham_authors:
            is_hard = record.spam_authors >= (4 if is_name else 2) and not record.mark.startswith("word ")
            weight = (3.6 if is_name else 4.5) if is_hard else (1.2 if is_name else 2.4)
            variant = f"{'name' if is_name else 'site'}_{'several' if is_hard else 'one'}"
            yield Signal("bad_mark", weight, variant, is_hard=is_hard, marks=shown)
        elif record.ham_authors and not record.spam_authors and not is_name:
            yield Signal("good_mark", -0.6 - 0.3 * min(record.ham_authors, 3), marks=shown)


def copies(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    nearest = history.nearest(analysis)
    spam, ham = nearest.spam, nearest.ham
    skeleton = sum(map(len, analysis.words))
    if spam >= 0.7 and ham < spam:
        # "Great song" twice is no campaign. Only longer text cannot be the same by coincidence; that is hard
        # evidence.
        is_hard = spam >= 0.8 and skeleton >= 40 and nearest.spam_count >= 1 and ham < 0.5
        yield Signal("copy_of_spam", 3.6 if skeleton >= 20 else 1.6, is_hard=is_hard)
    elif ham >= 0.6 and skeleton >= 30 and spam < ham and analysis.strange_hosts:
        yield Signal("copy_with_link", 2.6, marks=tuple(analysis.strange_hosts))


# --- signals in favour ------------------------------------------------------------------


def talk(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Words of this discussion, and a long text without anything to sell."""
    title = {word.casefold() for word in WORD.findall(analysis.material.post_title) if len(word) > 3} - COMMON
    shared = title & set(analysis.words)
    if shared:
        yield Signal("on_topic", -0.3 * min(len(shared), 3))
    offered = sum(strength(analysis, topic) for topic in OFFERS)
    if len(analysis.words) >= 60 and offered < 2 and len(analysis.addresses) <= 1 and not analysis.mails:
        yield Signal("long_talk", -1.0)
