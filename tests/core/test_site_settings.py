"""The host's settings in the admin take effect at once, can be undone, and are validated."""

import math
import re
from io import BytesIO

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.allauth.adapter import MFAAdapter
from core.models import SiteSettings, SiteSettingsChange, SiteSettingsQuerySet
from core.models import site as site_module
from core.services.site_settings import save_settings, undo
from core.utils.images import clean_picture
from core.utils.site_locale import site_locale
from tests.factories import make_picture, make_post

pytestmark = pytest.mark.django_db

PAGE = "/admin/core/sitesettings/"
EMPTY_ROWS = {
    f"{prefix}-{name}": value
    for prefix in ("navigation", "social")
    for name, value in {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}.items()
}
FILLED = {
    "version": "0",
    "name": "",
    "tagline": "",
    "footer_text": "",
    "accent_hue": "44",
    "typeface": "book",
    "colour_scheme": "auto",
    "language": "",
    "time_zone": "",
    "sign_up": "open",
    "counts_views": "on",
    "webmentions_in": "on",
    "home_layout": "list",
} | EMPTY_ROWS


def rows(prefix: str, *links: tuple[str, str]) -> dict[str, str]:
    filled = {f"{prefix}-TOTAL_FORMS": str(len(links)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, (label, address) in enumerate(links):
        filled |= {f"{prefix}-{number}-label": label, f"{prefix}-{number}-address": address}
    return filled


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


def test_a_new_name_is_on_the_next_page_and_in_the_feed(host_client, client, post):
    assertRedirects(
        host_client.post(PAGE, FILLED | {"name": "Harbour Notes", "tagline": "By the water."}), PAGE
    )
    assertContains(client.get("/"), "<title>Harbour Notes</title>", html=True)
    assertContains(client.get("/"), "By the water.")
    assertContains(client.get("/feed/"), "<title>Harbour Notes</title>")
    assertContains(client.get(post.get_absolute_url()), "Harbour Notes")


def test_an_authenticator_app_shows_the_new_name(host_client, host):
    save_settings({"name": "Harbour Notes"}, by=host)
    assert MFAAdapter().get_totp_issuer() == "Harbour Notes"


def test_a_page_in_the_cache_shows_the_new_name_too(host_client, client, post):
    assertContains(client.get(post.get_absolute_url()), "The Long Table")
    host_client.post(PAGE, FILLED | {"name": "Harbour Notes"})
    assertNotContains(client.get(post.get_absolute_url()), "The Long Table")


def test_without_a_name_the_environment_decides(client, settings):
    settings.SITE_NAME = "From the Environment"
    assertContains(client.get("/"), "<title>From the Environment</title>", html=True)


def test_another_process_knows_within_two_seconds(monkeypatch, django_assert_num_queries):
    """A process caches the settings; it sees a change by another process the next time it checks."""
    clock = [1000.0]
    monkeypatch.setattr(site_module.time, "monotonic", lambda: clock[0])
    SiteSettings.forget()
    assert SiteSettings.current().title == "The Long Table"
    SiteSettings(pk=1, version=1, name="Saved Elsewhere").save()
    clock[0] += 1.9
    with django_assert_num_queries(0):
        assert SiteSettings.current().title == "The Long Table"
    clock[0] += 0.2
    with django_assert_num_queries(1):
        assert SiteSettings.current().title == "Saved Elsewhere"


def test_the_colour_and_the_typeface_are_a_stylesheet_that_is_cached_for_a_year(host_client, client):
    assertNotContains(client.get("/"), 'href="/site/')
    host_client.post(PAGE, FILLED | {"accent_hue": "210", "typeface": "plain"})
    assertContains(client.get("/"), '<link rel="stylesheet" href="/site/210-plain.css">')
    response = client.get("/site/210-plain.css")
    assert response.content.decode().startswith(":root, html[data-theme] { --hue: 210; --serif: system-ui")
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    assert [client.get(f"/site/{name}.css").status_code for name in ("360-book", "20-comic", "20-a{b")] == [
        404
    ] * 3


def test_the_width_is_part_of_that_stylesheet(host_client, client):
    host_client.post(PAGE, FILLED | {"width": "wide"})
    assertContains(client.get("/"), '<link rel="stylesheet" href="/site/44-book-wide.css">')
    assert (
        client.get("/site/44-book-wide.css").content
        == b":root, html[data-theme] { --hue: 44; --col: 48rem; }\n"
    )
    assert client.get("/site/44-book-huge.css").status_code == 404


@pytest.mark.parametrize("paper", ["#fbf8f2", "#fffefb", "#f3ede2", "#1b1815", "#231f1b", "#2b2621"])
def test_the_accent_can_be_read_whatever_the_hue(paper):
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1, for links and buttons in both themes."""
    is_dark = paper in {"#1b1815", "#231f1b", "#2b2621"}
    lightness, chroma = (0.78, 0.09) if is_dark else (0.48, 0.12)
    back = luminance_of_hex(paper)
    worst = min(contrast(back, luminance(lightness, chroma, hue)) for hue in range(360))
    assert worst >= 4.5


def luminance(lightness: float, chroma: float, hue: int) -> float:
    """Return the relative luminance of an oklch colour, clipped to the sRGB gamut (css-color-4, 10.)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1, max(0, each)) for each in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def luminance_of_hex(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_readers_get_the_hosts_choice_of_light_or_dark_until_they_switch(host_client, client):
    host_client.post(PAGE, FILLED | {"colour_scheme": "dark"})
    assertContains(client.get("/"), 'data-theme="dark"')
    client.post("/theme/", {"theme": "light"})
    assertContains(client.get("/"), 'data-theme="light"')


def test_links_of_the_host_are_in_the_navigation_in_order_and_in_the_footer(host_client, client):
    response = host_client.post(
        PAGE,
        FILLED
        | rows("navigation", ("Home", "/"), ("", ""), ("About", "/about/"))
        | rows("social", ("Mastodon", "mastodon.example/@nora")),
    )
    assertRedirects(response, PAGE)
    page = client.get("/").content.decode()
    navigation = page[page.index('aria-label="Main navigation"') : page.index("</nav>")]
    assert re.findall(r'href="([^"]*)"[^>]*>([^<]+)<', navigation) == [("/", "Home"), ("/about/", "About")]
    assert '<a href="https://mastodon.example/@nora" rel="me noopener">Mastodon</a>' in page


def typed_links(page) -> list[tuple[str, str]]:
    return [
        (row["label"].value(), row["address"].value())
        for row in page.context["forms"].navigation
        if row["label"].value()
    ]


def test_a_button_moves_a_link_keeps_what_was_typed_and_saves_nothing(host_client):
    typed = FILLED | {"name": "Harbour Notes"} | rows("navigation", ("Home", "/"), ("About", "/about/"), ("Old", "nowhere at all"))  # fmt: skip
    moved = {
        which: typed_links(host_client.post(PAGE, typed | {"move_link": which}))
        for which in ("navigation-1-up", "navigation-1-down", "navigation-0-up", "navigation-9-up", "members-0-up", "²")
    }  # fmt: skip
    home, about, old = ("Home", "/"), ("About", "/about/"), ("Old", "nowhere at all")
    assert moved == {
        "navigation-1-up": [about, home, old],
        "navigation-1-down": [home, old, about],
        "navigation-0-up": [home, about, old],
        "navigation-9-up": [home, about, old],
        "members-0-up": [home, about, old],
        "²": [home, about, old],
    }
    page = host_client.post(PAGE, typed | {"move_link": "navigation-1-up"})
    assertContains(page, 'value="Harbour Notes"')
    assert SiteSettings.objects.stored().version == 0


@pytest.mark.parametrize(
    ("label", "address", "said"),
    [
        ("Bad", "javascript://alert(1)", "Enter a web address such as /about/ or https://example.org/."),
        ("Bad", "//evil.example/", "Enter a full web address, such as https://example.org/."),
        ("", "/about/", "Add a label, or clear the address."),
        ("About", "", "Add the address, or clear the label."),
    ],
)
def test_a_link_that_cannot_be_is_refused_at_its_row_and_nothing_typed_is_lost(
    host_client, label, address, said
):
    response = host_client.post(
        PAGE, FILLED | {"name": "Harbour Notes"} | rows("navigation", (label, address))
    )
    assertContains(response, said, status_code=422)
    assertContains(response, 'value="Harbour Notes"', status_code=422)
    assert SiteSettings.objects.stored().version == 0


def test_language_and_time_zone_are_those_of_pages_and_of_the_workers_tasks(host_client, client, host):
    names = dict(host_client.get(PAGE).context["form"].fields["language"].choices)
    assert (names["en"], names["en-gb"]) == ("American English", "British English")
    host_client.post(PAGE, FILLED | {"time_zone": "Pacific/Auckland", "language": "en"})
    assertContains(client.get("/"), '<html lang="en"')
    moment = timezone.datetime(2024, 5, 1, 13, 30, tzinfo=timezone.get_fixed_timezone(0))
    make_post(author=host, published_at=moment, title="Across the date line")
    assertContains(client.get("/posts/"), "May 2, 2024")
    with site_locale():
        assert timezone.localtime(moment).strftime("%d %H:%M") == "02 01:30"


def test_an_error_belongs_to_its_field_beside_its_help_text(host_client):
    page = host_client.post(PAGE, FILLED | {"embed_origins": "ftp://x", "sender_name": "a@b"})
    for name in ("embed_origins", "sender_name"):
        assertContains(
            page, f'aria-describedby="id_{name}_helptext id_{name}_error" id="id_{name}"', status_code=422
        )


def test_what_no_form_sends_is_refused_with_a_reason(host_client):
    response = host_client.post(
        PAGE, FILLED | {"accent_hue": "999", "time_zone": "Moon/Base", "typeface": "wingdings"}
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"accent_hue", "time_zone", "typeface"}
    assert host_client.post(PAGE, {"accent_hue": "x"}).status_code == 422


def test_the_preview_shows_what_is_typed_and_saves_nothing(host_client):
    response = host_client.post(
        PAGE, FILLED | {"name": "Harbour Notes", "accent_hue": "120", "_preview": "1"}
    )
    assertContains(response, "<span data-mini-name>Harbour Notes</span>", html=True)
    assertContains(response, '<link rel="stylesheet" href="/site/120-book.css">')
    assert SiteSettings.objects.stored().version == 0


def test_each_change_is_in_the_log_and_can_be_undone_and_redone(host_client, host):
    host_client.post(PAGE, FILLED | {"name": "Harbour Notes", "accent_hue": "120"})
    host_client.post(PAGE, FILLED | {"version": "1", "name": "Harbour", "accent_hue": "120"})
    assert [(each.changed_by, each.before, each.after) for each in SiteSettingsChange.objects.all()] == [
        (host, {"name": "Harbour Notes"}, {"name": "Harbour"}),
        (host, {"name": "", "accent_hue": 44}, {"name": "Harbour Notes", "accent_hue": 120}),
    ]
    assertContains(host_client.get(f"{PAGE}log/"), "Harbour Notes")
    assertRedirects(host_client.post(f"{PAGE}log/2/undo/"), f"{PAGE}log/")
    assert SiteSettings.current().title == "Harbour Notes"
    host_client.post(f"{PAGE}log/3/undo/")
    assert SiteSettings.current().title == "Harbour"
    assert host_client.get(f"{PAGE}log/2/undo/").status_code == 405
    assert host_client.post(f"{PAGE}log/99/undo/").status_code == 404


def test_saving_the_same_again_is_no_change(host_client):
    host_client.post(PAGE, FILLED)
    assert SiteSettingsChange.objects.count() == 0


def test_two_hosts_at_the_same_form_do_not_overwrite_each_other_unseen(host_client, host):
    save_settings({"name": "Saved First"}, by=host)
    response = host_client.post(PAGE, FILLED | {"tagline": "Second."})
    assertContains(response, "saved these settings at", status_code=409)
    assert SiteSettings.objects.stored().tagline == ""
    again = FILLED | {"name": "Saved First", "tagline": "Second.", "version": "1"}
    assertContains(
        response, '<input type="hidden" name="version" value="1" id="id_version">', html=True, status_code=409
    )
    host_client.post(PAGE, again)
    assert (SiteSettings.current().title, SiteSettings.current().subtitle) == ("Saved First", "Second.")


def test_an_undo_leaves_out_what_can_no_longer_be_set(host):
    change = SiteSettingsChange.objects.create(
        version=9, before={"gone": 1, "name": "Old"}, after={"gone": 2, "name": ""}
    )
    undo(change, by=host)
    assert SiteSettings.current().title == "Old"


def test_a_logo_becomes_icons_of_all_sizes_and_can_be_removed(host_client, client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/icon.svg")
    host_client.post(PAGE, FILLED | {"logo": make_picture((600, 500), "PNG")})
    site = SiteSettings.current()
    page = client.get("/").content.decode()
    assert {address for address in site.icons.values() if address in page} == {
        site.icons["s32"],
        site.icons["s180"],
    }
    for size in (32, 180, 192, 512):
        with default_storage.open(f"site/{site.icon}-{size}.png") as file, Image.open(file) as picture:
            assert (picture.format, picture.size) == ("PNG", (size, size))
    with Image.open(BytesIO(client.get("/favicon.ico").content)) as favicon:
        assert (favicon.format, favicon.info["sizes"]) == ("ICO", {(16, 16), (32, 32), (48, 48)})
    host_client.post(PAGE, FILLED | {"version": "1", "no_logo": "on"})
    assert "/static/icon.svg" in client.get("/").content.decode()
    host_client.post(f"{PAGE}log/2/undo/")
    assert client.get("/favicon.ico").status_code == 200


@pytest.mark.parametrize(
    "upload", [make_picture((100, 100), "PNG"), SimpleUploadedFile("logo.svg", b"<svg/>")]
)
def test_what_cannot_be_a_logo_is_refused_at_its_field(host_client, upload):
    response = host_client.post(PAGE, FILLED | {"logo": upload})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["logo"])


@pytest.mark.parametrize(("layout", "shown"), [("list", 0), ("covers", 2), ("magazine", 2)])
def test_the_home_page_shows_covers_where_the_layout_has_them(host_client, client, host, layout, shown):
    for number in range(3):
        cover = clean_picture(make_picture(), size=(600, 400)) if number else ""
        make_post(author=host, title=f"Post {number}", cover=cover, cover_alt="A ferry")
    host_client.post(PAGE, FILLED | {"home_layout": layout})
    page = client.get("/")
    assertContains(page, '<img class="cover"', count=shown)
    assertContains(page, "Post 0")


def test_the_page_says_why_it_takes_no_code(host_client):
    assertContains(host_client.get(PAGE), "content security policy")


def test_only_those_who_may_change_the_settings_see_them(moderator, signed_in):
    moderator.is_staff = True
    moderator.save()
    client = signed_in(moderator)
    answers = [
        client.get(PAGE),
        client.get(f"{PAGE}log/"),
        client.post(f"{PAGE}log/1/undo/"),
        client.post(PAGE, FILLED),
    ]
    assert [each.status_code for each in answers] == [403] * 4


def test_the_database_holds_one_row_and_angles_only():
    SiteSettings(pk=1).save()
    for values in ({"pk": 2}, {"pk": 1, "accent_hue": 360}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SiteSettings(**values).save(force_insert="pk" not in values or values["pk"] == 2)


def test_error_pages_have_a_name_when_the_table_is_away(monkeypatch):
    def away(_rows):
        raise OperationalError("away")

    SiteSettings.forget()
    monkeypatch.setattr(SiteSettingsQuerySet, "stored", away)
    assert SiteSettings.current().title == "The Long Table"


class TestAnAnnouncement:
    SAID = FILLED | {"announcement": "We meet on <Sunday>.", "announcement_address": "/about/"}

    def test_is_at_the_top_of_every_page(self, host_client, client, post):
        client.get(post.get_absolute_url())  # in the cache without it
        host_client.post(PAGE, self.SAID)
        for address in ("/", post.get_absolute_url(), "/nowhere/at/all/", "/accounts/login/"):
            assertContains(
                client.get(address),
                '<a href="/about/">We meet on &lt;Sunday&gt;.</a>',
                status_code=404 if "nowhere" in address else 200,
            )

    def test_begins_and_ends_by_itself_in_the_cache_too(self, host_client, client, post):
        times = {"announcement_from": "2099-07-01T10:00", "announcement_until": "2099-07-03T10:00"}
        host_client.post(PAGE, FILLED | {"time_zone": "Europe/Berlin"})
        host_client.post(PAGE, self.SAID | times | {"time_zone": "Europe/Berlin", "version": "1"})
        shown = []
        for now in ("2099-07-01T07:59Z", "2099-07-01T08:01Z", "2099-07-03T07:59Z", "2099-07-03T08:01Z"):
            with time_machine.travel(now):
                shown.append("We meet on" in client.get(post.get_absolute_url()).content.decode())
        assert shown == [False, True, True, False]

    def test_that_ends_before_it_begins_is_refused_at_the_field(self, host_client):
        times = {"announcement_from": "2099-07-01T10:00", "announcement_until": "2099-07-01T10:00"}
        answer = host_client.post(PAGE, self.SAID | times)
        assertContains(answer, "Choose a time after the one from which it is shown.", status_code=422)
        assertContains(answer, "We meet on &lt;Sunday&gt;.", status_code=422)
        assert not SiteSettingsChange.objects.exists()

    def test_is_in_the_log_and_can_be_undone(self, host_client, client):
        host_client.post(PAGE, self.SAID | {"announcement_until": "2099-07-01T10:00"})
        host_client.post(PAGE, FILLED | {"version": "1"})
        assert not SiteSettings.current().announcement
        assertContains(host_client.get(f"{PAGE}log/"), "1 Jul 2099")
        host_client.post(f"{PAGE}log/2/undo/")
        site = SiteSettings.objects.get()
        assert (site.announcement, str(site.announcement_until)) == (
            "We meet on <Sunday>.",
            "2099-07-01 10:00:00+00:00",
        )
        assertContains(client.get("/"), "We meet on &lt;Sunday&gt;.")
