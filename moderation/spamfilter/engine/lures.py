"""Rules for adverts that lead people away without a link.

They detect mechanisms, so most are language-independent.
"""

import re
from collections.abc import Iterator

from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.languages import EARNED, MESSENGERS, NETWORKS, PROFIT
from moderation.spamfilter.engine.letters import WORD
from moderation.spamfilter.engine.numbers import spelt_number
from moderation.spamfilter.engine.rules import MONEY, Signal, is_trade, praise_in, strength
from moderation.spamfilter.engine.text import HANDLE, TextAnalysis
from moderation.spamfilter.engine.trades import is_thankful, names_price_or_hurry, trade_in
from moderation.spamfilter.engine.wordlists import SEARCH_NAME

# "tele gram", "whats-app", "w.h.a.t.s.a.p.p". Only names that do not form other words when taken apart.
APART = "|".join("[ ._-]?".join(name) for name in ("telegram", "whatsapp"))
MESSENGER = re.compile(rf"(?<![^\W_])(?:{MESSENGERS}|{APART})", re.IGNORECASE)
# The largest distance, in characters, between a messenger's name and a number, handle or ID.
NEAR = 40
TO_WRITE_TO = re.compile(
    r"\+?\d(?:[ ().-]{0,2}\d){6,}|@[a-z0-9_.]{3,}|(?<![a-z0-9_])[a-z]+_?[a-z_]*\d[a-z0-9_]*", re.IGNORECASE
)
ID_AFTER_CHINESE = re.compile(r"(?:微信|薇信|QQ群?|LINE ?ID)\D{0,6}?[ :：]?([a-z0-9_]{4,})", re.IGNORECASE)
MESSENGER_LINK = re.compile(
    r"(?<![\w.@])(?:t\.me|telegram\.me|wa\.me|(?:chat|api)\.whatsapp\.com|line\.me|lin\.ee|discord\.gg)/\S+",
    re.IGNORECASE,
)
# A network's name next to a name that is not a word: with digits, a full stop or an underscore in it.
NETWORK_HANDLE = re.compile(
    rf"(?<![^\W_])(?:{NETWORKS})(?: name| is)?(?: ?[:@=]+ ?| )@?(?=[\w.]*[a-z][\d_.][\w])([a-z][\w.]{{3,30}})|(?<![\w.@])@?(?=[a-z.]*[\d_])([a-z][\w.]{{3,30}}) (?:on|at|auf|en|sur|no) (?:{NETWORKS})(?![^\W_])",
    re.IGNORECASE,
)
EARNINGS = re.compile(rf"(?<![^\W_]){EARNED}", re.IGNORECASE)
PROFITS = re.compile(rf"(?<![^\W_])(?:{PROFIT})", re.IGNORECASE)
BIG_NUMBER = re.compile(r"\d{1,3}(?:[ .,]\d{3})+|\d{3,}|\d+(?= ?万)")
# "Q: … A: …" in several languages.
ASKED = re.compile(r"(?<![^\W_])(?:Q|F|P|В|Question|Frage|Pregunta|Pergunta|Вопрос|س|سؤال|问|問)\d? ?[:：]")
ANSWERED = re.compile(
    r"(?<![^\W_])(?:A|R|О|Answer|Antwort|Respuesta|Réponse|Resposta|Ответ|ج|جواب|答)\d? ?[:：]"
)
THANKED = re.compile(r"\bthank(?:s| you)\b[^.!?\n]{0,20}\bfor (?:sharing|posting|writing|this|your|the)\b")
# "Use the code TABLE20": capitals and digits after the word, in several languages.
DISCOUNT_CODE = re.compile(
    r"(?<![^\W_])(?i:codes?|coupon|voucher|\w*gutschein(?:code)?|rabattcode|c[óo]digo|cup[óo]n|cupom|промокод|купон|كود|كوبون|优惠码|折扣码|クーポン(?:コード)?)"
    r"[\W_]{0,3}(?:(?:is|ist|lautet|es|est|é)\W)?[\W_]{0,2}[A-Z]{2,}[A-Z0-9]*\d[A-Z0-9]*"
)
PERCENT = re.compile(r"\d\s?%|%\s?\d|百分之")
# The professions of those who "got my money back" or "cured me", if they can be contacted.
RECOVERED = re.compile(
    r"\b(?:recover(?:ed|y)?|got (?:it|them|everything|all) (?:all )?back|got back (?:all|every\w*|my|our)|scammed|stolen|lost funds?|betrogen|zurückbekommen|estafaron|recuper\w+|récupér\w+|roubaram)\b",
    re.IGNORECASE,
)


