"""The publishing panel: time, audience, slug, and previews of search results and shared links."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Follow
from core.utils.moments import moment_in_zone
from notifications.models import FanOut
from notifications.services.notify import fan_out_batch
from notifications.services.preferences import choose
from posts.models import Post, Tag
from tests.factories import make_host, make_member, make_picture, make_post
from tests.posts.test_admin import ADD, announced, change_url, data_of, form_data  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


def at(text: str, zone: str = "UTC") -> dict[str, str]:
    day, time = text.split()
    return {"when": "at", "published_at_0": day, "published_at_1": time, "zone": zone}


def in_form(host, **fields):
    return form_data(host) | fields


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: [*found] for name, found in response.context["adminform"].form.errors.items()}


# --- time -------------------------------------------------------------------------------


def test_now_publishes_whatever_date_is_filled_in(host_client, host, announced):  # noqa: F811
    host_client.post(ADD, in_form(host, **at("2001-01-01 10:00")) | {"when": "now", "_publish": "1"})
    post = Post.objects.get()
    assert post.is_published
    assert timezone.now() - post.published_at < timedelta(minutes=1)
    assert announced == [post]


def test_a_set_time_is_read_on_the_clocks_of_the_chosen_zone(host_client, host, announced):  # noqa: F811
    host_client.post(ADD, in_form(host, **at("2099-07-01 07:30", "America/New_York"), _publish="1"))
    post = Post.objects.get()
    assert post.published_at == datetime(2099, 7, 1, 11, 30, tzinfo=UTC)
    assert announced == [post]


def test_saving_a_draft_leaves_it_one_whatever_is_filled_in(host_client, host, announced):  # noqa: F811
    host_client.post(ADD, in_form(host, **at("2099-07-01 07:30"), _save="1"))
    assert (Post.objects.get().published_at, announced) == (None, [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (at("2001-01-01 10:00"), "This time has passed. Choose a later one, or “Now”."),
        (at("0001-01-01 00:30", "Asia/Tokyo"), "Choose a year from 1970 to 2999."),
        (at("9999-12-31 23:59", "America/New_York"), "Choose a year from 1970 to 2999."),
        ({"when": "at"}, "Choose a date and a time, or “Now”."),
        ({"when": "at", "published_at_0": "2099-07-01"}, "Enter a time."),
        ({"when": "at", "published_at_1": "10:00"}, "Enter a date."),
        (
            at("2099-03-29 02:30", "Europe/Berlin"),
            "On 29 Mar 2099 clocks in Europe/Berlin go forward, so 2:30 a.m. doesn’t exist. Choose 3:30 a.m., for example.",
        ),
        (
            at("2099-10-25 02:30", "Europe/Berlin"),
            "On 25 Oct 2099 clocks in Europe/Berlin go back, so 2:30 a.m. happens twice. "
            "Choose another time, or enter it in UTC.",
        ),
    ],
)
def test_a_time_that_cannot_be_is_said_at_its_field_and_the_text_is_kept(host_client, host, given, said):
    response = host_client.post(ADD, in_form(host, body="<p>Long work.</p>", _publish="1") | given)
    found = errors(response)
    assert [text.replace("\xa0", " ") for text in found["published_at"]] == [said]
    assert "&lt;p&gt;Long work.&lt;/p&gt;" in response.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize("zone", ["Nowhere/Atlantis", "../etc/passwd", "x" * 5000])
def test_an_unknown_zone_is_refused(host_client, host, zone):
    assert "zone" in errors(
        host_client.post(ADD, in_form(host, **at("2099-07-01 07:30", zone), _publish="1"))
    )


def test_the_date_of_a_published_post_can_be_corrected_but_not_put_off(host_client, post):
    then = (timezone.now() - timedelta(days=400)).replace(microsecond=0)
    assert host_client.post(change_url(post), data_of(post, published_at=then)).status_code == 302
    post.refresh_from_db()
    assert post.published_at == then
    response = host_client.post(
        change_url(post), data_of(post, published_at=timezone.now() + timedelta(days=1))
    )
    assert errors(response)["published_at"] == [
        "This post is already published. To publish it at a later time, unpublish it first."
    ]


def test_a_date_that_nobody_touched_stays_exactly_what_it_is(host_client, post):
    before = post.published_at
    host_client.post(change_url(post), data_of(post, title="Another"))
    post.refresh_from_db()
    assert (post.title, post.published_at) == ("Another", before)


@pytest.mark.parametrize("days", [-1, 3])
def test_unpublish_makes_a_draft_again(host_client, host, days):
    post = make_post(host, published_at=timezone.now() + timedelta(days=days))
    page = host_client.post(
        change_url(post), data_of(post) | {"_unpublish": "1"}, follow=True
    ).content.decode()
    post.refresh_from_db()
    assert post.published_at is None
    assert "Unpublished. It’s a draft again." in page


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]
)
def test_every_hour_of_a_year_is_a_moment_or_explained(zone):
    refused = 0
    for hours in range(0, 366 * 24):
        naive = datetime(2026, 1, 1, 0, 30) + timedelta(hours=hours)  # noqa: DTZ001
        try:
            moment = moment_in_zone(naive, zone)
        except ValidationError:
            refused += 1
        else:
            assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive
    assert refused <= 3


# --- after saving -------------------------------------------------------------------------


def test_afterwards_it_says_that_it_is_live_and_leads_there(host_client, host):
    response = host_client.post(ADD, in_form(host, _publish="1"), follow=True)
    post = Post.objects.get()
    assert response.redirect_chain == [(change_url(post), 302)]
    assert f'<a href="{post.get_absolute_url()}">It’s live: see it.</a>' in response.content.decode()


def test_a_scheduled_post_says_when_and_on_whose_clocks(host_client, host):
    """The chosen time zone may differ from that of the page."""
    page = host_client.post(
        ADD, in_form(host, **at("2099-07-01 07:30"), _publish="1"), follow=True
    ).content.decode()
    zone = timezone.localtime(Post.objects.get().published_at).tzname()
    assert re.search(rf"Scheduled for 1 Jul 2099,? 7:30 a\.m\. {zone}\.<", page)
    assert re.search(rf"Will be published on 1 Jul 2099,? 7:30 a\.m\. {zone}\s", page)


# --- notifications --------------------------------------------------------------------------


@pytest.fixture
def followers(host):
    ways = {"ann": "at_once", "ben": "at_once", "cem": "weekly", "dot": "here", "eve": "off"}
    for name, way in ways.items():
        member = make_member(name)
        Follow.objects.create(follower=member, followed=host)
        choose(member, posts=way)


def audience(page: str) -> list[str]:
    part = page.partition('id="audience-h"')[2].partition("</section>")[0]
    return [text.strip() for text in re.findall(r"<(?:b|li[^>]*)>([^<]+)", part)]


def test_the_panel_says_before_the_click_who_will_be_notified_and_how_many_by_mail(
    host_client, host, followers
):
    said = [
        "4 people will be notified, 3 by email",
        "2 followers, by email",
        "1 follower, in the weekly email",
        "1 follower, in the inbox",
    ]
    assert audience(host_client.get(ADD).content.decode()) == said
    draft = make_post(host, published_at=None)
    assert audience(host_client.get(change_url(draft)).content.decode()) == said


def test_and_afterwards_who_was(host_client, host, followers):
    host_client.post(ADD, in_form(host, _publish="1"))
    post = Post.objects.get()
    assert audience(host_client.get(change_url(post)).content.decode()) == [
        "4 people, 0 by email",
        "4 followers are notified in a minute",
    ]
    fan_out_batch(FanOut.objects.get(post=post))
    assert audience(host_client.get(change_url(post)).content.decode()) == [
        "4 people, 3 by email",
        "2 followers, by email",
        "1 follower, in the weekly email",
        "1 follower, in the inbox",
    ]


def test_who_follows_is_notified_when_it_appears_however_often_the_time_was_changed(
    host_client, host, followers
):
    due = []
    host_client.post(ADD, in_form(host, **at("2099-07-01 10:00"), _publish="1"))
    post = Post.objects.get()
    for change in (at("2098-07-01 10:00"), at("2099-09-01 10:00"), {"when": "now"}):
        assert (
            host_client.post(change_url(post), in_form(host, **change) | {"_publish": "1"}).status_code == 302
        )
        due.append(FanOut.objects.get(post=post).due_at)
    assert due[:2] == [datetime(2098, 7, 1, 10, 1, tzinfo=UTC), datetime(2099, 9, 1, 10, 1, tzinfo=UTC)]
    assert due[2] - timezone.now() < timedelta(minutes=2)


def test_of_an_unlisted_post_nobody_is_notified_until_it_is_listed(host_client, host, announced):  # noqa: F811
    host_client.post(ADD, in_form(host, visibility="unlisted", _publish="1"))
    post = Post.objects.get()
    assert announced == []
    host_client.post(change_url(post), data_of(post, visibility="public"))
    assert announced == [post]
    host_client.post(change_url(post), data_of(post, visibility="members"))
    assert announced == [post]


# --- tags, cover, search ----------------------------------------------------------------------


def test_tags_are_completed_by_how_much_they_are_used(host_client, host):
    for name, count in (("harbours", 2), ("harvest", 1), ("tea", 3)):
        tag = Tag.objects.create(name=name, slug=name)
        for _ in range(count):
            make_post(host).tags.add(tag)
    assert host_client.get("/admin/posts/post/tags/", {"q": "HAR"}).json() == {
        "tags": [{"name": "harbours", "posts": 2}, {"name": "harvest", "posts": 1}],
        "may_add": True,
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 51, "Tags can have up to 50 characters."),
        (", ".join(f"t{n}" for n in range(31)), "Choose up to 30 tags."),
    ],
)
def test_tags_that_cannot_be_are_refused_at_their_field(host_client, host, typed, said):
    assert errors(host_client.post(ADD, in_form(host, tag_names=typed))) == {"tag_names": [said]}


def test_who_may_not_add_tags_chooses_from_those_there_are(signed_in, host):
    writer = make_member("wilma", is_staff=True)
    writer.user_permissions.set(
        Permission.objects.filter(codename__in=["add_post", "change_post", "publish_post"])
    )
    Tag.objects.create(name="Tea", slug="tea")
    host_client = signed_in(writer)
    assert errors(host_client.post(ADD, in_form(host, tag_names="tea, coffee"))) == {
        "tag_names": ["You can choose existing tags only. There is no tag called “coffee”."]
    }
    host_client.post(ADD, in_form(host, tag_names="TEA"))
    assert [tag.name for tag in Post.objects.get().tags.all()] == ["Tea"]


def test_the_focal_point_is_inside_the_picture(host_client, host):
    assert list(errors(host_client.post(ADD, in_form(host, cover_x="101", cover_y="50")))) == ["cover_x"]
    host_client.post(ADD, in_form(host, cover=make_picture(), cover_x="38", cover_y="56"))
    post = Post.objects.get()
    assert (post.cover_x, post.cover_y) == (38, 56)


def picture_of_halves() -> SimpleUploadedFile:
    """Return an image, half black (left), half white (right)."""
    picture = Image.new("RGB", (900, 300))
    picture.paste((255, 255, 255), (450, 0, 900, 300))
    out = BytesIO()
    picture.save(out, "PNG")
    return SimpleUploadedFile("halves.png", out.getvalue(), "image/png")


def shade(post: Post) -> int:
    with Image.open(post.cover_thumb.path) as picture:
        assert picture.width == picture.height
        return picture.convert("L").resize((1, 1)).getpixel((0, 0))


def test_the_thumbnail_is_cut_around_the_focal_point(client, host_client, host):
    host_client.post(ADD, in_form(host, cover=picture_of_halves(), cover_x="0", cover_y="50", _publish="1"))
    post = Post.objects.get()
    assert shade(post) < 20
    first = post.cover_thumb.name
    assert f'src="{post.cover_thumb.url}"' in client.get("/posts/").content.decode()
    host_client.post(change_url(post), data_of(post) | {"cover_x": "100", "cover_y": "50"})
    post.refresh_from_db()
    assert shade(post) > 235
    moved = post.cover_thumb.name
    host_client.post(
        change_url(post), data_of(post, title="Untouched picture") | {"cover_x": "100", "cover_y": "50"}
    )
    post.refresh_from_db()
    assert post.cover_thumb.name == moved != first
    host_client.post(change_url(post), data_of(post) | {"cover-clear": "on"})
    post.refresh_from_db()
    assert (post.cover.name, post.cover_thumb.name) == ("", "")


def test_a_large_cover_is_kept_in_fewer_pixels_too_for_narrow_windows(
    client, host_client, host, django_capture_on_commit_callbacks
):
    host_client.post(ADD, in_form(host, cover=make_picture((1200, 600)), _publish="1"))
    post = Post.objects.get()
    with Image.open(post.cover_small.path) as picture:
        assert picture.size == (800, 400)
    srcset = f'srcset="{post.cover_small.url} 800w, {post.cover.url} 1200w"'
    assert srcset in client.get(post.get_absolute_url()).content.decode()
    host_client.post(
        change_url(post), data_of(post, title="The same picture") | {"cover_x": "50", "cover_y": "50"}
    )
    assert Post.objects.get().cover_small.name == post.cover_small.name
    Post.objects.update(cover_small="")  # a cover from before there were such copies
    host_client.post(
        change_url(post), data_of(post, title="Saved again") | {"cover_x": "50", "cover_y": "50"}
    )
    post.refresh_from_db()
    assert (post.cover_srcset.count("800w"), post.title) == (1, "Saved again")
    small, another = post.cover_small, {"cover": picture_of_halves(), "cover_x": "50", "cover_y": "50"}
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(change_url(post), data_of(post) | another)
    post.refresh_from_db()
    assert (post.cover_srcset.count("800w"), small.storage.exists(small.name)) == (1, False)
    host_client.post(change_url(post), data_of(post) | {"cover-clear": "on"})
    post.refresh_from_db()
    assert (post.cover_small.name, post.cover_srcset) == ("", "")


def test_a_post_whose_cover_file_is_gone_can_still_be_saved(host_client, host):
    host_client.post(ADD, in_form(host, cover=make_picture((1200, 600)), _publish="1"))
    post = Post.objects.get()
    post.cover.storage.delete(post.cover.name)
    Post.objects.update(cover_small="")  # as before there were such copies
    host_client.post(change_url(post), data_of(post, title="Saved") | {"cover_x": "50", "cover_y": "50"})
    after = Post.objects.get()
    assert (after.title, after.cover_thumb.name, after.cover_srcset) == ("Saved", post.cover_thumb.name, "")


def meta(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page)
    return {
        name: value
        for name, value in found
        if name in {"description", "og:title", "og:description", "og:image"}
    }


def test_search_and_sharing_show_their_own_fields_or_what_the_post_says(client, host_client, host):
    host_client.post(ADD, in_form(host, summary="Short.", cover=make_picture(), _publish="1"))
    post = Post.objects.get()
    there = {"description": "Short.", "og:title": "Tea", "og:description": "Short."}
    found = meta(client.get("/posts/tea/").content.decode())
    assert found.pop("og:image").startswith(f"http://testserver/share/posts/{post.pk}/")
    assert found == there
    own = {
        "meta_title": "All about tea",
        "meta_description": "Leaves & water.",
        "share_picture": make_picture(),
    }
    host_client.post(change_url(post), data_of(post) | own)
    post.refresh_from_db()
    page = client.get("/posts/tea/").content.decode()
    found = meta(page)
    assert found.pop("og:image").endswith(post.share_picture.url)
    assert found == {
        "description": "Leaves &amp; water.",
        "og:title": "All about tea",
        "og:description": "Leaves &amp; water.",
    }
    assert "<title>All about tea · The Long Table</title>" in page
    assert '<h1 id="post-h" dir="auto">Tea</h1>' in page
    shown = host_client.get(change_url(post)).content.decode()
    assert (
        re.findall(r'data-preview="(\w+)" dir="auto">([^<]*)<', shown)
        == [
            ("title", "All about tea"),
            ("description", "Leaves &amp; water."),
        ]
        * 2
    )


def test_pinned_posts_come_first(client, host):
    for number in range(3):
        make_post(host, slug=f"n{number}", published_at=timezone.now() - timedelta(days=9 - number))
    make_post(host, slug="pinned", is_pinned=True, published_at=timezone.now() - timedelta(days=30))
    order = ["pinned", "n2", "n1", "n0"]
    for address in ("/", "/posts/"):
        links = re.findall(r'<h[23][^>]*>\s*<a href="/posts/([^/"]+)/"', client.get(address).content.decode())
        assert links == order, address
    feed = client.get("/feed/").content.decode()
    assert feed.index("/n0/") < feed.index("/pinned/")


# --- on the site itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permissions", "is_staff", "edits", "writes"),
    [
        (["change_post", "publish_post", "add_post"], True, True, True),
        (["change_post", "add_post"], True, False, True),
        (["view_post"], True, False, False),
        (
            ["change_post", "publish_post", "add_post"],
            False,
            True,
            True,
        ),  # editors have the edit link instead
        ([], False, False, False),
    ],
)
def test_edit_and_new_post_are_on_the_site_for_those_who_may(
    signed_in, post, permissions, is_staff, edits, writes
):
    reader = make_member("rita", is_staff=is_staff)
    reader.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    page = signed_in(reader).get(post.get_absolute_url()).content.decode()
    assert (f'href="{change_url(post)}"' in page, f'href="{ADD}"' in page) == (edits, writes)


def test_a_page_kept_for_the_host_is_not_handed_to_members(signed_in, post, host, member):
    assert "Edit post" in signed_in(host).get(post.get_absolute_url()).content.decode()
    assert "Edit post" not in signed_in(member).get(post.get_absolute_url()).content.decode()
    assert "Edit post" in signed_in(make_host("ola")).get(post.get_absolute_url()).content.decode()
