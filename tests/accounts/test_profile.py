"""Editing one's own profile."""

import io
import re
import struct
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.forms.profile import ProfileForm
from accounts.models import LinkFollowed, ProfileLink, User
from accounts.tasks import sweep_profile_pictures
from core.utils.images import CropBox
from tests.factories import make_host, make_member, make_moderator, make_picture, switch_on

pytestmark = pytest.mark.django_db

EDIT = "/members/me/edit/"


@pytest.fixture
def alice(member, signed_in) -> Client:
    return signed_in(member)


def typed(*links: dict, initial: int = 0, **fields) -> dict:
    """Return the form's data: the member's fields, and rows of links."""
    data = {
        "display_name": "",
        "tagline": "",
        "bio": "",
        "links-TOTAL_FORMS": len(links),
        "links-INITIAL_FORMS": initial,
    }
    for number, link in enumerate(links):
        data |= {f"links-{number}-{name}": value for name, value in ({"label": "", "url": ""} | link).items()}
    return data | fields


def links_of(member: User) -> list[tuple[str, str]]:
    return list(member.links.values_list("label", "url"))


def rows_of(member: User) -> list[dict]:
    return [{"id": link.pk, "label": link.label, "url": link.url} for link in member.links.all()]


@pytest.fixture
def three_links(member) -> list[ProfileLink]:
    return [
        ProfileLink.objects.create(user=member, url=f"https://example.org/{letter}", label=letter, position=n)
        for n, letter in enumerate("abc")
    ]


# --- texts ---


def test_a_visitor_is_sent_to_sign_in(client):
    assertRedirects(client.get(EDIT), f"/accounts/login/?next={EDIT}")
    assertRedirects(client.post(EDIT, typed()), f"/accounts/login/?next={EDIT}")


def test_text_and_links_are_stored_and_shown(alice, member):
    data = typed(
        {"url": "https://xeeme.com/alice", "label": "XeeMe"},
        display_name="  Alice \t Ames ",
        tagline="Trains,\nmostly.",
        bio="I *sail*.\r\nOften.",
    )
    assertRedirects(alice.post(EDIT, data), "/members/alice/")
    member.refresh_from_db()
    assert (member.display_name, member.tagline, member.bio) == (
        "Alice Ames",
        "Trains, mostly.",
        "I *sail*.\nOften.",
    )
    assert (member.name_key, member.bio_html) == ("alice ames", "<p>I <em>sail</em>.<br>\nOften.</p>")
    assert links_of(member) == [("XeeMe", "https://xeeme.com/alice")]


def test_the_form_shows_what_is_stored(alice, member, three_links):
    User.objects.filter(pk=member.pk).update(bio="I <b>sail</b>.")
    response = alice.get(EDIT)
    assertContains(response, "I &lt;b&gt;sail&lt;/b&gt;.")
    assertContains(response, 'value="https://example.org/b"')
    assertContains(response, "<fieldset", count=4)  # the last is the template for new rows


