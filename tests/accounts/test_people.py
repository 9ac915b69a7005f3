"""Finding other members: topics, the directory, introductions, following and muting."""

import re
from datetime import timedelta
from unittest.mock import ANY
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Follow, Introduction, MemberTopic, Mute, Topic, User
from accounts.services.profile import store_topics
from accounts.services.relations import answer_introduction, follow, mute, send_introduction
from core.utils.text import search_key
from tests.accounts.test_profile import EDIT, typed
from tests.factories import make_comment, make_member
from tests.figures import figure

pytestmark = pytest.mark.django_db

LIST = "/members/"
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


def found(client: Client, **asked: str) -> list[str]:
    return [member.username for member in client.get(LIST, asked).context["members"]]


def topics_of(member: User, kind: str = "help") -> list[str]:
    return [row.topic.name for row in member.topics.filter(kind=kind).select_related("topic")]


# --- topics ---


def test_topics_are_stored_in_order_and_shown(client, member, signed_in):
    data = typed(help_with="Bread,  first   steps online\nBREAD, ; Crème brûlée", look_for="a cello")
    assert signed_in(member).post(EDIT, data).status_code == 302
    assert (topics_of(member), topics_of(member, "look")) == (
        ["Bread", "first steps online", "Crème brûlée"],
        ["a cello"],
    )
    page = client.get("/members/alice/")
    assertContains(page, '<a href="/members/?help=first%20steps%20online">first steps online</a>')
    assertContains(page, "alice is looking for")
    assertContains(signed_in(member).get(EDIT), 'value="Bread, first steps online, Crème brûlée"')
    assert signed_in(member).post(EDIT, typed()).status_code == 302
    assert topics_of(member) == []


def test_the_directory_lists_topics_of_those_alone_who_can_help(client, member, other_member):
    """Members who only look for help have no empty list, which screen readers would announce."""
    store_topics(member, "help", ["bread", "bikes"])
    store_topics(member, "look", ["a cello"])
    store_topics(other_member, "look", ["a cello"])
    page = client.get("/members/").text
    assert re.findall(r'aria-label="(\w+ can help with)"', page) == ["alice can help with"]
    assert re.findall(r'<li><a href="\?help=(\w+)">', page) == ["bread", "bikes"]


def test_a_topic_is_one_however_people_spell_it(member, other_member):
    store_topics(member, "help", ["Crème Brûlée"])
    store_topics(other_member, "help", ["creme brulee"])
    store_topics(other_member, "look", ["CRÈME  BRÛLÉE"])
    assert [topic.name for topic in Topic.objects.all()] == ["Crème Brûlée"]
    assert list(Topic.objects.most_offered().values_list("name", "offers")) == [("Crème Brûlée", 2)]


@pytest.mark.parametrize(
    "text", [", ".join(f"topic {number}" for number in range(13)), "x" * 41, "\ufdfa" * 40]
)
def test_topics_have_their_measure(member, signed_in, text):
    response = signed_in(member).post(EDIT, typed(help_with=text, bio="kept words"))
    assertContains(response, 'id="id_help_with_error"', status_code=422)
    assertContains(response, "kept words", status_code=422)
    assert topics_of(member) == []


@given(st.lists(st.text(max_size=30), max_size=5))
def test_a_key_finds_itself(words):
    key = search_key(" ".join(words))
    assert search_key(key) == key == key.strip()


# --- the directory ---


@pytest.fixture
def three_people():
    ada = make_member("ada", display_name="Ada Škoda", tagline="Engines", bio="I *sail* & knit.")
    ben = make_member(
        "ben", display_name="Ben", tagline="Ada's neighbour", bio="[my site](https://ben.example/secretpath)"
    )
    eve = make_member("eve", is_active=False, display_name="Ada Closed")
    store_topics(ada, "help", ["Bread", "small engines"])
    store_topics(ada, "look", ["a Cello"])
    store_topics(ben, "help", ["bread"])
    store_topics(eve, "help", ["bread", "secrets"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "ada"}, ["ada", "ben"]),
        ({"q": "SKODA"}, ["ada"]),
        ({"q": "škoda"}, ["ada"]),
        ({"q": "sail knit"}, ["ada"]),
        ({"q": "knit neighbour"}, []),
        ({"q": "engines"}, ["ada"]),
        ({"q": "cel"}, ["ada"]),
        ({"q": "small neighbour"}, []),
        ({"q": "secretpath"}, []),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "'"}, ["ben"]),
        ({"help": "BREAD"}, ["ada", "ben"]),
        ({"help": "cello"}, []),
        ({"look": "a cello"}, ["ada"]),
        ({"help": "bread", "q": "sail"}, ["ada"]),
        ({"q": " "}, ["ada", "ben"]),
        ({"q": "x" * 5000}, []),
        ({"q": "ada " * 500}, ["ada", "ben"]),
        ({"help": "\\"}, []),
    ],
)
def test_the_directory_finds_names_lines_bios_and_topics(client, three_people, asked, expected):
    assert found(client, **asked) == expected


