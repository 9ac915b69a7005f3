"""Who may know about a topic: who is found, who is never found, and why."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import MemberTopic, Mute, User
from accounts.services.profile import store_topics
from comments.models import Thanks
from comments.services.reactions import thank
from core.utils.text import search_key
from posts.services.publishing import withdraw_post
from search.expertise import query_words
from search.query import read_query
from search.receivers import index_profile
from search.services import search
from tests.factories import make_member, make_post, put_comment, switch_on
from tests.memorials.people import a_memorial

pytestmark = pytest.mark.sql

QUESTION = "I am looking for people who know about facilitation in large groups"


def offers(member, *topics, kind=MemberTopic.Kind.HELP):
    store_topics(member, kind, topics)
    index_profile(member)
    return member


def thanked(post, author, body, *, by):
    comment = put_comment(post, author, body=body)
    for one in by:
        thank(comment, by=one)
    return comment


def asked(client, question=QUESTION):
    """Return who is found, and why."""
    experts = client.get("/search/who-knows/", {"q": question}).context["experts"]
    return {
        expert.member.username: (expert.topics, [comment.pk for comment in expert.comments])
        for expert in experts
    }


@pytest.fixture
def reader(member, signed_in):
    return signed_in(member)


def test_a_question_in_plain_words_is_about_few_of_them():
    assert {
        question: query_words(question)
        for question in (
            QUESTION,
            "Kennt sich jemand mit Moderation in großen Gruppen aus?",
            "Je cherche quelqu’un qui s’y connaît en facilitation",
            "Who?",
            "",
        )
    } == {
        QUESTION: ["facilitation", "large", "groups"],
        "Kennt sich jemand mit Moderation in großen Gruppen aus?": ["moderation", "grossen", "gruppen"],
        "Je cherche quelqu’un qui s’y connaît en facilitation": ["facilitation"],
        "Who?": [],
        "": [],
    }


def test_those_who_offer_it_and_those_who_were_thanked_for_it_are_found(reader, post):
    people = [make_member() for _ in range(3)]
    offers(make_member("zora", takes_introductions=True), "Facilitating groups", "Bread")
    comment = thanked(post, make_member("otto"), "Large groups need two facilitators.", by=people)
    put_comment(post, make_member("paul"), body="I know nothing about facilitation.")  # no one thanked for it
    offers(make_member("quin"), "Facilitation", kind=MemberTopic.Kind.LOOK)
    assert asked(reader) == {"zora": (["Facilitating groups"], []), "otto": ([], [comment.pk])}
    page = reader.get("/search/who-knows/", {"q": QUESTION})
    assertContains(page, "Says they can help with: Facilitating groups")
    assertContains(
        page,
        f'3 people thanked them for <a href="{comment.get_absolute_url()}">a comment on “{post.title}”</a>',
    )
    assertContains(page, "/members/zora/introduction/", count=1)


def test_who_is_never_found(reader, member, post):
    """Each of them offers it and was thanked for it."""
    now = timezone.now()
    fan = make_member()
    nobody = {
        "opted_out": {"found_by_expertise": False},
        "closed": {"is_active": False},
        "suspended": {"silent_until": now + timedelta(days=1)},
        "hidden": {"profile_hidden": True},
        "muted": {},
        "unconfirmed": {},
        "willing": {},
        "suspended_once": {"silent_until": now - timedelta(days=1)},
    }
    for name, fields in nobody.items():
        someone = offers(make_member(name), "Facilitation")
        thanked(post, someone, "Facilitation of large groups", by=[fan])
        User.objects.filter(pk=someone.pk).update(**fields)
    Mute.objects.create(member=member, muted=User.objects.get(username="muted"))
    EmailAddress.objects.filter(user__username="unconfirmed").update(verified=False)
    unread = offers(make_member("unread"), "Facilitation")
    put_comment(post, unread, body="Facilitation", status="held")
    offers(member, "Facilitation")
    assert {*asked(reader)} == {"willing", "suspended_once"}


def test_who_muted_the_reader_is_found_so_that_the_reader_learns_nothing(reader, member):
    Mute.objects.create(member=offers(make_member("zora"), "Facilitation"), muted=member)
    assert {*asked(reader)} == {"zora"}


def test_a_comment_that_its_reader_may_not_see_is_no_reason(reader, host, post):
    fan, otto = make_member(), make_member("otto")
    thanked(post, otto, "Facilitation", by=[fan])
    hidden = make_post(host)
    thanked(hidden, otto, "Facilitation of large groups", by=[fan])
    gone = thanked(post, otto, "More facilitation", by=[fan])
    gone.status = gone.Status.REMOVED
    gone.save(update_fields=["status"])
    withdraw_post(hidden)
    assert [len(comments) for _topics, comments in asked(reader).values()] == [1]


def test_withdrawn_thanks_no_longer_count(reader, post):
    fan, otto = make_member(), make_member("otto")
    comment = thanked(post, otto, "Facilitation", by=[fan])
    Thanks.objects.all().delete()
    type(comment).objects.update(thanks_count=0)
    assert asked(reader) == {}


def test_visitors_sign_in_first_and_a_member_can_opt_out(member, reader, post):
    assert Client().get("/search/who-knows/?q=bread").status_code == 302
    offers(make_member("zora"), "Bread")
    assert {*asked(reader, "Bread?")} == {"zora"}
    assertContains(reader.get("/members/me/edit/"), 'name="found_by_expertise"')
    User.objects.filter(username="zora").update(found_by_expertise=False)
    assert asked(reader, "Bread?") == {}


def test_a_page_with_nothing_says_so(reader):
    assertContains(reader.get("/search/who-knows/"), "Who knows about …")
    assertContains(reader.get("/search/who-knows/?q=zeppelins"), "No members found.")
    assertContains(reader.get("/search/who-knows/?q=who"), "Type at least one word to search for.")
    assertContains(reader.get("/search/who-knows/", {"q": "\u200b"}), "Type at least one word")
    assertNotContains(reader.get("/search/who-knows/?q=%22-"), "<ol class")


@pytest.mark.django_db
@given(question=st.text(max_size=60))
def test_no_question_fails(question):
    query_words(question)


def test_more_people_cost_no_more_statements(reader, post):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert asked(reader)
        return len(statements)

    fan = make_member()
    for name in ("zora", "otto"):
        thanked(post, offers(make_member(name), "Facilitation"), "Large groups", by=[fan])
    cost()  # languages and settings are cached from then on
    few = cost()
    for _ in range(4):
        thanked(post, offers(make_member(), "Facilitation"), "Large groups", by=[fan])
    assert cost() == few


# --- among a hundred members ----------------------------------------------------

OFFERED = [
    "Bread", "Sour dough", "Gardening", "Bees", "Compost", "Bicycles", "Carpentry", "Knitting", "First aid", "Yoga",
    "Choirs", "Piano", "Photography", "Film", "Printing", "Book binding", "Translation", "Grant writing", "Bookkeeping",
    "Tax", "Law of tenants", "Insulation", "Solar power", "Heat pumps", "Wells", "Maps", "Sailing", "Radio", "Linux",
    "Web design", "Databases", "Accessibility", "Typography", "Chess", "Astronomy", "Birds", "Mushrooms", "Cheese", "Cider",
    "Childcare", "Elder care", "Mourning", "Mediation", "Open space", "Sociocracy", "Group dynamics", "Public speaking", "Large format printing", "House groups",
]  # fmt: skip
# The question, what the right members offer or wrote, and which of the two ways finds them.
QUESTIONS = {
    QUESTION: ("offer", "Facilitator of meetings"),
    "Does anybody have experience with mediating between neighbours who no longer talk?": ("offer", "Neighbour mediation"),
    "I need help with the heat pump in an old house": ("write", "Our heat pump works in a house from 1890, with large radiators."),
    "Who could tell me how to keep bees on a roof in the city?": ("write", "We keep bees on the roof of the library since spring."),
    "Looking for someone who can review the contract of a housing cooperative": ("offer", "Contracts of cooperatives"),
    "Has anyone here run a repair café?": ("write", "Our repair café opens each month; the till is a teapot."),
    "Who knows how to bake sour dough bread at high altitude?": ("write", "At this altitude sour dough bread rises too fast."),
    "We are looking for an accessible website, who knows about screen readers?": ("offer", "Screen readers"),
}  # fmt: skip


def reciprocal_rank(names, right):
    return next((1 / place for place, name in enumerate(names, 1) if name == right), 0.0)


def test_among_a_hundred_members_a_question_finds_the_right_people(reader, member, post):
    """Mean reciprocal rank, compared with the member search by all words and by the significant words."""
    fans = [make_member(f"fan{number}") for number in range(4)]
    for number in range(100 - len(QUESTIONS) - len(fans)):
        topics = [OFFERED[(number * step + 3) % len(OFFERED)] for step in (1, 7)]
        someone = offers(
            make_member(f"person{number}", bio="I like people, large groups and long walks."), *topics
        )
        if number % 6 == 0:
            thanked(post, someone, f"I know about {topics[0]}, and I am looking for company.", by=fans[:1])
    right = {}
    for number, (question, (way, words)) in enumerate(QUESTIONS.items()):
        right[question] = f"right{number}"
        someone = make_member(right[question])
        if way == "offer":
            offers(someone, words)
        else:
            thanked(post, someone, words, by=fans)
    ranks, plain, plainer = [], [], []
    for question, name in right.items():
        ranks.append(reciprocal_rank([*asked(reader, question)], name))
        found = search("members", read_query(question), member, size=20)
        plain.append(reciprocal_rank([row.username for row in found.rows], name))
        for word in query_words(question):
            found = User.objects.listed().search(search_key(word)).by_name()[:20]
            plainer.append(reciprocal_rank([row.username for row in found], name))
    figures = [round(sum(some) / len(some), 2) for some in (ranks, plain, plainer)]
    assert figures[0] >= 0.9 > 0.4 > max(figures[1:]), figures


def test_a_candle_for_a_memory_says_nothing_of_what_somebody_knows(reader, host, other_member):
    switch_on("memorials")
    memorial = a_memorial()
    thanked(memorial.post, other_member, "She taught me facilitation in large groups.", by=[host])
    assert asked(reader) == {}