def test_refused_text_comes_back_with_a_summary(alice, member):
    data = typed(
        {"url": "htp//xeeme.com/alice", "label": "XeeMe"},
        display_name="http://spam.example",
        tagline="kept",
        bio="kept too",
    )
    response = alice.post(EDIT, data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "<title>Error: Profile" in page
    assert 'role="alert"' in page
    for text in ['href="#id_display_name"', 'href="#id_links-0-url"', 'id="id_display_name_error"', 'id="id_links-0-url_error"', 'value="kept"', "kept too", 'value="htp//xeeme.com/alice"', 'value="http://spam.example"']:  # fmt: skip
        assert text in page
    member.refresh_from_db()
    assert (member.tagline, links_of(member)) == ("", [])


def test_the_summary_says_which_link_is_wrong(alice):
    response = alice.post(EDIT, typed({"url": "htp//one"}, {"url": "one.example"}, {"url": "htp//three"}))
    summary = [words for _field, words in response.context["problems"]]
    assert summary == ["Link 1: Enter a valid web address.", "Link 3: Enter a valid web address."]


def test_what_is_refused_does_not_show_in_the_head_of_the_page(alice):
    response = alice.post(EDIT, typed({"url": "x y"}, display_name="Somebody Else"))
    assertContains(response, "Somebody Else", count=1, status_code=422)


@pytest.mark.parametrize(
    "name",
    [
        "\u0430lice",
        "\u202eecila",
        "a\u200bb",
        "Zoe\u0301\u0301\u0301\u0301\u0301",
        "\uff57\uff49\uff44\uff45",
        "<b>",
        "  \u3164 ",
        "...",
        "https://x.example",
    ],
)
def test_names_that_deceive_are_refused(alice, name):
    assertContains(alice.post(EDIT, typed(display_name=name)), 'id="id_display_name_error"', status_code=422)


@pytest.mark.parametrize(
    "name", ["Nora", "NORA", "N0ra", "N\u043er\u0430", "nora host", "N o r a H.o.s.t", "Carol", "Annabe11"]
)
def test_nobody_takes_a_name_of_the_staff(alice, name):
    make_host("nora", display_name="Nora Host")
    make_moderator("carol", display_name="Annabell")
    assert alice.post(EDIT, typed(display_name=name)).status_code == 422


def test_the_staff_keep_their_own_names(signed_in):
    carol = make_moderator("carol", display_name="Annabell")
    assert signed_in(carol).post(EDIT, typed(display_name="Carol")).status_code == 302
    assert signed_in(make_member("dora")).post(EDIT, typed(display_name="Nora")).status_code == 302


@pytest.mark.parametrize(
    "name", ["José", "Дмитрий", "李小龍", "O'Neill & sons", "محمد", "I <3"[:1] + " love"]
)
def test_honest_names_are_taken(alice, member, name):
    assert alice.post(EDIT, typed(display_name=name)).status_code == 302
    member.refresh_from_db()
    assert member.display_name == name


def test_lengths_count_a_line_end_once(alice, member):
    bio = ("x" * 9 + "\r\n") * 200
    assert alice.post(EDIT, typed(bio=bio[:-2] + "y")).status_code == 302
    assert alice.post(EDIT, typed(bio="x" * 2001)).status_code == 422
    assert alice.post(EDIT, typed(tagline="x" * 91)).status_code == 422


def test_scripts_in_texts_and_labels_stay_text(alice, client):
    evil = '"><script>alert(1)</script>'
    assert (
        alice.post(
            EDIT, typed({"url": "https://example.org/", "label": evil}, tagline=evil, bio=evil)
        ).status_code
        == 302
    )
    for page in ("/members/alice/", "/members/"):
        assertNotContains(client.get(page), "<script>alert")


def test_forged_fields_have_no_effect(alice, member):
    assert (
        alice.post(
            EDIT,
            typed(is_staff="on", is_superuser="on", username="nora", email="x@example.org", name_key="aaa"),
        ).status_code
        == 302
    )
    before = (member.is_staff, member.username, member.email)
    member.refresh_from_db()
    assert (member.is_staff, member.username, member.email) == before


# --- links ---


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("example.org/me", "https://example.org/me"),
        ("www.x.example", "https://www.x.example"),
        ("http://a_b.blogspot.example/", "http://a_b.blogspot.example/"),
        ("a_b.c_d.example/x", "https://a_b.c_d.example/x"),
        ("  http://example.org ", "http://example.org"),
        ("HTTPS://Example.org/A", "https://Example.org/A"),
        ("https://例え.example/x?y=1#z", "https://例え.example/x?y=1#z"),
    ],
)
def test_addresses_get_https_when_nothing_is_said(alice, member, url, stored):
    assert alice.post(EDIT, typed({"url": url})).status_code == 302
    assert links_of(member) == [("", stored)]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "mailto:a@example.org", "//", "https://", "https://[evil", "http://a b", "vbscript:x", "http://x.exa_mple/",
     "java\tscript:alert(1)", 'https://example.org/"onclick="x', "https://exa\nmple.org:99999999/", "x" * 400, "https://example.org/\x00"],
)  # fmt: skip
def test_only_the_web_is_linked(alice, member, url):
    assert alice.post(EDIT, typed({"url": url})).status_code in {302, 422}
    for _label, stored in links_of(member):
        assert stored.startswith(("http://", "https://"))
        assert not set(stored) & set('"<>\n\t ')


@pytest.mark.parametrize("url", ["http://ann:pw@x.example/", "https://x.example@evil.example"])
def test_an_address_with_a_password_is_refused_and_says_what_to_do(alice, member, url):
    response = alice.post(EDIT, typed({"url": url}))
    assertContains(response, "Remove the user name and password from the address.", status_code=422)
    assert links_of(member) == []


