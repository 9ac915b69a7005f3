"""A member's vCard, QR code, and the microformats of the profile."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import qrcode
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st
from qrcode.image.svg import SvgPathImage

from accounts.models import ProfileLink, User
from accounts.services.vcard import _escape, _fold, make_vcard
from tests.factories import make_member, make_picture

pytestmark = pytest.mark.django_db


def unfold(card: str) -> list[str]:
    assert card.endswith("\r\n")
    return card.replace("\r\n ", "").split("\r\n")[:-1]


def unescape(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)


def test_the_card_says_what_the_page_says(client):
    member = make_member("ada", display_name="Ada; Countess, of L.", tagline="Engines \\ numbers")
    ProfileLink.objects.create(user=member, url="https://ada.example/?a=1,2;3")
    ProfileLink.objects.create(user=member, url="https://vine.co/ada", position=1)
    response = client.get("/members/ada/card.vcf")
    assert response["Content-Type"] == "text/vcard; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="ada.vcf"'
    assert unfold(response.content.decode()) == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:individual",
        "FN:Ada\\; Countess\\, of L.",
        "NICKNAME:ada",
        "UID:http://testserver/members/ada/",
        "URL;PREF=1:http://testserver/members/ada/",
        "URL:https://ada.example/?a=1,2;3",
        "NOTE:Engines \\\\ numbers",
        "END:VCARD",
    ]


def test_the_card_shows_the_picture_and_no_mail_address(client, member, signed_in):
    data = {"links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0, "display_name": "", "avatar": make_picture()}
    signed_in(member).post("/members/me/edit/", data)
    member.refresh_from_db()
    card = unfold(client.get("/members/alice/card.vcf").content.decode())
    assert f"PHOTO:http://testserver{member.avatar.url}" in card
    assert "alice@example.org" not in "".join(card)


@given(st.text(min_size=1, max_size=300))
def test_any_text_keeps_its_words_on_lines_of_at_most_75_octets(text):
    lines = list(_fold(f"NOTE:{_escape(text)}"))
    assert all(len(line.encode()) <= 75 for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    whole = lines[0] + "".join(line[1:] for line in lines[1:])
    assert unescape(whole.removeprefix("NOTE:")) == "".join(sign for sign in text if sign.isprintable())


def test_nobody_writes_lines_of_their_own_into_a_card():
    card = make_vcard(User(username="eve", tagline="x\r\nEND:VCARD\nTEL:666", pk=1), reader=AnonymousUser())
    assert [line for line in unfold(card) if line.startswith("TEL")] == []
    assert card.count("\r\nEND:VCARD") == 1


def test_the_code_leads_to_the_page(client, member):
    response = client.get("/members/alice/code.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert (
        response.content
        == qrcode.make("http://testserver/members/alice/", image_factory=SvgPathImage, border=2).to_string()
    )
    assert ElementTree.fromstring(response.content).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own output


@pytest.mark.parametrize("path", ["card.vcf", "code.svg"])
def test_a_closed_account_has_neither(client, member, path):
    User.objects.update(is_active=False)
    assert client.get(f"/members/alice/{path}").status_code == 404


class HCard(HTMLParser):
    """The properties of the h-card on a page (microformats.org/wiki/h-card)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.open: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        names = (attributes.get("class") or "").split()
        for name in names:
            if name.startswith("u-"):
                self.found.setdefault(name, []).append(attributes.get("href") or attributes.get("value"))
        self.open.append([name for name in names if name.startswith("p-")])

    def handle_endtag(self, tag):
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        for name in self.open[-1] if self.open else []:
            self.found.setdefault(name, []).append(data)


def test_programs_read_the_member_from_the_page(client):
    member = make_member("ada", display_name="Ada Byron", tagline="Engines")
    ProfileLink.objects.create(user=member, url="https://ada.example/")
    page = client.get("/members/ada/").content.decode()
    part = page[page.index("h-card") : page.index("</main>")]
    part = re.sub(r"<(?:img|use|input)\b[^>]*>", "", part[part.index(">") + 1 :])
    assert HCard(part).found == {
        "p-name": ["Ada Byron"],
        "p-note": ["Engines"],
        "p-nickname": ["ada"],
        "u-url": ["http://testserver/members/ada/", "https://ada.example/"],
        "u-uid": ["http://testserver/members/ada/"],
    }
