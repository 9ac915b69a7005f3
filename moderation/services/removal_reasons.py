"""The removal reasons of a new site in its language. The migrations that create them have only English."""

from django.utils.translation import gettext, gettext_noop

from moderation.models import RemovalReason

FIRST = (
    (
        gettext_noop("Advertising"),
        gettext_noop(
            "It reads like advertising. Links to your own work are welcome where they add to the discussion: please say how yours does."
        ),
    ),
    (
        gettext_noop("Unkind"),
        gettext_noop("It attacks a person. Please criticise what was said, not who said it."),
    ),
    (gettext_noop("Private"), gettext_noop("It gives away something that may be private.")),
    (
        gettext_noop("Off topic"),
        gettext_noop(
            "It isn’t about this post. Another post may suit it better, or write on your own site and link to it."
        ),
    ),
)


def word_removal_reasons() -> None:
    """Translate them to the active language. Those that the host has changed stay."""
    for title, words in FIRST:
        there = RemovalReason.objects.filter(title=title, words=words)
        there.update(title=gettext(title), words=gettext(words))
