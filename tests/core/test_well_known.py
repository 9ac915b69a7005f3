"""Well-known URLs that programs request."""

import pytest
import time_machine
from django.contrib.staticfiles import finders
from PIL import Image
from pytest_django.asserts import assertContains, assertRedirects

from core.models import SiteSettings

pytestmark = pytest.mark.django_db


def test_the_manifest_names_the_site_and_is_linked_from_its_pages(client):
    response = client.get("/manifest.webmanifest")
    assert (response.status_code, response["Content-Type"]) == (200, "application/manifest+json")
    assert response.json() == {
        "id": "/",
        "name": "The Long Table",
        "short_name": "The Long Table",
        "description": "Come in, read, and join the conversation.",
        "lang": "en-gb",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#fbf8f2",
        "theme_color": "#fbf8f2",
        "icons": [
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {
                "src": "/static/icon-512.png",
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
    }
    assertContains(client.get("/"), '<link rel="manifest" href="/manifest.webmanifest">')


def test_without_a_logo_telephones_get_pictures_of_ours(client):
    """In the declared size and without transparency, which iOS fills with black; it does not accept SVG."""
    assertContains(client.get("/"), '<link rel="apple-touch-icon" href="/static/icon-180.png">')
    for size in (180, 192, 512):
        with Image.open(finders.find(f"icon-{size}.png")) as picture:
            assert (picture.format, picture.size) == ("PNG", (size, size))
            assert picture.convert("RGBA").getextrema()[3] == (255, 255)


def test_the_host_s_logo_is_the_icon_on_the_home_screen(client):
    row = SiteSettings.objects.create(pk=1, name="Fireside", icon="abc")
    SiteSettings.forget()
    manifest = client.get("/manifest.webmanifest").json()
    assert manifest["name"] == "Fireside"
    assert [(icon["src"], icon["sizes"]) for icon in manifest["icons"]] == [
        (row.icons["s180"], "180x180"),
        (row.icons["s192"], "192x192"),
        (row.icons["s512"], "512x512"),
    ]


@pytest.mark.parametrize(
    ("contact", "line"),
    [
        ("", "Contact: mailto:hello@testserver"),
        ("safe@example.org", "Contact: mailto:safe@example.org"),
        ("https://example.org/report", "Contact: https://example.org/report"),
    ],
)
@time_machine.travel("2027-03-01T15:00:00Z", tick=False)
def test_security_txt_says_where_to_report(client, settings, contact, line):
    settings.SECURITY_CONTACT = contact
    settings.DEFAULT_FROM_EMAIL = "The Long Table <hello@testserver>"
    settings.SITE_URL = "http://testserver"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        line,
        "Expires: 2027-08-28T00:00:00Z",
        "Preferred-Languages: en-gb",
        "Canonical: http://testserver/.well-known/security.txt",
    ]


def test_password_managers_are_sent_to_the_page_that_changes_it(client):
    assertRedirects(
        client.get("/.well-known/change-password"),
        "/accounts/password/change/",
        fetch_redirect_response=False,
    )
