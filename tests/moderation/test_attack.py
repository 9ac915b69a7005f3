"""An attack: ten modern adverts, submitted through every input, and searched for on every page.

A new input for text needs a function here.
"""

import math
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Introduction, User
from comments.models import Comment
from comments.services.images import add_picture
from core.models import SiteSettings
from core.utils import http_client
from embed.services import make_key
from moderation.services.decisions import split
from moderation.spamfilter import training
from moderation.spamfilter.engine.text import Material
from notifications.email.tokens import ReplyGrant, reply_address
from notifications.inbound.services import take_mail
from posts.models import Post
from tests.accounts.web_servers import Web, page
from tests.api.access import program_of
from tests.factories import make_comment, make_member, make_picture, put_comment
from tests.moderation.test_doors import HARMLESS, SPAM, create, profile
from tests.transfer import blogs, wxr
from webmention.services import receiving

pytestmark = pytest.mark.django_db


class Advert(NamedTuple):
    text: str
    # What a reader would have to see for the advert to work.
    aim: str


ADVERTS = [
    Advert(
        "Q: Which platform pays out fastest? A: I have used Bitlevex for three weeks and withdrew 4,200 USDT without any problem. bitlevex-trade.pro",
        "bitlevex-trade",
    ),
    Advert(
        "DM me on tele gram @coach_marla88, she turned my 500 dollars into 6,800 dollars in ten days",
        "coach_marla88",
    ),
    Advert(
        "What a thoughtful post, thank you so much for sharing this with us!\n\nEmerald Roof Cleaning Dublin",
        "Emerald Roof",
    ),
    Advert(
        "After losing 1.2 BTC to a fake exchange I was devastated, until I found Cipher Recovery Team. They traced it within 48 hours and I got everything back. WhatsApp: +1 (202) 555-0188",
        "Cipher Recovery",
    ),
    Advert(
        "Great insights! We at RankForge have helped 300 blogs triple their traffic with guest posts. Get a free audit: rankforge-seo.agency",
        "rankforge",
    ),
    Advert(
        "Best IPTV of 2026: 25,000 channels in 4K, no buffering, free 24 hour trial, WhatsApp +44 7700 900123",
        "7700 900123",
    ),
    Advert(
        "My sister ordered her dissertation at thesis-helpers.online and got a first, no plagiarism. Use the code TABLE20 for 20% off",
        "thesis-helpers",
    ),
    Advert(
        "Ich verdiene seit März 3.800 € im Monat von zu Hause, ohne Vorkenntnisse. Schreib mir auf WhatsApp: 0049 151 23456789",
        "151 23456789",
    ),
    Advert(
        "Bajé 12 kilos en un mes con las gotas KetoLife, sin dieta ni ejercicio. Pídelas aquí: ketolife-oferta.shop",
        "ketolife-oferta",
    ),
    Advert(
        "Lonely tonight? My private pics are waiting for you 💋 snap: kittylux22 or https://onlyfans-free.link/kittylux",
        "kittylux",
    ),
]


# --- members' inputs, one advert by one member at a time --------------------------------------


def by_form(member: User, text: str, post: Post) -> None:
    signed_in(member).post(create(post), {"body": text})


def by_reply(member: User, text: str, post: Post) -> None:
    parent = Comment.objects.get(body=HARMLESS)
    signed_in(member).post(create(post), {"body": text, "parent": parent.pk})


def by_edit(member: User, text: str, post: Post) -> None:
    comment = make_comment(post=post, author=member, created_at=timezone.now() - timedelta(days=2))
    signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": text})


def by_addition(member: User, text: str, post: Post) -> None:
    comment = make_comment(post=post, author=member)
    signed_in(member).post(create(post), {"body": text, "add_to": comment.pk})


def by_picture(member: User, text: str, post: Post) -> None:
    """As the alternative text of an image, by a member whose images are no longer held."""
    put_comment(post=post, author=member, picture_count=1)
    picture = add_picture(make_picture((8, 8)), by=member, alt=text)
    signed_in(member).post(create(post), {"body": f"The bridge in May.\n\n![](picture:{picture.pk})"})


def by_email(member: User, text: str, post: Post) -> None:
    message = EmailMessage()
    grant = ReplyGrant(member.pk, comment=Comment.objects.get(body=HARMLESS).pk)
    message["From"], message["To"] = member.email, reply_address(grant)
    message["Subject"], message["Message-ID"] = "Re: a reply", f"<{member.pk}@example.org>"
    message.set_content(text)
    take_mail(message.as_bytes(policy=policy.SMTP))


def by_api(member: User, text: str, post: Post) -> None:
    program_of(member, "write").post(f"posts/{post.slug}/comments", {"body": text})


