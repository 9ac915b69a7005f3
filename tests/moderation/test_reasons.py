"""Reasons are stored as codes and values, and worded in the reader's language."""

from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import trans_real
from pytest_django.asserts import assertContains

from comments.models import Comment
from core.utils.reasons import reason_sentence, reason_text
from moderation.models import Assessment
from moderation.spamfilter.engine import lures, rules, senders
from moderation.spamfilter.engine.classifier import Learner
from moderation.spamfilter.engine.history import PlainHistory
from moderation.spamfilter.engine.scorer import Scorer
from moderation.spamfilter.engine.text import Material
from moderation.spamfilter.sentences import SENTENCES
from tests.factories import make_comment, make_member
from tests.moderation.helpers import make_held

pytestmark = pytest.mark.sql

MIGRATION = import_module("moderation.migrations.0010_reason_codes")
IN_GERMAN = {
    "First comment with a link from a new member.": "Erster Kommentar mit einem Link von einem neuen Mitglied.",
    "%(sentence)s Found: %(found)s.": "%(sentence)s Gefunden: %(found)s.",
    "“%(mark)s”": "„%(mark)s“",
    "Links to a site that no approved comment links to.": "Verweist auf eine bisher unbekannte Seite.",
}


@pytest.fixture
def german():
    """A small German catalogue instead of the real one."""
    catalogue = trans_real.translation("de")._catalog
    catalogue._catalogs.insert(0, IN_GERMAN)
    yield
    catalogue._catalogs.remove(IN_GERMAN)


@pytest.mark.django_db
def test_a_held_comment_keeps_codes_and_says_them_in_each_readers_language(german):
    comment = make_held()
    assert {"code": "new_member_link"} in comment.hold_reasons
    assert not any("text" in reason for reason in [*comment.hold_reasons, *comment.assessment.reasons])
    assert "First comment with a link from a new member." in comment.why_held
    with translation.override("de"):
        assert "Erster Kommentar mit einem Link von einem neuen Mitglied." in comment.why_held


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en-gb", "First comment with a link from a new member."),
        ("de", "Erster Kommentar mit einem Link von einem neuen Mitglied."),
    ],
)
def test_author_and_moderator_read_the_reason_in_the_sites_language(
    german, signed_in, moderator, settings, language, sentence
):
    comment = make_held()
    settings.LANGUAGE_CODE = language
    with translation.override(language):
        assertContains(signed_in(comment.author).get(reverse("moderation:account-status")), sentence)
        assertContains(signed_in(moderator).get(f"/moderation/comments/{comment.pk}/"), sentence)


def test_what_a_reason_is_about_follows_its_sentence_shortened(german):
    reason = {"code": "unknown_link", "marks": ["lantern.example", "b" * 60, "c.example", "d.example"]}
    sentence = "Links to a site that no approved comment links to."
    assert reason_text(reason) == f"{sentence} Found: “lantern.example”, “{'b' * 39}…”, “c.example”."
    assert reason_sentence(reason) == sentence
    with translation.override("de"):
        assert reason_text(reason).startswith(
            "Verweist auf eine bisher unbekannte Seite. Gefunden: „lantern.example“, „"
        )


def test_a_reason_of_a_check_that_registered_no_sentence_says_its_own_text_or_its_code():
    assert reason_text({"code": "mine", "values": {"text": "100% odd."}}) == "100% odd."
    assert reason_text({"code": "mine"}) == "Something else (mine)."


TEXTS = [
    "👉 Hey {friend|pal|mate} and {see|look}: %keyword% buy сhеар viagra casino loans now http://win-casino777.top?ref=1 call +1 555 123 4567",
    "Nice blog, great post! http://a.example/aff/b",
    "https://bit.ly/3abc",
    "w\u200bo\u200br\u200bd 𝓬𝓪𝓼𝓲𝓷𝓸 ｃａｓｉｎｏ s̶p̶a̶m̶ b u y n o w v1agr4 ch3ap l0an5 [url=http://x.tk]x[/url]",
    "word word word word word word word word word word word word",
]


def test_every_signal_of_the_rules_has_a_sentence():
    scorer = Scorer([import_string(path) for path in settings.SPAM_CHECKS], Learner(), PlainHistory())
    met = set()
    for text in TEXTS:
        for stamp, level in (("missing", None), ("forged", 1), ("old", 2), ("", 3)):
            material = Material(
                text=text,
                stamp=stamp,
                trust_level=level,
                honeypot="x",
                seconds_to_submit=1.0,
                author_name="cheap loans online",
            )
            for signal in scorer.score(material).signals:
                met.add(signal.code)
                assert not reason_sentence(signal.reason).startswith("Something else"), signal
    assert len(met) > 15


