"""Structured data and Open Graph tags of a profile contain what visitors see, and nothing else."""

import json
import re

import pytest

from accounts.models import ProfileLink, User
from accounts.services.share_cards import member_picture_url
from posts.models import Tag
from tests.factories import make_member, make_moderator, make_picture, make_post, put_comment

pytestmark = pytest.mark.django_db

NAME = 'Dora "</script><b>" & Co'


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = "https://table.example"


@pytest.fixture
def dora():
    dora = make_member("dora", display_name=NAME, tagline="Tea </script> & more.")
    dora.avatar.save("a.webp", make_picture((512, 512), "WEBP"))
    put_comment(author=dora)
    ProfileLink.objects.create(user=dora, url="https://dora.example/")
    ProfileLink.objects.create(user=dora, url="https://gone.example/", state=ProfileLink.State.UNAVAILABLE)
    return dora


def structured(page: str) -> list:
    return [
        json.loads(data) for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    ]


def crumbs(*steps):
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "name": name, "item": f"https://table.example{path}"}
            for at, (name, path) in enumerate(steps, 1)
        ],
    }


def test_a_profile_is_a_page_about_a_person(client, dora):
    page = client.get("/members/dora/").content.decode()
    assert structured(page) == [
        {
            "@context": "https://schema.org",
            "@type": "ProfilePage",
            "url": "https://table.example/members/dora/",
            "dateCreated": dora.date_joined.isoformat(),
            "mainEntity": {
                "@type": "Person",
                "@id": "https://table.example/members/dora/",
                "name": NAME,
                "alternateName": "dora",
                "url": "https://table.example/members/dora/",
                "description": "Tea </script> & more.",
                "image": f"https://table.example{dora.avatar.url}",
                "sameAs": ["https://dora.example/"],
            },
        },
        crumbs(("The Long Table", "/"), ("Members", "/members/"), (NAME, "/members/dora/")),
    ]
    assert "</script><b>" not in page


def test_a_shared_profile_has_its_name_line_and_picture(client, dora):
    page = client.get("/members/dora/").content.decode()
    assert dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', page)) == {
        "og:site_name": "The Long Table",
        "og:type": "profile",
        "og:title": "Dora &quot;&lt;/script&gt;&lt;b&gt;&quot; &amp; Co",
        "og:description": "Tea &lt;/script&gt; &amp; more.",
        "og:url": "https://table.example/members/dora/",
        "og:image": member_picture_url(dora),
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Dora &quot;&lt;/script&gt;&lt;b&gt;&quot; &amp; Co",
        "profile:username": "dora",
    }


@pytest.mark.parametrize("who", ["visitor", "herself", "moderator"])
def test_links_that_visitors_see_as_text_are_not_in_structured_data(client, signed_in, dora, who):
    User.objects.filter(pk=dora.pk).update(known_since=None)
    reader = {"visitor": None, "herself": dora, "moderator": make_moderator()}[who]
    page = (signed_in(reader) if reader else client).get("/members/dora/").content.decode()
    [person] = [data["mainEntity"] for data in structured(page) if data["@type"] == "ProfilePage"]
    assert "sameAs" not in person


@pytest.mark.parametrize("who", ["visitor", "herself", "moderator"])
def test_a_hidden_profile_has_no_structured_data(client, signed_in, dora, who):
    User.objects.filter(pk=dora.pk).update(profile_hidden=True)
    reader = {"visitor": None, "herself": dora, "moderator": make_moderator()}[who]
    page = (signed_in(reader) if reader else client).get("/members/dora/").content.decode()
    assert structured(page) == []


def test_a_tag_has_breadcrumbs_and_metadata_for_sharing(client, host):
    make_post(host).tags.add(Tag.objects.create(name="Tea </script>", slug="tea", description="Cups & more."))
    page = client.get("/posts/?tag=tea").content.decode()
    assert structured(page) == [
        crumbs(("The Long Table", "/"), ("Posts", "/posts/"), ("Tea </script>", "/posts/?tag=tea"))
    ]
    assert '<meta property="og:title" content="Posts about Tea &lt;/script&gt;">' in page
    assert '<meta property="og:description" content="Cups &amp; more.">' in page
    assert '</script>">' not in page