def by_edit_in_the_api(member: User, text: str, post: Post) -> None:
    comment = make_comment(post=post, author=member)
    program_of(member, "write").patch(f"comments/{comment.pk}", {"body": text})


def by_the_frame_on_another_site(member: User, text: str, post: Post) -> None:
    Client().post(f"/embed/{post.slug}/", {"body": text, "key": make_key(member)})


def after_a_harmless_comment_that_stood(member: User, text: str, post: Post) -> None:
    """Level 1: a patient account."""
    User.objects.filter(pk=member.pk).update(date_joined=timezone.now() - timedelta(days=9))
    before = timezone.now() - timedelta(days=8)
    put_comment(post=post, author=member, created_at=before, published_at=before)
    signed_in(User.objects.get(pk=member.pk)).post(create(post), {"body": text})


# --- inputs from other sites, all adverts at once ---------------------------------------------


def by_import_from_wordpress(post: Post, folder: Path) -> None:
    comments = [
        wxr.comment(number, advert.text, comment_author=f"Guest {number}", comment_author_email="")
        for number, advert in enumerate(ADVERTS, start=100)
    ]
    call_command("import_wordpress", str(wxr.wxr(folder / "blog.xml", wxr.post(10, *comments))), verbosity=0)


def by_import_from_elsewhere(post: Post, folder: Path) -> None:
    comments = [{"id": str(number), "body": one.text, "name": "Guest"} for number, one in enumerate(ADVERTS)]
    blogs.run(blogs.written(folder / "blog.json", blogs.plain({"id": "1", "comments": comments})))


def by_webmention(post: Post, folder: Path) -> None:
    web = Web(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_client, "public_web", web.rules)
        address = f"http://testserver{post.get_absolute_url()}"
        for number, advert in enumerate(ADVERTS):
            web.answers[f"/{number}"] = page(
                f"<title>{advert.text}</title><a href='{address}'>this</a> {advert.text}"
            )
            Client().post("/webmention/", {"source": web.url(f"/{number}"), "target": address})
        for pk in receiving.take_due(20):
            receiving.look_at(pk)
    web.close()


DOORS = [
    by_form,
    by_reply,
    by_edit,
    by_addition,
    by_picture,
    by_email,
    by_api,
    by_edit_in_the_api,
    by_the_frame_on_another_site,
    after_a_harmless_comment_that_stood,
]
DOORS_OF_SITES = [by_import_from_wordpress, by_import_from_elsewhere, by_webmention]


