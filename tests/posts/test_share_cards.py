"""Images for shared links: content, access, and updates."""

import re
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.utils import timezone
from PIL import Image

from accounts.services.share_cards import card_of_member, forget_erased
from core.utils.share_cards import SIZE, Card, draw, font_for, oklch
from posts.models import Tag
from posts.services.publishing import publish_post
from posts.share_cards import card_of_post
from posts.tasks import draw_share_card
from tests.factories import make_host, make_member, make_picture, make_post, put_comment

TITLES = {
    "plain": "Where do you go to talk?",
    "long": "A title that goes on " * 10,
    "one long word": "Donaudampfschifffahrtsgesellschaft" * 6,
    "arabic": "أين تذهب للحديث مع الأصدقاء",
    "hebrew": "שלום עולם 12",
    "japanese": "お茶と会話" * 30,
    "emoji": "🎉👩‍👩‍👧",
    "marks": "a\u0301\u0300" * 100,
    "control": "a\x00\x1b\ufffe\ud800b",
    "blank": " ",
    "nothing": "",
}


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Cards are stored on disk, where a test in another process would delete them."""
    monkeypatch.setattr(caches["cards"], "_dir", str(tmp_path / "cards"))


def opened(jpeg):
    picture = Image.open(BytesIO(jpeg))
    return picture.format, picture.size


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_every_title_makes_a_picture_of_the_same_size(title):
    assert opened(draw(Card(title, "The Long Table", 44, title))) == ("JPEG", SIZE)


def test_what_no_font_draws_is_left_out_and_the_rest_is_drawn():
    assert font_for("Tea 🍵 お茶 time\u200d!", 40)[1] == "Tea time!"
    assert font_for("שלום", 40)[1] == "שלום"


def test_a_title_that_cannot_be_drawn_gives_way_to_the_name_of_the_site():
    assert draw(Card("🎉", "The Long Table", 44)) == draw(Card("The Long Table", "The Long Table", 44))


@pytest.mark.parametrize(("hue", "colour"), [(44, (148, 65, 25)), (144, (44, 110, 47)), (244, (0, 100, 155))])
def test_the_accent_has_the_hue_of_the_site(hue, colour):
    picture = Image.open(BytesIO(draw(Card("Tea", "Table", hue))))
    found = picture.getpixel((8, 300))
    assert all(abs(one - other) <= 4 for one, other in zip(found, oklch(0.48, 0.12, hue), strict=True))
    assert all(abs(one - other) <= 6 for one, other in zip(found, colour, strict=True))


def card_on(page) -> str:
    [address] = re.findall(r'<meta property="og:image" content="http://testserver([^"]+)">', page)
    return address


@pytest.fixture
def places(db):
    """Create a page of each kind that has a card."""
    vera = make_host("vera")
    post = make_post(vera, slug="open")
    post.tags.add(Tag.objects.create(name="Tea", slug="tea"))
    return ["/", "/posts/", "/posts/?tag=tea", "/posts/open/", "/members/vera/"]


def test_every_page_that_is_shared_has_a_picture(client, places):
    addresses = [card_on(client.get(place).content.decode()) for place in places]
    assert len(set(addresses)) == 4  # the archive has that of the site
    for address in addresses:
        response = client.get(address)
        assert (response["Content-Type"], response["Cache-Control"]) == (
            "image/jpeg",
            "public, max-age=86400",
        )
        assert opened(response.content) == ("JPEG", SIZE)
        old = client.get(re.sub(r"[^/]+\.jpg", "0000.jpg", address))
        assert (old.status_code, old["Location"]) == (302, address)


@pytest.mark.django_db
def test_a_card_is_kept_until_what_it_shows_changes(client, host, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "core.services.share_cards.draw", lambda card, *_: drawn.append(card.title) or b"jpeg"
    )
    caches["cards"].clear()
    post = make_post(host, title="Tea")

    def fetch():
        return client.get(card_on(client.get(post.get_absolute_url()).content.decode())).content

    assert [fetch(), fetch(), drawn] == [b"jpeg", b"jpeg", ["Tea"]]
    post.title, post.updated_at = "Coffee", timezone.now()
    post.save()
    assert [fetch(), fetch(), drawn] == [b"jpeg", b"jpeg", ["Tea", "Coffee"]]


@pytest.mark.django_db
def test_the_cover_is_in_it_and_a_missing_file_is_no_error(client, host):
    caches["cards"].clear()
    post = make_post(host, cover=make_picture())
    address = card_on(client.get(post.get_absolute_url()).content.decode())
    picture = Image.open(BytesIO(client.get(address).content))
    assert all(
        abs(one - other) < 6 for one, other in zip(picture.getpixel((1100, 300)), (120, 80, 40), strict=True)
    )
    caches["cards"].clear()
    post.cover.storage.delete(post.cover.name)
    assert opened(client.get(address).content) == ("JPEG", SIZE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status"),
    [({"visibility": "unlisted"}, 200), ({"visibility": "members"}, 404), ({"published_at": None}, 404)],
)
def test_a_card_may_be_seen_by_those_who_may_see_the_post(client, signed_in, host, fields, status):
    post = make_post(host, **fields)
    address = f"/share/posts/{post.pk}/{card_of_post(post).version}.jpg"
    for reader in (client, signed_in(host)):
        assert reader.get(address).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(("visibility", "status"), [("public", 302), ("unlisted", 404)])
def test_an_old_card_leads_to_no_post_that_only_those_with_the_link_find(client, host, visibility, status):
    post = make_post(host, visibility=visibility)
    assert client.get(f"/share/posts/{post.pk}/old.jpg").status_code == status


@pytest.mark.django_db
def test_a_page_for_members_names_no_card(signed_in, host, member):
    make_post(host, slug="inside", visibility="members")
    assert "og:image" not in signed_in(member).get("/posts/inside/").content.decode()


@pytest.mark.django_db
def test_a_hidden_profile_shows_its_name_alone(client):
    shown = make_member("dora", display_name="Dora", tagline="Tea.", avatar="avatars/dora.webp")
    put_comment(author=shown)
    assert card_of_member(shown) == Card("Dora", "The Long Table", 44, "Tea.", "avatars/dora.webp")
    shown.profile_hidden = True
    assert card_of_member(shown) == Card("dora", "The Long Table", 44)


@pytest.mark.django_db
def test_when_a_member_is_erased_their_card_goes_too(client):
    member = make_member("dora")
    client.get(card_on(client.get("/members/dora/").content.decode()))
    assert caches["cards"].get(f"member-{member.pk}")
    assert forget_erased(member, None) == 0
    assert caches["cards"].get(f"member-{member.pk}") is None


@pytest.mark.django_db
def test_the_worker_draws_the_card_of_a_new_post(host, monkeypatch):
    asked = []
    monkeypatch.setattr("posts.receivers.draw_share_card", SimpleNamespace(enqueue=asked.append))
    post = make_post(host, published_at=None)
    publish_post(post)
    assert asked == [post.pk]
    draw_share_card.func(post.pk)
    assert caches["cards"].get(f"post-{post.pk}")[0] == card_of_post(post).version
    draw_share_card.func(0)