def test_every_code_that_the_rules_can_name_is_registered():
    """Read from the source, so that rules that rarely apply are included."""
    names = {
        constant
        for module in (rules, senders, lures)
        for check in vars(module).values()
        if hasattr(check, "__code__")
        for constant in check.__code__.co_consts
    }
    codes = {name.partition(".")[0] for name in SENTENCES}
    yielded = {
        "self_promotion",
        "empty_praise",
        "phone",
        "odd_host",
        "only_link",
        "bad_mark",
        "good_mark",
        "copy_with_link",
        "long_talk",
    }
    assert yielded <= names
    assert yielded <= codes


OLD = [
    (
        {"code": "new_member_link", "text": "The first comment with a link of somebody new here."},
        {"code": "new_member_link"},
    ),
    (
        {
            "code": "unknown_link",
            "text": "It links to a place that nobody here has linked to before: “a.example”, “b.example”.",
        },
        {"code": "unknown_link", "marks": ["a.example", "b.example"]},
    ),
    (
        {"code": "only_link", "text": "There is hardly a word beside the link."},
        {"code": "only_link", "variant": "little_text"},
    ),
    (
        {"code": "template", "text": "It looks like part of a template: {one|another}."},
        {"code": "template", "variant": "part"},
    ),
    (
        {"code": "bad_host", "text": "A comment that links there was marked as spam."},
        {"code": "bad_mark", "variant": "site_one"},
    ),
    (
        {
            "code": "author_spam",
            "text": "Something else by the same person was marked as spam.",
            "decision": 7,
        },
        {"code": "author_spam", "decision": 7},
    ),
    (
        {"code": "house", "text": "Somebody’s own sentence: “with a quotation”."},
        {"code": "house", "values": {"text": "Somebody’s own sentence: “with a quotation”."}},
    ),
    ({"code": "changed"}, {"code": "changed"}),
]


@pytest.mark.parametrize(("old", "new"), OLD)
def test_a_sentence_of_an_earlier_version_becomes_its_code(old, new):
    assert MIGRATION.to_code(old) == new
    assert MIGRATION.to_code(new) == new
    assert MIGRATION.to_code(MIGRATION.to_text(new)) == {
        name: value for name, value in new.items() if name != "marks"
    } | ({"marks": new["marks"]} if "marks" in new else {})


# Rules added after the migration: none of its rows has their codes.
CAME_LATER = {
    "messenger",
    "private_offer",
    "service_offer",
    "testimonial",
    "profit_claim",
    "recovery",
    "signature",
    "staged_question",
    "author_vice_host",
    "burst_network",  # a variant
    "same_name",
    "copied_post",
    "waits_already",
    "discount_code",
    "house_name",
    "phone",  # a variant
    "lengthened",
}


def test_the_migration_knows_every_sentence_of_its_time():
    codes = {name.partition(".")[0] for name in SENTENCES if name not in MIGRATION.SENTENCES}
    assert codes == CAME_LATER


@pytest.mark.django_db
def test_old_rows_are_moved_and_only_they():
    away = {
        "code": "turned_away",
        "text": "It was taken for spam and turned away; a moderator can still let it through.",
    }
    comment, other = make_comment(status="held"), make_comment(author=make_member(date_joined=timezone.now()))
    Comment.objects.filter(pk=comment.pk).update(hold_reasons=[away, OLD[0][0]])
    thought = {
        "code": "offer_goods",
        "text": "It reads like an offer of goods or services.",
        "weight": 1.5,
        "hard": False,
        "marks": ["buy"],
    }
    Assessment.objects.update_or_create(
        comment=comment, defaults={"score": 0.9, "outcome": "reject", "reasons": [thought]}
    )
    MIGRATION.code_all(apps, None)
    comment = Comment.objects.get(pk=comment.pk)
    assert (comment.hold_reasons, comment.held_as) == (
        [{"code": "turned_away"}, {"code": "new_member_link"}],
        "turned_away",
    )
    assert comment.assessment.reasons == [
        {"code": "offer_goods", "weight": 1.5, "hard": False, "marks": ["buy"]}
    ]
    assert Comment.objects.get(pk=other.pk).hold_reasons == other.hold_reasons
    MIGRATION.word_all(apps, None)
    assert Comment.objects.get(pk=comment.pk).hold_reasons[0] == {
        "code": "turned_away",
        "text": "It was blocked as spam; a moderator can still approve it.",
    }