def signed_in(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


def newcomer(name: str) -> User:
    return make_member(name, date_joined=timezone.now() - timedelta(hours=1))


def go_through(door: Callable[[User, str, Post], None], post: Post) -> None:
    """Ten new members use this input."""
    for number, advert in enumerate(ADVERTS):
        door(newcomer(f"{door.__name__[:20].replace('_', '')}{number}"), advert.text, post)


def status_of_each() -> dict[str, str]:
    """Return the outcome for each advert: the status of its comments."""
    return {
        advert.aim: " ".join(
            sorted(
                {
                    comment.status
                    for comment in Comment.objects.all()
                    if advert.aim in comment.body + comment.html
                }
            )
        )
        for advert in ADVERTS
    }


def pages() -> list[tuple[str, str]]:
    """Return the pages for visitors, some for another member, and all emails, each with its text."""
    reader = signed_in(make_member("reader"))
    paths = ["/", "/posts/", "/feed/", "/feed/comments/", "/members/", "/sitemap.xml"]
    paths += [f"/posts/{post.slug}/{rest}" for post in Post.objects.all() for rest in ("", "feed/")]
    paths += [f"/api/v1/posts/{post.slug}/comments" for post in Post.objects.all()]
    for name in User.objects.filter(username__startswith="profile").values_list("username", flat=True):
        paths += [f"/members/{name}/", f"/members/{name}/card.vcf"]
    comments = list(Comment.objects.values_list("pk", flat=True))
    asked = ["/notifications/", *(f"/comments/{pk}/history/" for pk in comments)]
    for pk in comments:
        paths += [f"/comments/{pk}/", f"/oembed?url=http://testserver/comments/{pk}/"]
    for advert in ADVERTS:
        word = advert.aim.split()[0]
        asked += [f"/search/?q={word}", f"/search/suggestions/?q={word}", f"/members/names/?q={word}"]
    visitor = Client()
    found = [(path, visitor.get(path)) for path in paths] + [(path, reader.get(path)) for path in asked]
    # Search pages repeat the search term.
    said = [
        (path, page.content.decode().replace(path.partition("?q=")[2] or "\0", "")) for path, page in found
    ]
    return said + [(f"email to {one.to}", f"{one.subject}{one.body}") for one in mail.outbox]


def readable() -> dict[str, list[str]]:
    """Return which adverts are readable, and where."""
    seen: dict[str, list[str]] = {}
    for path, said in pages():
        for advert in ADVERTS:
            if advert.aim.casefold() in said.casefold():
                seen.setdefault(advert.aim, []).append(path)
    return seen


HELD = {advert.aim: "held" for advert in ADVERTS}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_none_gets_through_a_form_of_members(door, post, settings):
    """Each input on a site of its own: held comments would count against the same text at the next one."""
    settings.REPLY_ADDRESS = "reply@table.example"
    SiteSettings._known = (SiteSettings(pk=1, embed_origins="https://blog.example"), math.inf)
    put_comment(post=post, body=HARMLESS)
    go_through(door, post)
    assert status_of_each() == HELD


@pytest.mark.parametrize("door", DOORS_OF_SITES, ids=lambda door: door.__name__)
def test_none_gets_through_from_other_sites(door, post, tmp_path):
    door(post, tmp_path)
    assert status_of_each() == HELD


def test_no_page_has_them(post, moderator, tmp_path):
    parent = put_comment(post=post, body=HARMLESS)
    put_comment(post=post, author=make_member("asta", takes_introductions=True))
    for door in (by_edit, by_picture):
        go_through(door, post)
    by_import_from_elsewhere(post, tmp_path)
    split(parent, title="About the bridge", by=moderator)
    for number, advert in enumerate(ADVERTS):
        client = signed_in(member := newcomer(f"profile{number}"))
        put_comment(post=post, author=member)
        client.post("/members/me/edit/", profile(bio=advert.text))
        words = advert.text.replace("http://", "").replace("https://", "").replace("@", " at ")
        client.post("/members/asta/introduction/", {"words": words})
    assert (readable(), [one.words for one in Introduction.objects.all()]) == ({}, [])


@pytest.mark.parametrize(
    "name",
    [
        "WhatsApp +44 7700 900123",
        "Best IPTV 2026 Free Trial",
        "RankForge SEO Agency",
        "Thesis Writing Help Online",
    ],
)
def test_modern_names_are_not_shown(name, post):
    member = newcomer("nia")
    make_comment(post=post, author=member)
    signed_in(member).post("/members/me/edit/", profile(display_name=name))
    member.refresh_from_db()
    assert (member.display_name, member.profile_hidden) == (name, True)
    assert [path for path, said in pages() if name in said] == []


@pytest.mark.parametrize("level", [0, 1])
def test_classic_adverts_are_held_even_after_one_harmless_comment(level):
    scorer = training.current_scorer()
    assert {text: scorer.score(Material(text, trust_level=level)).outcome for text in SPAM} == dict.fromkeys(
        SPAM, "hold"
    ) | {SPAM[8]: "reject"}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Write to me on tele gram: @coach_marla88", True),
        ("Write to me, w.h.a.t.s.a.p.p +44 7700 900123", True),
        ("She turned 500 dollars into 6,800 dollars, ask @marla88", True),
        ("The roof was 500 dollars, the kitchen 6,800 dollars.", False),
        ("Q: Who pays fastest? A: I use bitlevex-trade.pro", True),
        ("Frage: Wer zahlt am schnellsten? Antwort: gewinne-sofort24.top", True),
        ("Q: Where is the bridge? A: Behind the mill.", False),
        ("Thank you so much for sharing this!\n\nEmerald Roof Cleaning Dublin", True),
        ("Thank you so much for sharing this!\n\nAnna Maria Schmidt", False),
        ("Take the code BREAD15 and save 15 %", True),
        ("Mit dem Gutscheincode BROT15 sparst du 15 %", True),
        ("Usa el cupón PAN15 y ahorra un 15 %", True),
        ("It fails with the code HTTP404 on every page.", False),
        ("The code is 15 % faster now.", False),
        ("It grew from $250 to $3,900 in eleven days. Look for her on IG: helena.brook.fx", True),
        ("I make 4,500 a week from my laptop: wa.me/447700900555", True),
        ("Ich verdiene 3.800 € im Monat von zu Hause", True),
        ("We made 40 loaves a day in that oven.", False),
        ("He got back all my coins, write to jerrywilson(at)protonmail(dot)com", True),
        ("We got back all our bikes, thanks to the police.", False),
    ],
)
def test_the_signals_depend_on_behaviour_not_on_single_words(text, is_found):
    codes = {"messenger", "profit_claim", "staged_question", "discount_code", "recovery"}
    signals = training.current_scorer().score(Material(text)).signals
    strong = {
        one.code for one in signals if one.code in codes or (one.code == "signature" and one.weight > 2)
    }
    assert bool(strong) is is_found