def test_the_query_stays_in_the_form_and_in_the_link_to_the_next_page(client, three_people, settings):
    settings.MEMBERS_PER_PAGE = 1
    response = client.get(LIST, {"help": "bread", "q": "ada"})
    assertContains(response, "2 members found.")
    assertContains(response, 'value="bread"')
    assertContains(response, '<meta name="robots" content="noindex, follow">')
    following = client.get(f"{LIST}?{response.context['next_query']}")
    assert [member.username for page in (response, following) for member in page.context["members"]] == [
        "ada",
        "ben",
    ]
    assertContains(following, 'href="/members/?q=ada&amp;help=bread"')
    assertContains(client.get(LIST, {"help": "harps"}), "No one offers that yet.")


def test_topics_to_choose_from_are_the_most_offered_first_and_nobody_alone_can_put_one_there_unseen(
    client, three_people
):
    hidden = make_member(profile_hidden=True)
    advertiser = make_comment(status="held").author
    for member in (hidden, advertiser):
        store_topics(member, "help", ["cheap casino bonus"])
    topics = client.get(LIST).context["popular_topics"]
    assert [(topic.name, topic.offers) for topic in topics] == [("Bread", 3), ("small engines", 1)]


def test_a_changed_profile_is_found_by_its_new_text(client, member, signed_in):
    signed_in(member).post(EDIT, typed(bio="I keep bees."))
    assert found(client, q="bees") == ["alice"]
    signed_in(member).post(EDIT, typed(bio="I kept wasps."))
    assert (found(client, q="bees"), found(client, q="wasps")) == ([], ["alice"])


# --- introductions ---


@pytest.fixture
def bob(other_member) -> User:
    other_member.takes_introductions = True
    other_member.save()
    return other_member


ASK = "/members/bob/introduction/"


def test_a_message_is_passed_on_without_an_email_address(member, bob, signed_in):
    asker = signed_in(member)
    assertContains(asker.get("/members/bob/"), ASK)
    assertRedirects(asker.post(ASK, {"words": "You mend radios.\nI have one & no idea."}), "/members/bob/")
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["bob@example.org"], "alice would like to be introduced to you")
    assert "You mend radios.\nI have one & no idea." in message.body
    assert "http://testserver/members/alice/" in message.body
    assert "alice@example.org" not in str(message.message())
    assert message.extra_headers == {
        "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Message-ID": ANY,
        "List-Unsubscribe": ANY, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }  # fmt: skip


def test_a_yes_is_answered_by_mail_without_an_address(member, bob, signed_in):
    introduction = send_introduction(member, bob, "Hello.")
    mail.outbox.clear()
    page = signed_in(bob).get("/members/me/people/")
    assertContains(page, "Hello.")
    answer = f"/members/me/introductions/{introduction.pk}/"
    assertRedirects(
        signed_in(bob).post(answer, {"accept": "1", "answer": "Come by on Tuesday."}), "/members/me/people/"
    )
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "bob accepted your introduction request")
    assert "Come by on Tuesday." in message.body
    assert "bob@example.org" not in str(message.message())
    assertContains(signed_in(member).get("/members/me/people/"), "Come by on Tuesday.")
    assertContains(
        signed_in(bob).post(answer, {"decline": "1"}, follow=True), "You’ve already answered this request."
    )
    introduction.refresh_from_db()
    assert introduction.state == "accepted"


def test_no_one_is_notified_of_a_refusal(member, bob, signed_in):
    introduction = send_introduction(member, bob, "Hello.")
    mail.outbox.clear()
    signed_in(bob).post(f"/members/me/introductions/{introduction.pk}/", {"decline": "1", "answer": "Never."})
    introduction.refresh_from_db()
    assert (introduction.state, introduction.answer, mail.outbox) == ("declined", "", [])
    assertContains(signed_in(member).get("/members/me/people/"), "No reply yet")
    assertNotContains(signed_in(bob).get("/members/me/people/"), "Accept")
    with pytest.raises(ValidationError, match="You’ve already asked"):
        send_introduction(member, bob, "Hello again.")