def test_links_are_changed_removed_added_and_kept_in_order(alice, member, three_links):
    a, b, c = rows_of(member)
    data = typed(a | {"DELETE": "on"}, b | {"label": "bee"}, c, {"url": "new.example"}, initial=3)
    assert alice.post(EDIT, data).status_code == 302
    assert links_of(member) == [
        ("bee", "https://example.org/b"),
        ("c", "https://example.org/c"),
        ("", "https://new.example"),
    ]
    assert list(member.links.values_list("pk", flat=True))[:2] == [b["id"], c["id"]]


def test_two_links_may_change_places(alice, member, three_links):
    a, b, c = rows_of(member)
    assert (
        alice.post(EDIT, typed(a | {"url": b["url"]}, b | {"url": a["url"]}, c, initial=3)).status_code == 302
    )
    assert [url for _label, url in links_of(member)] == [
        "https://example.org/b",
        "https://example.org/a",
        "https://example.org/c",
    ]


def places(response) -> list[str]:
    """Return the URLs in the rows of the form, in order."""
    return re.findall(r'name="links-\d+-url" value="([^"]*)"', response.content.decode())


def form_data(response) -> dict:
    """Return what the browser would send back."""
    links = response.context["links"]
    data = {
        f"{links.prefix}-{name}": links.management_form[name].value()
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return data | {
        row.add_prefix(name): row[name].value() or "" for row in links.forms for name in row.fields
    }


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ("0-down", "bac"),
        ("2-up", "acb"),
        ("0-up", "abc"),
        ("2-down", "abc"),
        ("9-up", "abc"),
        ("-1-up", "abc"),
        ("x", "abc"),
        ("1-", "acb"),
    ],
)
def test_rows_are_moved_by_buttons_and_saved_in_their_order(alice, member, three_links, move, expected):
    data = typed(*rows_of(member), initial=3)
    response = alice.post(EDIT, data | {"move_link": move})
    assert "".join(address[-1] for address in places(response)) == expected
    assert "".join(label for label, _url in links_of(member)) == "abc"
    assert alice.post(EDIT, form_data(response)).status_code == 302
    assert "".join(label for label, _url in links_of(member)) == expected
    assert set(member.links.values_list("pk", flat=True)) == {link.pk for link in three_links}


def test_a_new_row_can_be_moved_before_old_ones_and_nothing_typed_is_lost(alice, member, three_links):
    data = typed(*rows_of(member), {"url": "not yet", "label": "new"}, initial=3)
    first = alice.post(EDIT, data | {"move_link": "3-up"})
    second = alice.post(EDIT, form_data(first) | {"move_link": "2-up"})
    assert [address[-1] for address in places(second)] == ["a", "t", "b", "c"]
    assert "errorlist" not in second.content.decode()
    final = form_data(second) | {"links-3-url": "new.example"}
    assert alice.post(EDIT, final).status_code == 302
    assert [label for label, _url in links_of(member)] == ["a", "new", "b", "c"]


def test_a_row_that_was_added_and_left_empty_is_nothing(alice, member, three_links):
    response = alice.post(EDIT, typed(*rows_of(member), initial=3) | {"add_link": "1"})
    assert places(response)[:3] == [url for _label, url in links_of(member)]
    assert alice.post(EDIT, form_data(response)).status_code == 302
    assert len(links_of(member)) == 3


@pytest.mark.parametrize("place", ["", "-1", "x", "²", "9" * 30, "\x00"])
def test_a_place_that_makes_no_sense_is_the_last(alice, member, three_links, place):
    data = typed(*rows_of(member), initial=3) | {
        "links-0-ORDER": place,
        "links-1-ORDER": "2",
        "links-2-ORDER": "1",
    }
    assert alice.post(EDIT, data).status_code == 302
    assert [label for label, _url in links_of(member)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("label", "typed_address", "stored"),
    [
        ("", "@ada@mastodon.social", "https://mastodon.social/@ada"),
        ("Twitter", "@ada", "https://x.com/ada"),
        ("", "insta: @ada.l", "https://www.instagram.com/ada.l/"),
        ("GitHub", "ada", "https://github.com/ada"),
        ("", "github.com/x", "https://github.com/x"),
        ("GitHub", "https://ada.example/", "https://ada.example/"),
    ],
)
def test_a_handle_becomes_the_address_of_a_page(alice, member, label, typed_address, stored):
    assert alice.post(EDIT, typed({"url": typed_address, "label": label})).status_code == 302
    assert links_of(member) == [(label, stored)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"url": "@ada"}, "Which site is @ada on?"),
        ({"url": "@ada", "label": "Google+"}, "Google+ has no address for a username alone."),
        ({"url": "@a!", "label": "Twitter"}, "This can’t be a username on X."),
        ({"url": "ada@example.org"}, "This is an email address, and everyone would see it."),
        ({"url": "mailto:ada@example.org"}, "This is an email address, and everyone would see it."),
    ],
)
def test_a_handle_nobody_can_place_is_asked_about(alice, member, row, words):
    response = alice.post(EDIT, typed(row))
    assertContains(response, words, status_code=422)
    assert places(response) == [row["url"]]


