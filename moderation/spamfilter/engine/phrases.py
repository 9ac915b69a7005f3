"""Lists of phrases in many languages, found as parts of a text.

They are word beginnings (" loan" also finds "loans"); without the space, as in Arabic, Chinese and Japanese, word
fragments. "…" stands for up to GAP characters. Searching for each with str.find is quicker than a pattern.
"""

GAP = 40

# Pairs of a phrase and what must follow it within GAP, or "".
Phrases = tuple[tuple[str, str], ...]


def phrases_of(*lines: str) -> Phrases:
    each = (phrase for line in lines for phrase in line.split("|"))
    return tuple((first, last) for first, _gap, last in (phrase.partition("…") for phrase in each))


def find_phrase(spoken: str, phrases: Phrases) -> str:
    """The first of the phrases in the words of a text (TextAnalysis.spoken), or ""."""
    for first, last in phrases:
        start = spoken.find(first)
        if start >= 0 and (not last or last in spoken[start + len(first) : start + len(first) + GAP]):
            return first.strip()
    return ""
