"""Rules about the sender of a comment, and how it was sent."""

import re
from collections.abc import Iterator

from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.hosts import host_of, is_shared_host
from moderation.spamfilter.engine.letters import WORD
from moderation.spamfilter.engine.rules import Signal, is_throwaway
from moderation.spamfilter.engine.text import TextAnalysis
from moderation.spamfilter.engine.trades import trade_in
from moderation.spamfilter.engine.wordlists import SEARCH_NAME

# What no one has in the name of their own site.
VICE_INSIDE = re.compile(
    r"casino|kasino|cassino|slot(?:s|gacor|[-.0-9])|gacor|judi|togel|poker|roulette|baccarat|betting|sportsbook|viagra|cialis|pharma(?:cy|-?online)|porn|escort|xxx|payday|replica"
)


def author(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A name that is a search phrase, and its URL."""
    name = analysis.material.author_name
    words = [word.casefold() for word in WORD.findall(name)]
    trade = [word for word in words if word in SEARCH_NAME]
    strange = [host for host in analysis.author_hosts if not is_shared_host(host)]
    if trade and len(words) >= 2 and (len(trade) >= 2 or name.islower() or len(words) >= 3 or strange):
        weight = 1.5 + 0.6 * min(len(trade), 3) + (0.5 if strange else 0.0)
        weight += 0.8 * bool(VICE_INSIDE.search(name.casefold()))
        yield Signal("search_name", max(weight, 3.2) if trade_in(name) else weight, marks=(name,))
    elif trade_in(name):
        yield Signal("search_name", 3.2, marks=(name,))
    if strange:
        odd = max(map(is_throwaway, strange))
        vice = tuple(host for host in strange if VICE_INSIDE.search(host))
        if vice:
            yield Signal("author_vice_host", min(5.0, 3.3 + 0.4 * len(vice)), marks=vice)
        elif odd >= 0.8:
            yield Signal("author_odd_host", 0.8 * odd, marks=tuple(strange))
        own = "".join(words)
        if not own or not any(len(word) > 2 and word in strange[0] for word in words):
            yield Signal("author_link", 0.3, marks=tuple(strange))
    if host_of(name) and "." in name and " " not in name.strip():
        yield Signal("name_is_address", 1.8, marks=(name,))


QUICK_SECONDS = 3


def form(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    material = analysis.material
    if material.honeypot:
        yield Signal("honeypot", 6.0)
    if material.seconds_to_submit is not None and material.seconds_to_submit < QUICK_SECONDS:
        yield Signal("too_quick", 1.0)
    if material.stamp:
        yield Signal(f"form_{material.stamp}", {"missing": 0.4, "forged": 2.5, "old": 0.6}[material.stamp])


def company(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """What others posted within minutes, hours and weeks."""
    material = analysis.material
    if material.newcomers_from_block >= 3:
        yield Signal("burst_network", min(2.4, 0.6 * material.newcomers_from_block))
    if material.new_accounts_from_block >= 3:
        yield Signal("burst_network", min(1.6, 0.4 * material.new_accounts_from_block), "accounts")
    if material.others_linking_there >= 2 and analysis.strange_hosts:
        weight = min(3.2, 1.0 * material.others_linking_there)
        yield Signal("burst_host", weight, marks=tuple(analysis.strange_hosts))
    if material.same_words_elsewhere and len(analysis.words) >= 6:
        weight = 1.6 * material.same_words_elsewhere + 1.0 * bool(analysis.strange_hosts)
        yield Signal("same_words", min(3.2, weight))
    if material.newcomers_naming >= 2:
        weight = min(2.0, 0.7 * material.newcomers_naming)
        yield Signal("same_name", weight, marks=(material.name_of_newcomers,))


def copied(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """Most of it is copied from the post without quotation: it looks genuine and costs nothing.

    With a link it is an advert in disguise.
    """
    if analysis.material.copied_from_post >= 0.6:
        leads = analysis.strange_hosts or any(not is_shared_host(host) for host in analysis.author_hosts)
        yield Signal("copied_post", 2.6 if leads else 1.4, "with_link" if leads else "")


def waiting(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """The same link, number, name or text by this author or others awaits review already."""
    material = analysis.material
    shown = tuple(mark.partition(" ")[2] or mark for mark in material.waiting_marks)
    if material.awaits_already:
        yield Signal("waits_already", 2.4, marks=shown)
    if material.others_waiting:
        yield Signal("waits_already", min(2.4, 0.8 * material.others_waiting), "others", marks=shown)


# By trust level.
TRUST = (0.0, -1.2, -2.5, -4.0)


def standing(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    material = analysis.material
    if material.trust_level:
        weight = TRUST[material.trust_level] if material.trust_level in (1, 2) else TRUST[-1]
        yield Signal("trust", weight, "" if material.trust_level == 1 else "long")
    elif material.first_post and (analysis.strange_hosts or analysis.mails):
        yield Signal("first_link", 0.4)