def test_an_address_that_changes_begins_unproved_and_uncounted(alice, member, three_links):
    now = timezone.now()
    member.links.update(
        state="proved", verified_at=now, checked_at=now, next_check_at=now, check_asked_at=now
    )
    for link in three_links:
        LinkFollowed.objects.create(link=link, day=now.date(), count=3)
    a, b, c = rows_of(member)
    assert (
        alice.post(
            EDIT, typed(a | {"url": b["url"]}, b | {"url": a["url"]}, c | {"label": "sea"}, initial=3)
        ).status_code
        == 302
    )
    assert list(member.links.values_list("label", "state", "verified_at", "checked_at", "next_check_at")) == [
        ("a", "claimed", None, None, None),
        ("b", "claimed", None, None, None),
        ("sea", "proved", now, now, now),
    ]
    assert list(LinkFollowed.objects.values_list("link", "count")) == [(three_links[2].pk, 3)]


def test_an_emptied_row_goes(alice, member, three_links):
    a, b, c = rows_of(member)
    assert alice.post(EDIT, typed(a, b | {"label": "", "url": " "}, c, initial=3)).status_code == 302
    assert [label for label, _url in links_of(member)] == ["a", "c"]


def test_an_empty_new_row_is_nothing(alice, member):
    assert alice.post(EDIT, typed({}, {})).status_code == 302
    assert links_of(member) == []


def test_a_label_alone_is_not_a_link(alice):
    assertContains(
        alice.post(EDIT, typed({"label": "Blog"})), "Add the address, or clear the label.", status_code=422
    )


@pytest.mark.parametrize("again", ["https://example.org/a", "example.org/a/", "http://www.example.org/a"])
def test_the_same_address_twice_is_refused_with_a_message(alice, member, three_links, again):
    response = alice.post(EDIT, typed(*rows_of(member), {"url": again}, initial=3))
    assertContains(response, "You’ve added this address twice.", status_code=422)
    response = alice.post(EDIT, typed({"url": again}))  # a row the form did not show
    assertContains(response, "You’ve added this address twice.", status_code=422)
    assert len(links_of(member)) == 3


def test_there_is_a_most_of_links(alice, member):
    rows = [{"url": f"https://example.org/{number}"} for number in range(ProfileLink.MAX_PER_MEMBER)]
    assert alice.post(EDIT, typed(*rows, {"url": "https://example.org/more"})).status_code == 422
    assert alice.post(EDIT, typed(*rows)).status_code == 302
    assert alice.post(EDIT, typed({"url": "https://example.org/more"})).status_code == 422
    assert len(links_of(member)) == ProfileLink.MAX_PER_MEMBER
    assertNotContains(alice.get(EDIT), 'name="add_link"')


@pytest.mark.parametrize("initial", [0, 1])
@pytest.mark.parametrize("extra", [{}, {"DELETE": "on"}, {"user": "1"}])
def test_the_links_of_others_cannot_be_touched(alice, member, other_member, initial, extra):
    victim = ProfileLink.objects.create(user=other_member, url="https://victim.example/", label="mine")
    row = {"id": victim.pk, "url": "https://evil.example/", "label": "taken"} | extra
    if "user" in row:
        row["user"] = other_member.pk
    assert alice.post(EDIT, typed(row, initial=initial)).status_code in {302, 422}
    assert links_of(other_member) == [("mine", "https://victim.example/")]
    assert {link.user for link in ProfileLink.objects.exclude(pk=victim.pk)} <= {member}


def test_a_link_deleted_in_the_meantime_can_be_removed(alice, member, three_links):
    rows = rows_of(member)
    three_links[0].delete()
    assertContains(alice.post(EDIT, typed(*rows, initial=3)), "This link no longer exists.", status_code=422)
    assert alice.post(EDIT, typed(rows[0] | {"DELETE": "on"}, *rows[1:], initial=3)).status_code == 302
    assert [label for label, _url in links_of(member)] == ["b", "c"]


