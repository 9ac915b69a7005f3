"""Adverts written like a small firm or a happy customer, and similar harmless comments."""

import pytest

from moderation.spamfilter import training
from moderation.spamfilter.engine.classifier import untaught
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.scorer import Scorer, Verdict
from moderation.spamfilter.engine.text import Material


def verdict(text: str) -> Verdict:
    """Return the verdict on a new member's first comment on a new site."""
    scorer = Scorer(training.checks(), untaught(), NoHistory())
    return scorer.score(Material(text, first_post=True, trust_level=0))


@pytest.mark.parametrize(
    "text",
    [
        "Lovely post. I started with Mr Harold Finch's class in May and now I earn more in a day than my pension brings, I can never thank him enough.",
        "Nothing helped my knees until I tried Flexorim capsules, no more pain after ten days. I recommend it to everybody.",
        "What a moving story. SleepHaven changed my life, I have no more pain in the morning.",
        "I recommend everybody to ask Baba Idris, he brought my husband home and cured my sister completely.",
        "Our team at Hillside Gardens covers the whole county, the quote is free. Write to us.",
        "We help small museums with their websites, no obligation. Message me for our price list.",
        "Toller Beitrag! Unsere Firma renoviert Bäder zum Festpreis, unverbindliches Angebot.",
        "Buen artículo. Nuestra empresa hace mudanzas a buenos precios, presupuesto gratis.",
        "Bel article. Nous proposons la rédaction de lettres à petit prix, devis gratuit.",
        "Ótimo texto! Nossa empresa faz reformas, orçamento grátis e preços baixos.",
        "Отличная статья! Наша бригада строит бани под ключ, недорого, звоните.",
    ],
)
def test_three_parts_of_an_advert_wait(text):
    found = verdict(text)
    assert found.outcome == "hold"
    assert {"service_offer", "testimonial"} & {signal.code for signal in found.reasons}


@pytest.mark.parametrize(
    "text",
    [
        "I have two spare tickets for Saturday, message me.",
        "I have two spare tickets for Saturday, £20 each, message me.",
        "Two places left in our car to the meeting, message me if you want to come.",
        "We have a pram to give away, hardly used. Message me and I will keep it for you.",
        "Our choir is looking for three tenors. Message me if you can sing.",
        "We offer English lessons in the church hall on Wednesdays, and there is cake.",
        "Our company closed in 1996, and none of us found work in the valley again.",
        "Dr Amara looked after my mother for years. I can never thank her enough.",
        "What a moving story. Mrs Miller taught me to read and it changed my life, I can never thank her enough.",
        "I use Firefox on the old laptop, and highly recommend it.",
        "Since the operation I can walk all day again, and my knees no longer hurt.",
        "My brother bought a new mattress, and he has no more pain in his back.",
        "I sell jam at the market on Saturdays, come and say hello.",
        "Unsere Firma hat damals das Dach der Kirche gedeckt, ich war als Lehrling dabei.",
        "Desde que camino por las mañanas ya no me duelen las rodillas.",
    ],
)
def test_one_or_two_of_them_that_people_say_as_well_do_not(text):
    assert verdict(text).outcome == "publish"


def test_the_reason_names_what_it_found():
    found = verdict("Our team at Hillside Gardens covers the whole county, the quote is free. Write to us.")
    marks = {signal.code: signal.marks for signal in found.reasons}
    assert marks["service_offer"] == (
        "Our team at Hillside Gardens covers",
        "the quote is free",
        "whole county",
    )