def test_who_takes_none_cannot_be_asked(member, other_member, signed_in):
    assertNotContains(signed_in(member).get("/members/bob/"), ASK)
    assert signed_in(member).get(ASK).status_code == 404
    # Someone may have been typing when it was switched off: they see the reason and keep their text.
    response = signed_in(member).post(ASK, {"words": "Kept words."})
    assertContains(response, "bob isn’t accepting introductions at the moment.", status_code=422)
    assertContains(response, "Kept words.", status_code=422)
    with pytest.raises(ValidationError):
        send_introduction(member, other_member, "Hello.")
    assert (mail.outbox, Introduction.objects.count()) == ([], 0)


def test_a_visitor_signs_in_first(client, bob):
    assertNotContains(client.get("/members/bob/"), ASK)
    assertRedirects(client.post(ASK, {"words": ""}), f"/accounts/login/?next={ASK}")
    # Members whose session expired while they were writing keep their text.
    response = client.post(ASK, {"words": "Hello."})
    assertContains(response, "You’re not signed in.", status_code=403)
    assertContains(response, "Hello.</textarea>", status_code=403)


@pytest.mark.parametrize(
    ("came_from", "after"),
    [
        ("http://testserver/members/?q=bo", "/members/?q=bo"),
        (
            "http://testserver/members/bob/follow/",
            "/",
        ),  # accepts only POST; the page after an error has this URL
        ("http://testserver//evil.example/", "/"),
        ("https://evil.example/members/", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_for_a_button_the_page_with_the_button_is_shown(client, bob, came_from, after):
    """The URL that receives the button's POST does not support GET."""
    answer = client.post("/members/bob/mute/", headers={"referer": came_from})
    assertRedirects(answer, f"/accounts/login/?{urlencode({'next': after}, safe='/')}")


def test_a_reply_to_an_introduction_that_was_refused_and_sent_signed_out_leads_to_the_page_with_the_form(
    client, member, bob, signed_in
):
    path = f"/members/me/introductions/{send_introduction(member, bob, 'Hello.').pk}/"
    assertRedirects(
        client.post(path, {"accept": "1"}, headers={"referer": f"http://testserver{path}"}),
        f"/accounts/login/?next={path}",
    )
    assertRedirects(signed_in(bob).get(path), "/members/me/people/")


@pytest.mark.parametrize(
    "words", ["", "  ", "x" * 1001, "See https://evil.example", "www.evil.example", "me@evil.example", "\x00"]
)
def test_an_invalid_message_comes_back_with_the_reason(member, bob, signed_in, words):
    response = signed_in(member).post(ASK, {"words": words})
    assertContains(response, 'id="id_words_error"', status_code=422)
    assert not Introduction.objects.exists()


def test_a_few_a_day_are_enough(member, signed_in):
    others = [make_member(f"other{number}", takes_introductions=True) for number in range(4)]
    for other in others[:3]:
        send_introduction(member, other, "Hello.")
    response = signed_in(member).post("/members/other3/introduction/", {"words": "Kept words."})
    assertContains(response, "You’ve sent several requests recently.", status_code=429)
    assertContains(response, "Kept words.", status_code=429)
    assert int(response["Retry-After"]) > 80_000
    Introduction.objects.update(
        created_at=Introduction.objects.first().created_at - timedelta(days=1, minutes=1)
    )
    send_introduction(member, others[3], "Hello.")


def test_a_muted_member_cannot_ask_and_does_not_notice(member, bob, signed_in):
    mute(bob, member, on=True)
    assertRedirects(signed_in(member).post(ASK, {"words": "Hello."}), "/members/bob/")
    assert mail.outbox == []
    assertNotContains(signed_in(bob).get("/members/me/people/"), "Hello.")
    assertContains(signed_in(member).get("/members/me/people/"), "No reply yet")


def test_only_the_one_who_was_asked_answers(member, bob, host, signed_in):
    introduction = send_introduction(member, bob, "Hello.")
    for reader in (member, host):
        assert (
            signed_in(reader)
            .post(f"/members/me/introductions/{introduction.pk}/", {"accept": "1"})
            .status_code
            == 404
        )
        if reader != member:
            assertNotContains(signed_in(reader).get("/members/me/people/"), "Hello.")
    introduction.refresh_from_db()
    assert introduction.state == "waiting"


def test_an_answer_that_is_too_long_comes_back(member, bob, signed_in):
    introduction = send_introduction(member, bob, "Hello.")
    response = signed_in(bob).post(
        f"/members/me/introductions/{introduction.pk}/", {"accept": "1", "answer": "y" * 1001}
    )
    assertContains(response, "y" * 1001, status_code=422)
    assertContains(response, 'id="id_answer_error"', status_code=422)
    assert answer_introduction(introduction, accept=True)
    assert not answer_introduction(introduction, accept=False)


@pytest.mark.sql
def test_the_database_keeps_one_question_for_each_pair(member, bob):
    send_introduction(member, bob, "Hello.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.create(asker=member, asked=bob, words="Hello.")


# --- following and muting ---


def test_following_and_muting_are_buttons_on_the_page(member, other_member, signed_in):
    alice = signed_in(member)
    assertRedirects(alice.post("/members/bob/follow/"), "/members/bob/")
    alice.post("/members/bob/follow/")
    assert list(member.follows.values_list("followed__username", flat=True)) == ["bob"]
    assertContains(alice.get("/members/bob/"), 'aria-pressed="true">Following')
    assertContains(alice.get("/members/me/people/"), "/members/bob/follow/")
    assertRedirects(
        alice.post("/members/bob/follow/", {"off": "1", "next": "/members/me/people/"}), "/members/me/people/"
    )
    assert not Follow.objects.exists()
    alice.post("/members/bob/mute/")
    assertContains(alice.get("/members/bob/"), "They don’t know.")
    assert User.objects.get(pk=member.pk).muted_ids == {other_member.pk}
    assertContains(alice.get("/members/me/people/"), "/members/bob/mute/")
    alice.post("/members/bob/mute/", {"off": "1"})
    assert not Mute.objects.exists()


def test_the_muted_one_never_knows(client, member, other_member, signed_in):
    def pages() -> list[str]:
        paths = ("/members/alice/", "/members/bob/", "/members/me/people/", "/members/")
        return [CSRF.sub("", signed_in(other_member).get(path).content.decode()) for path in paths]

    before = pages()
    mute(member, other_member, on=True)
    follow(make_member("carl"), member, on=True)
    after = pages()
    assert before[:3] == after[:3]
    assert "They don’t know" not in client.get("/members/bob/").content.decode()


def test_one_does_not_follow_and_mute_the_same_person(member, other_member):
    follow(member, other_member, on=True)
    mute(member, other_member, on=True)
    assert (member.follows.count(), member.mutes.count()) == (0, 1)
    follow(member, other_member, on=True)
    assert (member.follows.count(), member.mutes.count()) == (1, 0)


@pytest.mark.parametrize("what", ["follow", "mute", "introduction"])
def test_nobody_does_it_to_themselves(member, signed_in, what):
    User.objects.update(takes_introductions=True)
    assertContains(
        signed_in(member).post(f"/members/alice/{what}/", {"words": "Hello."}),
        "You can’t do this with your own profile.",
        status_code=403,
    )
    assert signed_in(member).post(f"/members/nobody-at-all/{what}/").status_code == 404


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "https://[evil/"],
)
def test_the_way_back_stays_here(member, other_member, signed_in, target):
    assertRedirects(signed_in(member).post("/members/bob/follow/", {"next": target}), "/members/bob/")


def test_muted_people_are_asked_for_once(member, other_member, django_assert_num_queries):
    mute(member, other_member, on=True)
    with django_assert_num_queries(1):
        assert [member.muted_ids for _time in range(3)] == [{other_member.pk}] * 3
    mute(member, other_member, on=False)
    assert member.muted_ids == frozenset()


@pytest.mark.parametrize("people", [1, figure(4, 12)])
def test_the_page_of_people_costs_the_same_queries_however_many(
    people, member, signed_in, django_assert_num_queries
):
    for number in range(people):
        other = make_member(f"other{number}", takes_introductions=True)
        Introduction.objects.create(asker=other, asked=member, words="Hello.")
        Introduction.objects.create(asker=member, asked=other, words="Hello.")
        follow(member, other, on=True)
        mute(member, make_member(f"loud{number}"), on=True)
    alice = signed_in(member)
    # Session, user, their unread notifications, muted ids, one for each of the four lists, and which are
    # moderators.
    with django_assert_num_queries(9):
        assertContains(alice.get("/members/me/people/"), "Accept", count=people)


@pytest.mark.sql
def test_a_topic_belongs_once_to_a_member(member):
    topic = Topic.objects.create(name="Bread", key="bread")
    MemberTopic.objects.create(user=member, topic=topic, kind="help")
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberTopic.objects.create(user=member, topic=topic, kind="help")
