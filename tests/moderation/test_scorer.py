"""The score of a comment on a new site, and the decision by two thresholds and strong evidence."""

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from core.utils.reasons import reason_sentence
from moderation.spamfilter.engine.classifier import Learner
from moderation.spamfilter.engine.history import NoHistory
from moderation.spamfilter.engine.rules import Signal
from moderation.spamfilter.engine.scorer import Scorer, Thresholds
from moderation.spamfilter.engine.senders import standing
from moderation.spamfilter.engine.text import Material
from tests.moderation import texts


def codes(verdict) -> list[str]:
    return [signal.code for signal in verdict.signals]


@pytest.mark.parametrize(
    ("text", "name", "url"), texts.A_TALK, ids=[text[:30] for text, _name, _url in texts.A_TALK]
)
def test_a_real_discussion_passes_on_the_first_day(scorer, text, name, url):
    verdict = scorer.score(
        Material(
            text,
            author_name=name,
            author_url=url,
            post_title="Is social media worth the time?",
            first_post=True,
        )
    )
    assert (verdict.outcome, [signal.code for signal in verdict.reasons if signal.is_hard]) == ("publish", [])


def test_kind_readers_with_sites_of_their_own_pass(scorer):
    assert [
        text
        for text, name, url in texts.KIND_READERS
        if scorer.score(Material(text, author_name=name, author_url=url)).outcome != "publish"
    ] == []


def test_three_quarters_of_empty_praise_with_a_link_behind_the_name_wait(scorer):
    caught = [
        scorer.score(Material(text, author_name=name, author_url=url)).outcome != "publish"
        for text, name, url in texts.BOT_PRAISE
    ]
    assert sum(caught) / len(caught) >= 0.75


@pytest.mark.parametrize("text", texts.ADVERTISING)
def test_advertising_of_every_kind_waits_and_says_why(scorer, text):
    verdict = scorer.score(Material(text))
    assert verdict.outcome in {"hold", "reject"}
    assert verdict.reasons
    assert all(reason_sentence(signal.reason).endswith(".") for signal in verdict.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "People giggle at the word Viagra and forget that sildenafil saves newborns.",
        "A cousin lost four thousand euros to a man who promised to double her Bitcoin. Please talk with your parents about this.",
        "My students buy essays online. What do we do when the cheapest writing service costs less than the book?",
        "We played poker every Friday, for matches. The casino in town went bankrupt, and nobody wept.",
    ],
)
def test_words_of_trade_alone_hold_nobody(scorer, text):
    assert scorer.score(Material(text)).outcome == "publish"


@pytest.mark.parametrize(
    ("code", "material"),
    [
        ("honeypot", Material("Hello.", honeypot="x")),
        ("too_quick", Material("Hello.", seconds_to_submit=1)),
        ("form_missing", Material("Hello.", stamp="missing")),
        ("form_forged", Material("Hello.", stamp="forged")),
        ("form_old", Material("Hello.", stamp="old")),
        ("burst_network", Material("Hello.", newcomers_from_block=4)),
        ("burst_host", Material("See lantern-deals.com", others_linking_there=3)),
        ("same_words", Material("This is what I always say to everybody here.", same_words_elsewhere=2)),
        ("trust", Material("Hello.", trust_level=1)),
        ("first_link", Material("See lantern-deals.com", first_post=True)),
        ("broken_address", Material("All of it stands on lantern-deals . com for you")),
        ("broken_address", Material("All of it stands on lantern-deals(dot)com for you")),
        ("broken_address", Material("See www.lantern-deals. com/today")),
        ("short_link", Material("Read this if you like it: https://bit.ly/abc")),
        ("referral", Material("I bought mine at https://lantern-deals.com/lamp?ref=ann and it still burns")),
        ("referral", Material("I bought mine at https://lantern-deals.com/invite/ann and it still burns")),
        ("placeholder", Material("Hello %first_name%, nice site")),
        ("template", Material("{Hi|Hello} {all|everybody}")),
        ("raw_markup", Material('<a href="http://lantern-deals.com">x</a> and so on')),
        ("repeats", Material("cheap bags cheap bags cheap bags cheap bags cheap bags")),
        ("on_topic", Material("About wooden spoons, then.", post_title="Wooden spoons")),
        ("name_is_address", Material("Hello.", author_name="lantern-deals.com")),
        ("fundraiser", Material("Help us: https://gofundme.com/books")),
        ("house_name", Material("Never lost a round at Lampion88, thank you")),
        ("house_name", Material("Everybody talks about lampion7/7/7 now")),
        ("many_links", Material("Lamps: lantern-a.com and lantern-b.com and lantern-c.com are the best")),
    ],
)
def test_each_check_says_what_it_saw(scorer, code, material):
    assert code in codes(scorer.score(material))


