"""Blocked domains and IP ranges: their syntax, what they block, and that everyone who is blocked is told."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment
from moderation.models import ModerationAction, Restriction
from moderation.services.blocklist import read_domain, read_network
from moderation.services.members import block_domain, block_network, lift
from moderation.spamfilter.form_token import network_of
from tests.factories import make_comment, make_member


@pytest.fixture
def url(post):
    return f"/posts/{post.slug}/comments/"


# --- domains ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("Deals.Example", "deals.example"), (" https://www.deals.example/path?q=1 ", "deals.example"), ("user@deals.example:8080", "deals.example"),
        ("bücher.example", "xn--bcher-kva.example"), ("a.b.deals.example.", "a.b.deals.example"),
    ],
)  # fmt: skip
def test_a_domain_is_taken_as_people_write_it(typed, domain):
    assert read_domain(typed, may_block_shared=False) == domain


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "deals",
        "..",
        "deals..example",
        "-.example",
        "x" * 64 + ".example",
        "https://",
        "1.2.3.4",
        "\x00.example",
        "💡",
    ],
)
def test_an_invalid_domain_is_refused_with_a_message(typed):
    with pytest.raises(ValidationError):
        read_domain(typed, may_block_shared=True)


@given(st.text(max_size=300))
def test_no_text_breaks_it(typed):
    for read in (lambda: read_domain(typed, may_block_shared=True), lambda: read_network(typed)):
        with suppress(ValidationError):
            assert read()


def test_only_the_host_closes_a_place_where_many_people_are(moderator, host):
    with pytest.raises(ValidationError, match="Only the host can block it"):
        block_domain("youtube.com", by=moderator, words="x")
    assert block_domain("youtube.com", by=host, words="x").domain == "youtube.com"


@pytest.mark.parametrize(
    "domain",
    ["spam.wordpress.com", "a.blog.blogspot.com", "spam.blogspot.de", "spam.netlify.app", "cheap.github.io"],
)
def test_one_blog_among_many_any_moderator_closes_and_its_neighbours_stay_open(
    domain, moderator, member, url, signed_in
):
    block_domain(domain, by=moderator, words="Only watches.")
    client = signed_in(member)
    assert client.post(url, {"body": f"See https://{domain}/x"}).status_code == 422
    assert (
        client.post(
            url,
            {
                "body": f"See https://{domain.replace('spam', 'ham').replace('cheap', 'dear').replace('a.blog', 'b.blog')}/x"
            },
        ).status_code
        == 302
    )


@pytest.mark.parametrize(
    "domain",
    ["wordpress.com", "blogspot.de", "twitter.com", "x.com", "netlify.app", "en.wikipedia.org", "mit.edu"],
)
def test_a_place_of_many_is_refused_to_moderators_and_asked_twice_of_the_host(
    domain, moderator, host, signed_in
):
    data = {"what": domain, "days": "7", "words": "Kept words."}
    for extra in ({}, {"is_meant": "on"}):
        assertContains(
            signed_in(moderator).post("/moderation/places/", data | extra),
            "Only the host can block it.",
            status_code=422,
        )
    browser = signed_in(host)
    response = browser.post("/moderation/places/", data)
    for part in (
        "Many unrelated people have pages there.",
        "Yes, block links to everyone there",
        "Kept words.",
    ):
        assertContains(response, part, status_code=422)
    assertNotContains(browser.get("/moderation/places/"), "Yes, block links to everyone there")
    assert not Restriction.objects.exists()
    assertRedirects(browser.post("/moderation/places/", data | {"is_meant": "on"}), "/moderation/places/")
    assert Restriction.objects.get().domain == domain


@pytest.mark.parametrize("domain", ["co.uk", "www.com.br", "community.example.org", "example.org"])
def test_nobody_closes_an_ending_or_this_place_itself(domain, host, signed_in, settings):
    settings.SITE_URL = "https://community.example.org"
    data = {"what": domain, "days": "7", "words": "Kept words.", "is_meant": "on"}
    assert signed_in(host).post("/moderation/places/", data).status_code == 422
    assert not Restriction.objects.exists()


@pytest.mark.parametrize("words", ["See https://deals.example/x", "See www.shop.deals.example", "[here](http://deals.example)", "x " * 6000 + "https://deals.example/x" + " y" * 3000])  # fmt: skip
def test_a_link_there_comes_back_with_the_sentence_and_every_word(words, moderator, member, url, signed_in):
    block_domain("deals.example", by=moderator, words="Forty copies this week.")
    response = signed_in(member).post(url, {"body": words})
    assertContains(
        response, "Links to deals.example aren’t allowed here: Forty copies this week.", status_code=422
    )
    assertContains(response, words[-20:], status_code=422)
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        "See https://notdeals.example/x",
        "See https://deals.example.org/",
        "We had great deals. Example given.",
    ],
)
def test_its_likes_are_not_stopped(words, moderator, url, signed_in):
    block_domain("deals.example", by=moderator, words="Forty copies.")
    assert signed_in(make_member()).post(url, {"body": words}).status_code == 302


def test_an_edit_cannot_bring_it_in_either(moderator, member, post, signed_in):
    block_domain("deals.example", by=moderator, words="Forty copies.")
    comment = make_comment(post=post, author=member, body="Plain.")
    response = signed_in(member).post(
        f"/comments/{comment.pk}/edit/", {"body": "See https://deals.example/x"}
    )
    assertContains(response, "Forty copies.", status_code=422)
    comment.refresh_from_db()
    assert comment.body == "Plain."


def test_the_host_and_moderators_may_name_it_and_lifted_or_over_it_stops_nobody(
    moderator, member, url, signed_in
):
    restriction = block_domain("deals.example", by=moderator, words="Forty copies.")
    assert signed_in(moderator).post(url, {"body": "https://deals.example is what I mean"}).status_code == 302
    lift(restriction, by=moderator)
    assert signed_in(member).post(url, {"body": "See https://deals.example/x"}).status_code == 302
    block_domain("deals.example", by=moderator, words="Again.", ends_at=timezone.now() + timedelta(days=1))
    Restriction.objects.filter(lifted_at=None).update(
        created_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    assert signed_in(member).post(url, {"body": "Then https://deals.example/y"}).status_code == 302


# --- IP ranges ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("8.8.8.8", network_of("8.8.8.1")), ("8.8.8.0/24", network_of("8.8.8.1")), ("8.8.8.77/30", network_of("8.8.8.1")), ("8.8.0.0/16", "8.8.0.0/16"),
        ("2001:4860::/32", "2001:4860::/32"), ("2001:4860:4860::8888", network_of("2001:4860:4860::1")), ("a" * 32, "a" * 32),
    ],
)  # fmt: skip
def test_narrow_blocks_are_kept_as_a_hash_and_wide_ones_as_they_are(typed, kept):
    assert read_network(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "8.8",
        "8.0.0.0/15",
        "2001::/16",
        "192.168.0.0/16",
        "127.0.0.1",
        "::1",
        "8.8.8.8/99",
        "deals.example",
    ],
)
def test_an_invalid_or_too_wide_network_is_refused_with_a_message(typed):
    with pytest.raises(ValidationError):
        read_network(typed)


@pytest.mark.parametrize("block", ["8.8.8.0/24", "8.8.0.0/16", network_of("8.8.8.8")])
def test_newcomers_from_there_are_refused_with_a_message_and_members_are_not(
    block, moderator, url, signed_in, settings
):
    block_network(block, by=moderator, words="A flood came from there.", days=7)
    newcomer, known, elsewhere = make_member(), make_member(), make_member()
    make_comment(author=known)
    response = signed_in(newcomer).post(url, {"body": "My kept words."}, REMOTE_ADDR="8.8.8.9")
    assertContains(response, "New members and guests can’t post from your network until", status_code=422)
    assertContains(response, "A flood came from there.", status_code=422)
    assertContains(response, "My kept words.", status_code=422)
    assert signed_in(known).post(url, {"body": "Words."}, REMOTE_ADDR="8.8.8.9").status_code == 302
    assert signed_in(elsewhere).post(url, {"body": "Words."}, REMOTE_ADDR="9.9.9.9").status_code == 302


def test_moderators_who_close_the_block_they_sit_in_go_on_reading_writing_and_lifting_it(
    moderator, post, url, signed_in
):
    browser = signed_in(moderator)
    data = {"what": "8.8.8.0/24", "days": "7", "words": "A flood."}
    assertRedirects(browser.post("/moderation/places/", data, REMOTE_ADDR="8.8.8.8"), "/moderation/places/")
    assert browser.get(post.get_absolute_url(), REMOTE_ADDR="8.8.8.8").status_code == 200
    assert browser.post(url, {"body": "Words."}, REMOTE_ADDR="8.8.8.8").status_code == 302
    browser.post(f"/moderation/restrictions/{Restriction.objects.get().pk}/lift/", REMOTE_ADDR="8.8.8.8")
    assert not Restriction.objects.in_force().exists()


def test_no_address_is_kept_of_a_narrow_block(moderator):
    restriction = block_network("8.8.8.8", by=moderator, words="A flood.", days=7)
    assert "8.8.8" not in "".join(map(str, Restriction.objects.values_list()[0])) + "".join(
        map(str, ModerationAction.objects.values_list()[0])
    )
    assert restriction.about == f"#{restriction.network[:8]}"


# --- the page ---------------------------------------------------------------------------


def test_a_moderator_closes_and_opens_places(moderator, signed_in):
    browser = signed_in(moderator)
    for what, days in (("deals.example", "0"), ("8.8.8.0/24", "7")):
        assertRedirects(
            browser.post("/moderation/places/", {"what": what, "days": days, "words": "A flood."}),
            "/moderation/places/",
        )
    assert list(Restriction.objects.order_by("pk").values_list("kind", "domain")) == [
        ("domain", "deals.example"),
        ("network", ""),
    ]
    assertContains(
        browser.post("/moderation/places/", {"what": "deals.example", "days": "0", "words": "Again."}),
        "is already blocked",
        status_code=422,
    )
    for restriction in Restriction.objects.all():
        assertRedirects(
            browser.post(f"/moderation/restrictions/{restriction.pk}/lift/"), "/moderation/places/"
        )
    assert not Restriction.objects.in_force().exists()
    assert list(ModerationAction.objects.order_by("pk").values_list("action", "domain")) == [("domain", "deals.example"), ("network", ""), ("lift", "deals.example"), ("lift", "")]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"what": "8.8.8.0/24", "days": "0", "words": "Kept words."},
            "IP ranges change hands: choose an end date.",
        ),
        ({"what": "nonsense", "days": "7", "words": "Kept words."}, "This isn’t a domain."),
        ({"what": "8.0.0.0/8", "days": "7", "words": "Kept words."}, "This range is too wide"),
        ({"what": "", "days": "7", "words": "Kept words."}, "Enter a domain or an IP range."),
        ({"what": "deals.example", "days": "5", "words": "Kept words."}, "Choose a duration."),
        ({"what": "deals.example", "days": "7", "words": ""}, "Give the reason in a sentence."),
    ],
)
def test_what_lacks_something_comes_back_with_what_was_typed(moderator, signed_in, data, sentence):
    response = signed_in(moderator).post("/moderation/places/", data)
    assertContains(response, sentence, status_code=422)
    assertContains(response, data["words"] or data["what"], status_code=422)
    assert not Restriction.objects.exists()
