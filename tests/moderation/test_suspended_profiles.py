"""The profile of a suspended member: nothing new appears on it; a banned member's shows others only the name."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Introduction, ProfileLink, User
from accounts.services.profile import add_link, store_topics
from accounts.services.relations import answer_introduction, send_introduction
from comments.services.mentions import suggest_names
from moderation.services.members import ban, lift, suspend
from tests.accounts.test_profile import EDIT, typed
from tests.factories import make_comment, make_member, make_picture

pytestmark = pytest.mark.django_db

# Wanda's profile data, as it appears in HTML.
SHOWN = ("Best watches", "Buy them all.", "watches.example", "clockwork", "/media/avatars/")


@pytest.fixture
def wanda():
    member = make_member(
        "wanda", display_name="Wanda", tagline="Best watches", bio="Buy them all.", takes_introductions=True
    )
    member.avatar.save("me.png", make_picture())
    ProfileLink.objects.create(user=member, url="https://watches.example/", label="Shop")
    store_topics(member, "help", ["clockwork"])
    return member


def banned(member, moderator):
    return ban(member, by=moderator, words="Only sells watches.")


def seen(client, url: str) -> list[str]:
    html = client.get(url).content.decode()
    return [part for part in SHOWN if part in html]


def test_others_find_the_name_and_the_text_and_nothing_else(
    wanda, post, member, moderator, client, signed_in
):
    make_comment(post=post, author=wanda, body="I was here.")
    places = [
        "/members/wanda/",
        "/members/wanda/card.vcf",
        post.get_absolute_url(),
        "/members/?q=watches",
        "/members/?help=clockwork",
    ]
    readers = [client, signed_in(member)]
    for reader in readers:
        assert all(seen(reader, place) for place in places)
    restriction = banned(wanda, moderator)
    for reader in readers:
        assert [seen(reader, place) for place in places[:3]] == [[], [], []]
        assertContains(reader.get(post.get_absolute_url()), "I was here.")
        for place in places[3:]:
            assertNotContains(reader.get(place), "Wanda")
        page = reader.get("/members/wanda/")
        for part in (
            "Wanda",
            "This profile isn’t available at the moment.",
            "I was here.",
            'content="noindex',
        ):
            assertContains(page, part)
        assertNotContains(page, "banned")
    assert suggest_names("wan", writer=member, post=post) == []
    lift(restriction, by=moderator)
    for reader in readers:
        assert all(seen(reader, place) for place in places)


def test_they_themselves_and_moderators_see_it_all_and_read_that_others_do_not(wanda, moderator, signed_in):
    banned(wanda, moderator)
    for reader, sentence in (
        (wanda, "Only you and the moderators can see this profile as it is."),
        (moderator, "This member is banned"),
    ):
        client = signed_in(reader)
        assert seen(client, "/members/wanda/") == list(SHOWN)
        assertContains(client.get("/members/wanda/"), sentence)


def test_a_suspension_that_ends_takes_nothing_off_the_page(wanda, moderator, client):
    suspend(wanda, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    assert seen(client, "/members/wanda/") == list(SHOWN)


@pytest.fixture
def silent(wanda, moderator):
    suspend(wanda, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    return wanda


AS_IT_IS = {
    "display_name": "Wanda",
    "tagline": "Best watches",
    "bio": "Buy them all.",
    "help_with": "clockwork",
}


def link(member: User, **fields) -> dict:
    return {"id": member.links.get().pk, "label": "Shop", "url": "https://watches.example/"} | fields


@pytest.mark.parametrize(
    "new",
    [
        {"bio": "Buy more."},
        {"display_name": "Wanda Watches"},
        {"help_with": "clockwork, watches"},
        {"look_for": "buyers"},
        {"avatar": "new"},
    ],
    ids=lambda new: ",".join(new),
)
def test_who_may_only_read_puts_nothing_new_on_their_page(silent, signed_in, new):
    new = {"avatar": make_picture()} if "avatar" in new else new
    client = signed_in(silent)
    before = User.objects.values().get(pk=silent.pk)
    response = client.post(EDIT, typed(link(silent), initial=1, **AS_IT_IS | new))
    assertContains(
        response, "You can remove things from your profile, but not add anything.", status_code=422
    )
    assert User.objects.values().get(pk=silent.pk) == before


def test_nor_a_link(silent, signed_in):
    client, other = signed_in(silent), {"label": "", "url": "https://more.example/"}
    for rows in (
        [link(silent), other],
        [link(silent, url="https://more.example/")],
        [link(silent, label="Best shop")],
    ):
        assert client.post(EDIT, typed(*rows, initial=1, **AS_IT_IS)).status_code == 422
    add_link(silent, "https://more.example/")
    assert list(silent.links.values_list("label", "url")) == [("Shop", "https://watches.example/")]


def test_they_can_take_everything_off(silent, signed_in):
    client = signed_in(silent)
    assertContains(client.get(EDIT), "You can remove things from your profile, but not add anything.")
    assert client.post(EDIT, typed(link(silent), initial=1, **AS_IT_IS)).status_code == 302
    gone = typed(link(silent, DELETE="on"), initial=1, **{"avatar-clear": "on", "takes_introductions": ""})
    assert client.post(EDIT, gone).status_code == 302
    silent.refresh_from_db()
    assert [
        silent.display_name,
        silent.tagline,
        silent.bio,
        silent.avatar.name,
        silent.links.count(),
        silent.topics.count(),
    ] == [
        "",
        "",
        "",
        "",
        0,
        0,
    ]


def test_who_may_only_read_says_no_to_an_introduction_but_not_yes(wanda, member, moderator, signed_in):
    introduction = send_introduction(member, wanda, "Good day.")
    banned(wanda, moderator)
    response = signed_in(wanda).post(
        f"/members/me/introductions/{introduction.pk}/", {"accept": "1", "answer": "Buy some."}
    )
    assertContains(response, "You can read, but you can’t post any more.", status_code=422)
    assertContains(response, "Buy some.", status_code=422)
    assert Introduction.objects.get().state == "waiting"
    assert answer_introduction(introduction, accept=False)


def test_nobody_asks_to_be_introduced_to_somebody_banned(wanda, member, moderator, signed_in):
    client, url = signed_in(member), "/members/wanda/introduction/"
    assert client.get(url).status_code == 200
    banned(wanda, moderator)
    assert client.get(url).status_code == 404
    with pytest.raises(ValidationError, match="isn’t accepting introductions"):
        send_introduction(member, wanda, "Good day.")