@pytest.mark.parametrize(
    "broken",
    [
        {"links-TOTAL_FORMS": ""},
        {"links-TOTAL_FORMS": "x"},
        {"links-INITIAL_FORMS": ""},
        {"links-INITIAL_FORMS": "²"},
        {"links-TOTAL_FORMS": "1e3"},
    ],
)
@pytest.mark.parametrize("button", ["save", "add_link"])
def test_a_broken_management_form_is_refused_not_an_error(alice, member, three_links, broken, button):
    response = alice.post(EDIT, typed(bio="kept words") | broken | {button: "1"})
    assertContains(response, "We couldn’t read your list of links.", status_code=422)
    assertContains(response, "kept words", status_code=422)
    assert len(links_of(member)) == 3


@pytest.mark.parametrize(
    "odd",
    [{"links-TOTAL_FORMS": "-5"}, {"links-INITIAL_FORMS": "-5"}, {"links-TOTAL_FORMS": "999999999"}, {"links-INITIAL_FORMS": "999999999"},
     {"links-TOTAL_FORMS": "9" * 30}, {"links-0-id": "9" * 30, "links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "1"},
     {"links-0-id": "x", "links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "1"}, {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "7"}],
)  # fmt: skip
@pytest.mark.parametrize("button", ["save", "add_link"])
def test_odd_numbers_in_the_management_form_do_no_harm(alice, member, three_links, odd, button):
    assert alice.post(EDIT, typed() | odd | {button: "1"}).status_code in {200, 302, 422}
    assert len(links_of(member)) == 3


def test_another_row_keeps_everything_and_saves_nothing(alice, member, three_links):
    rows = rows_of(member)
    data = typed(
        rows[0] | {"url": "not yet an addr"},
        rows[1],
        rows[2] | {"DELETE": "on"},
        {"label": "half"},
        initial=3,
        display_name="N" * 70,
        bio="so far",
    )
    response = alice.post(EDIT, data | {"add_link": "1"})
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count("<fieldset") == 6  # the last is the template for new rows
    for text in [
        'value="not yet an addr"',
        'value="half"',
        "so far",
        "N" * 70,
        'name="links-TOTAL_FORMS" value="5"',
        'name="links-INITIAL_FORMS" value="3"',
    ]:
        assert text in page
    assert "errorlist" not in page
    assert page.count(" checked") == 1
    assert len(links_of(member)) == 3


def test_enter_saves_and_does_not_add_a_row(alice):
    page = alice.get(EDIT).content.decode()
    form = page[page.index(f'action="{EDIT}"') :]
    assert form.index('<button class="vh" type="submit"') < form.index('name="add_link"')


# --- the picture ---


def served_picture(member: User) -> Image.Image:
    member.refresh_from_db()
    picture = Image.open(Path(settings.MEDIA_ROOT) / member.avatar.name)
    picture.load()
    return picture


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_is_redrawn_as_a_square(alice, member, image_format):
    upload = make_picture((1200, 700), image_format, name=f"../../Évil name.{image_format.lower()}.php")
    assert alice.post(EDIT, typed(avatar=upload)).status_code == 302
    picture = served_picture(member)
    assert (picture.format, picture.size) == ("JPEG", (512, 512))
    assert re.fullmatch(r"avatars/[0-9a-f]{32}_96_192_512\.jpg", member.avatar.name)
    narrower = sorted(drawn(path) for path in files_in("avatars") if path.suffix == ".webp")
    assert narrower == [("WEBP", (96, 96)), ("WEBP", (192, 192)), ("WEBP", (512, 512))]


def test_a_picture_is_shown_in_the_width_that_is_needed(alice, member):
    alice.post(
        EDIT,
        typed(
            avatar=make_picture((1200, 700)),
            cover=make_picture((1500, 900)),
            avatar_alt='Me & my "boat"',
            cover_alt="The sea",
        ),
    )
    member.refresh_from_db()
    avatar, cover = (
        f"/media/{name.rpartition('.')[0].partition('_')[0]}"
        for name in (member.avatar.name, member.cover.name)
    )
    page = alice.get("/members/alice/").content.decode()
    assert f'<source type="image/webp" srcset="{avatar}_192.webp, {avatar}_512.webp 2x">' in page
    assert (
        f'<img class="av" src="{member.avatar.url}" alt="Me &amp; my &quot;boat&quot;" width="136" height="136" loading="lazy">'
        in page
    )
    assert f'srcset="{cover}_480.webp 480w, {cover}_960.webp 960w, {cover}_1500.webp 1500w"' in page
    assert f'<img class="cover" src="{member.cover.url}" alt="The sea" width="1500" height="500">' in page
    small = f'<img class="av" src="{avatar}_96.webp" alt="" width="36" height="36" loading="lazy">'
    assert small in alice.get("/members/").content.decode()
    answers = [alice.get(part) for part in re.findall(r"/media/[^ ,\"]+", page)]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:  # at the end: it closes the database connection
        answer.close()


def test_a_picture_from_before_widths_were_kept_is_shown_as_it_is(client, member):
    User.objects.filter(pk=member.pk).update(avatar="avatars/3f2a.webp")
    assertContains(
        client.get("/members/alice/"),
        '<source type="image/webp" srcset="/media/avatars/3f2a.webp, /media/avatars/3f2a.webp 2x">',
    )


def striped(size: tuple[int, int]) -> SimpleUploadedFile:
    """An image, half red (left), half blue (right)."""
    picture = Image.new("RGB", size, (255, 0, 0))
    picture.paste((0, 0, 255), (size[0] // 2, 0, *size))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return SimpleUploadedFile("striped.png", out.getvalue(), content_type="image/png")


@pytest.mark.parametrize(
    ("part", "left", "right"),
    [
        ({}, "red", "blue"),
        ({"avatar_x": "0"}, "red", "red"),
        ({"avatar_x": "100", "avatar_y": "77"}, "blue", "blue"),
        ({"avatar_x": "50", "avatar_zoom": "400"}, "red", "blue"),
        ({"avatar_x": "30", "avatar_zoom": "400"}, "red", "red"),
        ({"avatar_x": "x", "avatar_y": "-5", "avatar_zoom": "9" * 30}, "red", "blue"),
        ({"avatar_x": "1e99", "avatar_zoom": "0"}, "red", "blue"),
    ],
)
def test_the_part_that_was_chosen_is_kept(alice, member, part, left, right):
    assert alice.post(EDIT, typed(avatar=striped((1600, 800))) | part).status_code == 302
    picture = served_picture(member)

    def colour(x: int) -> str:
        red, _green, blue = picture.getpixel((x * picture.width // 512, picture.height // 2))[:3]
        return "red" if red > blue else "blue"

    assert (picture.width, colour(20), colour(490)) == (
        200 if part.get("avatar_zoom") == "400" else 512,
        left,
        right,
    )


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3000, 2000), (1500, 500)), ((900, 900), (900, 300)), ((1, 65), (1, 1)), ((300, 20), (60, 20))],
)
def test_a_wide_picture_is_cut_to_its_shape_and_never_enlarged(alice, member, size, expected):
    assert alice.post(EDIT, typed(cover=make_picture(size))).status_code == 302
    member.refresh_from_db()
    assert drawn(Path(settings.MEDIA_ROOT) / member.cover.name) == ("JPEG", expected)


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.sampled_from([(1, 1), (3, 1), (1, 2)]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(1, 4),
)
def test_a_part_lies_within_its_picture_and_has_the_shape(width, height, shape, x, y, zoom):
    left, top, right, bottom = CropBox(x, y, zoom).box((width, height), shape)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert (right - left) * shape[1] == pytest.approx((bottom - top) * shape[0], rel=1e-6)


def test_files_of_no_picture_are_swept_away_after_a_day(alice, member):
    alice.post(EDIT, typed(avatar=make_picture()))
    member.refresh_from_db()
    own = files_in("avatars")
    for name in ("avatars/00ff_96.webp", "avatars/00ff_96.jpg", "covers/ffff.webp"):
        default_storage.save(name, ContentFile(b"left by a killed process"))
    assert sweep_profile_pictures() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert sweep_profile_pictures() == 3
    assert (files_in("avatars"), files_in("covers")) == (own, set())


def drawn(path: Path) -> tuple[str, tuple[int, int]]:
    with Image.open(path) as picture:
        return picture.format, picture.size


def files_in(folder: str) -> set[Path]:
    place = Path(settings.MEDIA_ROOT) / folder
    return set(place.iterdir()) if place.exists() else set()


def test_a_picture_does_not_tell_where_it_was_taken(alice, member):
    exif = Image.Exif()
    exif[0x010E] = "Grandmother's house"
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 0.0), 3: "E", 4: (10.0, 44.0, 0.0)})
    assert alice.post(EDIT, typed(avatar=make_picture(exif=exif.tobytes()))).status_code == 302
    picture = served_picture(member)
    raw = (Path(settings.MEDIA_ROOT) / member.avatar.name).read_bytes()
    assert dict(picture.getexif()) == {}
    assert b"Grandmother" not in raw
    assert b"EXIF" not in raw.upper()