@pytest.mark.parametrize(
    "text",
    [
        "LAMPION138 made my evening",
        "My brother, too \N{FOUR LEAF CLOVER} lampion4d \N{FOUR LEAF CLOVER} and so can you",
    ],
)
def test_a_name_with_a_lucky_number_waits_if_it_is_shouted_or_framed(scorer, text):
    assert scorer.score(Material(text)).outcome == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "As @paula88 wrote: see page 88, or Psalm 99, for 9.99 at most.",
        "The picture is at https://example.org/lampion88 and #spring99 has more.",
        "这座桥一共花了99万，走了88天。",
    ],
)
def test_other_numbers_are_no_lucky_names(scorer, text):
    assert "house_name" not in codes(scorer.score(Material(text)))


def test_a_lucky_number_in_a_name_alone_holds_nobody(scorer):
    assert scorer.score(Material("I think paula88 is right about the bridge.")).outcome == "publish"
    profile = scorer.score(Material("PAULA88", is_profile=True))
    assert (profile.outcome, "house_name" in codes(profile)) == ("publish", True)


def test_a_list_of_articles_on_known_sites_is_not_mostly_links(scorer):
    known = [f"https://en.wikipedia.org/wiki/{name}" for name in ("Bridge", "Ferry", "Mill")]
    read = scorer.score(Material("\n".join(["To read:", *known, "https://lantern-a.com/bridges"])))
    assert ("many_links" in codes(read), read.outcome) == (False, "publish")


def test_reasons_are_true_of_what_only_looks_like_it(scorer):
    untrue = {
        "phone": ["On 14.03.2021 12 people came, on 15.03.2021 13.", "ISBN 978-3-16-148410-0 is the book."],
        "self_promotion": ["You can subscribe to the comments below.", "Man kann die Kommentare abonnieren."],
        "offer_adult": ["With love, your grandmother xxx", "See you on Sunday xxx"],
        "only_link": [
            "这篇文章里的照片是在杭州西湖边拍的,我去年秋天也去过那里。详见 https://zh.wikipedia.org/wiki/西湖",
            "この橋は祖父が若い頃に渡ったそうです。写真はこちらで見られます https://ja.wikipedia.org/wiki/橋",
        ],
        "learned": ["The bridge was closed in May, so take the other bank."],
    }
    texts_and_codes = {text: code for code, said in untrue.items() for text in said}
    # After a single decision everything resembles something.
    spam = scorer.score(Material("The best casino bonus is at lucky-spin777.bet"))
    scorer.learner.learn(spam.sample(is_spam=True))
    found = {text: [one.code for one in scorer.score(Material(text)).reasons] for text in texts_and_codes}
    assert {text: code for text, code in texts_and_codes.items() if code in found[text]} == {}


@pytest.mark.parametrize(
    "address",
    [
        "https://round-field.com/analysis",
        "https://tags.com/promoted/partners",
        "https://reddit.com/r/bread",
        "https://a.com/?page=r&q=tag",
    ],
)
def test_an_address_that_only_begins_like_a_referral_is_none(scorer, address):
    assert "referral" not in codes(scorer.score(Material(f"I found this and liked it a lot: {address}")))