def messenger(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A messenger's name next to a number or handle, even if spelt apart, or a link to a messenger."""
    text = analysis.text
    if link := MESSENGER_LINK.search(text):
        yield Signal("messenger", 2.4, "link", marks=(link[0][:80],))
    for found in MESSENGER.finditer(text):
        around = text[max(0, found.start() - NEAR) : found.end() + NEAR]
        beside = TO_WRITE_TO.search(around) or ID_AFTER_CHINESE.search(around)
        if beside:
            yield Signal("messenger", 2.7, marks=(found[0], beside[0].strip()))
            return
    if named := MESSENGER.search(text):
        strong = strength(analysis, "money") + strength(analysis, "magic") + strength(analysis, "prize")
        yield Signal("messenger", 1.4 if strong else 0.8, "name", marks=(named[0],))
    elif handle := NETWORK_HANDLE.search(text):
        yield Signal("messenger", 1.4, "network", marks=(handle[0],))


def spelt_phone(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A phone number in words: nobody writes one like that to be read by people only."""
    if number := spelt_number(analysis.words, analysis.text):
        yield Signal("phone", 3.1, "words", marks=number)


def profit(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Profit claims with figures: a percentage, or a small sum that became a large one."""
    found, sums = PROFITS.search(analysis.text), _sums(analysis.text)
    if found and PERCENT.search(analysis.text):
        yield Signal("profit_claim", 1.9, marks=(found[0],))
    elif (
        len(sums) >= 2
        and max(sums) >= 5 * min(sums)
        and (
            strength(analysis, "money")
            or (len(MONEY.findall(analysis.text)) >= 2 and _is_reachable(analysis))
        )
    ):
        yield Signal("profit_claim", 1.4, "sums")
    elif sums and (earned := EARNINGS.search(analysis.text)):
        yield Signal("profit_claim", 1.6, "sum", marks=(earned[0],))
    elif found and sums and MONEY.search(analysis.text):
        yield Signal("profit_claim", 1.0, "sum", marks=(found[0],))


def _is_reachable(analysis: TextAnalysis) -> bool:
    """Whether it contains a handle, number, email address, messenger or unknown link."""
    return bool(
        analysis.strange_hosts
        or analysis.mails
        or analysis.phones
        or HANDLE.search(analysis.text)
        or MESSENGER.search(analysis.text)
        or NETWORK_HANDLE.search(analysis.text)
    )


def staged_question(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A question and its answer by one author with a contact or a site: an advert disguised as help."""
    question = ASKED.search(analysis.text)
    if question and ANSWERED.search(analysis.text, question.end()) and _is_reachable(analysis):
        yield Signal("staged_question", 1.9, marks=(question[0],))


def discount_code(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A discount code: anyone who has one to give away is selling."""
    found = DISCOUNT_CODE.search(analysis.text)
    if found and (PERCENT.search(analysis.text) or MONEY.search(analysis.text)):
        yield Signal("discount_code", 1.8, marks=(found[0],))


def _sums(text: str) -> list[int]:
    digits = ("".join(filter(str.isdigit, match[0])) for match in BIG_NUMBER.finditer(text))
    return [number for each in list(digits)[:20] if len(each) < 10 and (number := int(each)) >= 100]


def recovery(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Someone got their money back with the help of a person who can be contacted."""
    found = RECOVERED.search(analysis.text)
    if found and (
        analysis.mails or analysis.phones or MESSENGER.search(analysis.text) or "@" in analysis.text
    ):
        yield Signal("recovery", 1.8, marks=(found[0],))


def stands_alone(text: str, line: str) -> bool:
    """Whether the last line is one of its own, not the end of a sentence."""
    return text.rstrip().rpartition("\n")[2].strip() == line and "\n" in text.strip()


def signature(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A last line of two to eight words without a full stop, after praise: the name of what is advertised."""
    line = analysis.signature
    if not line:
        return
    alone = stands_alone(analysis.text, line)
    if alone and (trade_in(line) or names_price_or_hurry(line)):
        yield Signal("signature", 3.4 if trade_in(line) else 2.4, marks=(line[:80],))
        return
    if not (praise_in(analysis) or THANKED.search(analysis.plain) or is_thankful(analysis.spoken)):
        return
    words = WORD.findall(line)
    trade = is_trade(analysis, line)
    capitals = sum(word[:1].isupper() for word in words)
    if trade or capitals >= max(2, len(words) - 1):
        # "Roof Cleaning Dublin" is a search phrase and no one's name.
        is_phrase = sum(word.casefold() in SEARCH_NAME for word in words) >= 2
        weight = 3.5 if is_phrase else 2.0 if trade else 0.9
        yield Signal("signature", weight, marks=(line[:80],))
