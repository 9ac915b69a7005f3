"""Adverts without a link or a number, and similar harmless comments. test_scorer.py checks the scores."""

import pytest

from moderation.spamfilter.engine import pointers
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.text import Material, TextAnalysis

RULES = [
    pointers.pointers_elsewhere,
    pointers.private_offer,
    pointers.managed_money,
    pointers.named_recoverer,
]


def found(text: str) -> set[str]:
    analysis = TextAnalysis(Material(text))
    return {signal.code for rule in RULES for signal in rule(analysis, NoHistory())}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Write to drosagiehome at gmail dot com, he answers at once.", {"mail_address"}),
        ("Son mail : clairefontaine.pret arobase gmail point com", {"mail_address"}),
        ("Watch every race here: f1stream dot best", {"broken_address"}),
        ("If you need moving boxes, check the name above.", {"self_promotion"}),
        ("Mrs Brandt manages my account and I withdraw every Friday, look for her on Instagram.", {"profit_claim", "messenger"}),
        ("Quantum AI Trade? I put in £250 last month and it's already at £1,940, just google it.", {"profit_claim", "call_to_act"}),
        ("Er verwaltet mein Geld, 12 % im Monat, auf Instagram leicht zu finden.", {"profit_claim", "messenger"}),
        ("A trading bot pays my rent, $400 so far.", {"profit_claim"}),
        ("I made $11k in August. Comment “AGENT” and I'll send you the link.", {"private_offer"}),
        ("50 five-star Google reviews, $120, message me.", {"private_offer"}),
        ("Заработок от 5000 рублей в день, пишите в личку", {"private_offer"}),
        ("I lost £38,000 to a fake broker, and Chainlift Forensics recovered all of it.", {"recovery"}),
        # Harmless comments.
        ("Please message me if you want the pattern, I can bring a copy on Friday.", set()),
        ("The dot com boom took the shop with it.", set()),
        ("I lost 3,000 pounds to a fake landlord. Nobody could help. Be careful.", set()),
        ("My wallet was stolen with £60 in it. The Investigation by the police recovered it.", set()),
        ("I lost my crypto wallet in 2014 and never got it back. I've used Trust Wallet Solutions since.", set()),
        ("I never got it back from the broker who stole my savings, then Chainlift Forensics traced all of it.", {"recovery"}),
        ("My neighbour recovered his stolen bike thanks to the police in Leeds.", set()),
        ("We invested 500 hours in that roof, and now it leaks.", set()),
        ("I found them on Instagram, their bread looks lovely.", set()),
        ("The rent grew 2 % a month, nobody can pay that.", set()),
        ("Your comment about the oven made me laugh.", set()),
        ("Comment on the first photo: the mill is older.", set()),
        ("See the profile of the river at the weir.", set()),
    ],
)  # fmt: skip
def test_where_to_look_and_who_to_write_to(text, codes):
    assert found(text) == codes


def test_an_advert_with_one_of_them_waits_where_another_sign_is_beside_it():
    """None of these signals alone holds a comment."""
    analysis = TextAnalysis(Material("If you need boxes, check the name above."))
    weights = [signal.weight for rule in RULES for signal in rule(analysis, NoHistory())]
    assert 0 < sum(weights) < 3