@pytest.mark.parametrize(
    "text",
    [
        "We went home . It was late",
        "I read it online.\nCome and see",
        "Write to the company. Com is a German prefix",
        "See lantern-deals.com, then",
    ],
)
def test_a_full_stop_in_the_wrong_place_breaks_up_no_address(scorer, text):
    assert "broken_address" not in codes(scorer.score(Material(text)))


def test_how_a_form_was_sent_never_turns_a_comment_away(scorer):
    verdict = scorer.score(Material("Hello.", honeypot="x", seconds_to_submit=0, stamp="forged"))
    assert verdict.outcome == "hold"


def test_a_missing_or_old_seal_alone_does_not_even_make_it_wait(scorer):
    assert [
        scorer.score(Material("A good thought.", stamp=fault)).outcome for fault in ("missing", "old")
    ] == ["publish", "publish"]


def with_signal(weight: float, is_hard: bool, thresholds: Thresholds = Thresholds()):  # noqa: B008 - frozen
    def check(_reading, _memory):
        return [Signal("test", weight, is_hard=is_hard)]

    return Scorer([check], Learner(), NoHistory(), thresholds).score(Material("Hello.")).outcome


@pytest.mark.parametrize(
    ("weight", "is_hard", "outcome"),
    [
        (2.9, False, "publish"),
        (2.9, True, "publish"),
        (3.1, False, "hold"),
        (6.4, True, "hold"),
        (6.6, True, "reject"),
        (60, False, "hold"),
    ],
)
def test_only_hard_evidence_with_a_high_score_turns_away(weight, is_hard, outcome):
    assert with_signal(weight, is_hard) == outcome


def trust_left(*signals: Signal, level: int) -> float:
    """Return what trust subtracts beside these signals."""
    checks = [lambda _analysis, _history: signals, standing]
    verdict = Scorer(checks, Learner(), NoHistory()).score(Material("Hello.", trust_level=level))
    return sum(signal.weight for signal in verdict.signals if signal.code == "trust")


def test_trust_counts_one_level_less_against_an_advert_and_little_against_hard_evidence():
    plain, weak = Signal("unknown_link", 1.3), Signal("messenger", 0.8)
    advert, hard = Signal("messenger", 2.7), Signal("invisible", 3.6, is_hard=True)
    beside = {"nothing": [], "a link": [plain], "a weak sign": [weak], "an advert": [plain, advert]}
    beside |= {"hard evidence": [hard], "both": [advert, hard]}
    found = {
        name: [trust_left(*signals, level=level) for level in range(4)] for name, signals in beside.items()
    }
    as_usual = [0, -1.2, -2.5, -4.0]
    assert found == {
        "nothing": as_usual,
        "a link": as_usual,
        "a weak sign": as_usual,
        "an advert": [0, 0, -1.2, -2.5],
        "hard evidence": [0, -0.5, -0.5, -0.5],
        "both": [0, 0, -0.5, -0.5],
    }


def test_thresholds_are_the_sites_own():
    assert with_signal(0, False, Thresholds(hold=0.04)) == "hold"
    assert with_signal(60, True, Thresholds(hold=0.5, reject=1.01)) == "hold"


MATERIALS = st.builds(
    Material,
    text=st.text(max_size=300),
    author_name=st.text(max_size=40),
    author_url=st.text(max_size=60),
    post_title=st.text(max_size=60),
    first_post=st.none() | st.booleans(),
    trust_level=st.none() | st.integers(),
    seconds_to_submit=st.none() | st.floats(allow_nan=False),
    honeypot=st.text(max_size=5),
)


@given(MATERIALS)
def test_every_comment_has_a_score_and_every_hold_a_reason(material):
    from django.utils.module_loading import import_string  # noqa: PLC0415

    scorer = Scorer([import_string(path) for path in settings.SPAM_CHECKS], Learner(), NoHistory())
    verdict = scorer.score(material)
    assert 0 <= verdict.score <= 1
    assert verdict.outcome == "publish" or verdict.reasons