def test_the_old_picture_goes_when_the_new_one_is_certain(alice, member, django_capture_on_commit_callbacks):
    alice.post(EDIT, typed(avatar=make_picture()))
    member.refresh_from_db()
    first = Path(settings.MEDIA_ROOT) / member.avatar.name
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(EDIT, typed(avatar=make_picture()))
        assert first.exists()
    assert not first.exists()
    served_picture(member)
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(EDIT, typed(tagline="Nothing about the picture"))
    served_picture(member)
    with django_capture_on_commit_callbacks(execute=True):
        alice.post(EDIT, typed(**{"avatar-clear": "on"}))
    member.refresh_from_db()
    assert (member.avatar.name, list(first.parent.iterdir())) == ("", [])


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    return make_picture().read()


def bitmap(image_format: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, image_format)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "a bomb of pixels": lambda: png_that_claims(50_000, 50_000),
    "a picture one pixel wide": lambda: png_that_claims(1, 65_535),
    "svg": lambda: SVG,
    "svg called png": lambda: b"<?xml version='1.0'?>" + SVG,
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "tiff": lambda: bitmap("TIFF"),
    "bmp": lambda: bitmap("BMP"),
    "html": lambda: b"<html><script>alert(1)</script>",
    "half a jpeg": lambda: jpeg()[: len(jpeg()) // 2],
    "head of a jpeg": lambda: jpeg()[:20],
    "noise": lambda: bytes(range(256)) * 40,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_the_field(alice, member, name):
    upload = SimpleUploadedFile("picture.png", HOSTILE[name](), content_type="image/png")
    response = alice.post(EDIT, typed(avatar=upload, bio="kept words"))
    assertContains(response, 'id="id_avatar_error"', status_code=422)
    assertContains(response, "kept words", status_code=422)
    assertContains(response, "Choose your picture again.", status_code=422)
    member.refresh_from_db()
    assert not member.avatar


def test_what_hangs_behind_a_picture_is_left_behind(alice, member):
    upload = SimpleUploadedFile(
        "picture.jpg", jpeg() + b"<script>alert(1)</script>PK\x03\x04", content_type="text/html"
    )
    assert alice.post(EDIT, typed(avatar=upload)).status_code == 302
    served_picture(member)
    assert b"<script>" not in (Path(settings.MEDIA_ROOT) / member.avatar.name).read_bytes()


def whole_form(response) -> dict:
    """Return what the page sends if nothing is changed."""
    form = response.context["form"]
    fields = {name: form[name].value() for name in form.fields if name not in {"avatar", "cover"}}
    return form_data(response) | {name: value for name, value in fields.items() if value not in (None, False)}


@pytest.mark.parametrize(
    ("typed_too", "status"),
    [
        ({"add_link": "1"}, 200),
        ({"move_link": "0-down"}, 200),
        ({"display_name": "<>"}, 422),
        ({"birthday_day": "40"}, 422),
    ],
)
@pytest.mark.parametrize("field", ["avatar", "cover"])
def test_a_picture_waits_until_the_form_is_saved(alice, member, field, typed_too, status):
    response = alice.post(EDIT, typed(**{field: make_picture()}, tagline="Talks on trains.") | typed_too)
    chosen = member.chosen_pictures.get()
    assertContains(response, chosen.file.url, status_code=status)
    assertContains(response, "This is the picture you chose.", status_code=status)
    assertNotContains(response, "Choose your picture again", status_code=status)
    member.refresh_from_db()
    assert not getattr(member, field)
    again = alice.post(EDIT, whole_form(response) | {"add_link": "1", "display_name": "<"})
    assertContains(again, chosen.file.url)
    assert alice.post(EDIT, whole_form(again) | {"display_name": "", "birthday_day": ""}).status_code == 302
    member.refresh_from_db()
    assert (getattr(member, field).name, member.tagline) == (chosen.file.name, "Talks on trains.")
    assert default_storage.exists(chosen.file.name)
    assert not member.chosen_pictures.exists()


def test_a_picture_that_waits_is_let_go_for_another_or_for_none(
    alice, member, django_capture_on_commit_callbacks
):
    first = alice.post(EDIT, typed(avatar=make_picture()) | {"add_link": "1"})
    before = member.chosen_pictures.get()
    with django_capture_on_commit_callbacks(execute=True):
        second = alice.post(EDIT, whole_form(first) | {"avatar": make_picture((300, 300)), "add_link": "1"})
    after = member.chosen_pictures.get()
    assert (default_storage.exists(before.file.name), default_storage.exists(after.file.name)) == (
        False,
        True,
    )
    gone = alice.post(EDIT, whole_form(first))
    assertContains(gone, "The picture you chose is no longer here. Choose it again.", status_code=422)
    assert alice.post(EDIT, whole_form(second) | {"avatar-clear": "on"}).status_code == 302
    member.refresh_from_db()
    assert not member.avatar


@pytest.mark.parametrize("key", ["-1", "x", "9" * 30, "\x00", "1e3", "²"])
def test_a_picture_that_waits_for_somebody_else_or_for_nobody_is_none(
    alice, member, other_member, signed_in, key
):
    signed_in(other_member).post(EDIT, typed(avatar=make_picture()) | {"add_link": "1"})
    foreign = other_member.chosen_pictures.get()
    assert alice.post(EDIT, typed(avatar_chosen=key)).status_code == 302
    assertContains(alice.post(EDIT, typed(avatar_chosen=str(foreign.pk))), "no longer here", status_code=422)
    member.refresh_from_db()
    assert not member.avatar


def test_a_hostile_file_is_refused_at_once_and_not_kept(alice, member):
    response = alice.post(
        EDIT, typed(avatar=SimpleUploadedFile("a.png", SVG), bio="kept words") | {"add_link": "1"}
    )
    assertContains(response, 'id="id_avatar_error"')
    assertContains(response, "kept words")
    assert not member.chosen_pictures.exists()


def test_pictures_that_wait_too_long_are_swept_away(alice, member):
    alice.post(EDIT, typed(avatar=make_picture()) | {"add_link": "1"})
    file = Path(settings.MEDIA_ROOT) / member.chosen_pictures.get().file.name
    sweep_profile_pictures()
    assert file.exists()
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert sweep_profile_pictures() > 0
    assert not file.exists()
    assert not member.chosen_pictures.exists()


def test_without_scripts_the_buttons_lead_to_the_row(alice, member, three_links):
    page = alice.get(EDIT).content.decode()
    assert f'formaction="{EDIT}#id_links-3-label"' in page
    assert re.findall(rf'value="(\d-\w+)" formaction="{EDIT}#link-(\d)"', page) == [
        ("0-up", "0"), ("0-down", "2"), ("1-up", "1"), ("1-down", "3"), ("2-up", "2"), ("2-down", "4")
    ]  # fmt: skip
    assert re.findall(r'<fieldset class="linkrow" id="link-(\d)" tabindex="-1">', page) == [
        "1",
        "2",
        "3",
        "0",
    ]


def test_a_picture_in_the_admin_goes_the_same_way(
    signed_in, host, member, django_capture_on_commit_callbacks
):
    client, url = signed_in(host), reverse("admin:accounts_user_change", args=[member.pk])
    base = {"username": "alice", "is_active": "on", "links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}
    assert client.post(url, base | {"avatar": SimpleUploadedFile("a.png", SVG)}).status_code == 200
    assert client.post(url, base | {"avatar": make_picture()}).status_code == 302
    assert served_picture(member).size == (400, 400)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, base | {"avatar": make_picture()})
    served_picture(member)
    assert len([path for path in files_in("avatars") if path.suffix == ".jpg"]) == 1


def test_a_field_that_is_added_to_the_form_is_stored(alice, member, monkeypatch):
    class LongerForm(ProfileForm):
        class Meta(ProfileForm.Meta):
            fields = [*ProfileForm.Meta.fields, "email"]

    monkeypatch.setattr("accounts.views.profile.ProfileForm", LongerForm)
    assert alice.post(EDIT, typed(email="new@example.org", tagline="Talks on trains.")).status_code == 302
    member.refresh_from_db()
    assert (member.email, member.tagline) == ("new@example.org", "Talks on trains.")


def test_every_field_of_the_form_is_stored_or_known_to_be_no_column(member):
    switch_on("birthdays", "party")  # the form shows these only then
    form = ProfileForm(instance=member)
    assert {
        *ProfileForm.Meta.fields,
        "birthday_day",
        "birthday_month",
        "birthday_year",
        "birthday_seen_by",
    } == set(form.columns)
    others = {
        f"{picture}_{part}" for picture in ("avatar", "cover") for part in ("x", "y", "zoom", "chosen")
    } | {"help_with", "look_for"}
    assert set(form.fields) - set(form.columns) == others
