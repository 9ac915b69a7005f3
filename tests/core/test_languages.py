"""A site in several languages: each reader gets theirs, and cached pages are never served in the wrong one."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from core.models import SiteSettings
from core.services.site_settings import save_settings
from core.utils.languages import asked_for
from core.web.languages import KEY_HEADER
from notifications.models import ReplyFeed
from tests.core.test_site_settings import FILLED
from tests.core.test_visitor_pages import KEPT, SEAL
from tests.factories import PASSWORD, make_member, put_comment

pytestmark = pytest.mark.django_db

SKIP = {"en-gb": "Skip to content", "de": "Zum Inhalt springen", "fr": "Aller au contenu"}
FRONT = {KEY_HEADER: "language"}


@pytest.fixture
def behind_nginx(settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1


@pytest.fixture
def site() -> None:
    save_settings({"languages": ["de", "fr"]}, by=None)


@pytest.fixture
def paths(post) -> list[str]:
    put_comment(post, author=make_member("nadine"))
    return [post.get_absolute_url(), f"{post.get_absolute_url()}?sort=newest", "/", "/posts/", "/members/"]


def reader_of(language: str, member: User | None = None) -> Client:
    """Return a client in which a language was chosen at the bottom of a page."""
    browser = Client()
    if member is not None:
        browser.force_login(member)
    assert browser.post("/language/", {"language": language, "next": "/posts/"})["Location"] == "/posts/"
    return browser


def language_in(page: str) -> str:
    """Return the language of the page's text, which must be the one that it declares."""
    [found] = [code for code, words in SKIP.items() if words in page]
    assert f'<html lang="{found}"' in page
    return found


class TestWhoReadsWhich:
    def test_each_gets_the_language_they_chose_however_often_pages_are_kept(self, site, paths):
        browsers = {code: reader_of(code) for code in SKIP}
        members = {code: reader_of(code, make_member()) for code in SKIP}
        for path in paths:
            for _made_then_kept in range(2):
                for code in SKIP:
                    for browser in (browsers[code], members[code]):
                        response = browser.get(path)
                        assert (path, language_in(response.content.decode())) == (path, code)
                        assert (response["Content-Language"], "Cookie" in response["Vary"]) == (code, True)

    def test_without_a_choice_it_is_the_sites_or_the_browsers_where_the_host_wants_that(
        self, site, paths, client
    ):
        german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
        for wants, code in ((False, "en-gb"), (True, "de")):
            save_settings({"browser_language": wants}, by=None)
            for path in paths:
                response = client.get(path, headers=german)
                assert (path, language_in(response.content.decode())) == (path, code)
                assert ("Accept-Language" in response["Vary"]) is wants
        assert language_in(client.get("/").content.decode()) == "en-gb"
        assert language_in(reader_of("fr").get("/", headers=german).content.decode()) == "fr"

    def test_a_members_choice_follows_them_to_every_browser(self, site, signed_in):
        kay = make_member("kay")
        reader_of("de", kay)
        kay.refresh_from_db()
        assert kay.language == "de"
        assert language_in(signed_in(kay).get("/").content.decode()) == "de"
        assert (
            '<html lang="de"'
            in signed_in(make_member(is_staff=True, is_superuser=True, language="de"))
            .get("/admin/")
            .content.decode()
        )

    def test_members_find_it_in_their_settings(self, site, signed_in):
        kay = make_member("kay")
        browser = signed_in(kay)
        assertContains(
            browser.get("/notifications/settings/"), '<option value="fr">Français</option>', html=True
        )
        browser.post("/notifications/settings/", {"time_zone": "", "language": "fr"})
        kay.refresh_from_db()
        assert kay.language == "fr"
        assert language_in(browser.get("/").content.decode()) == "fr"
        browser.post("/notifications/settings/", {"time_zone": "", "language": ""})
        assert language_in(browser.get("/").content.decode()) == "en-gb"
        assert (
            browser.post("/notifications/settings/", {"time_zone": "", "language": "tlh"}).status_code == 422
        )

    def test_who_signs_up_in_a_language_keeps_it(self, site):
        browser = reader_of("de")
        browser.post(
            "/accounts/signup/", {"email": "new@example.org", "username": "newcomer", "password1": PASSWORD}
        )
        assert User.objects.get(username="newcomer").language == "de"
        assert mail.outbox[-1].subject == "Dein Code für The Long Table"

    @pytest.mark.parametrize("language", ["", "xx", "ar", "de\x00", "d" * 5000])
    def test_what_is_not_offered_changes_nothing(self, site, language):
        browser = reader_of(language)
        assert dict(browser.cookies) == {}
        browser.cookies["language"] = language
        assert language_in(browser.get("/").content.decode()) == "en-gb"

    def test_the_way_back_stays_on_this_site(self, site, client):
        answer = client.post("/language/", {"language": "de", "next": "//evil.example/"})
        assert answer["Location"] == "/"

    def test_a_language_that_is_withdrawn_is_the_sites_again(self, site, signed_in):
        browser, kay = reader_of("de"), make_member(language="fr")
        save_settings({"languages": ["es"]}, by=None)
        for one in (browser, signed_in(kay)):
            assert language_in(one.get("/").content.decode()) == "en-gb"

    def test_the_host_chooses_them(self, signed_in, host):
        browser = signed_in(host)
        browser.post(
            "/admin/core/sitesettings/", FILLED | {"languages": ["de", "en-gb"], "browser_language": "on"}
        )
        assert (SiteSettings.current().offered, SiteSettings.current().browser_language) == (
            ("en-gb", "de"),
            True,
        )
        assert (
            browser.post(
                "/admin/core/sitesettings/", FILLED | {"version": "1", "languages": ["xx"]}
            ).status_code
            == 422
        )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ""),
        ("*", ""),
        ("de", "de"),
        ("de-CH;q=0.5, fr;q=0.7", "fr"),
        ("nl,pt-PT;q=0.9,de;q=0.8", "pt-br"),
        ("en-US,en;q=0.9", "en-gb"),
        ("ja," * 400, ""),
        ("\x00;q=x", ""),
    ],
)
def test_the_first_of_a_browsers_languages_that_is_offered(header, language):
    assert asked_for(header, ("en-gb", "de", "fr", "pt-br")) == language


@pytest.mark.usefixtures("behind_nginx")
class TestWhatIsKept:
    def test_a_page_has_another_etag_in_another_language(self, site, paths):
        for path in paths[:4]:
            answers = {code: reader_of(code).get(path, headers=FRONT) for code in SKIP}
            assert {answer["Cache-Control"] for answer in answers.values()} == {KEPT}
            tags = {code: answer["ETag"] for code, answer in answers.items()}
            assert len(set(tags.values())) == 3
            for code in SKIP:
                for other, tag in tags.items():
                    again = reader_of(code).get(path, headers=FRONT | {"If-None-Match": tag})
                    assert (again.status_code == 304) is (code == other)
                    assert (again["Content-Language"], "Cookie" in again["Vary"]) == (code, True)

    def test_only_a_front_server_that_tells_languages_apart_may_keep_pages(self, site, paths):
        for path in paths[:4]:
            response = reader_of("de").get(path)
            assert response["Cache-Control"] == "private, no-cache"
            assert reader_of("de").get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304

    def test_what_a_browser_says_of_the_key_counts_for_nothing(self, site, paths, settings):
        """Without our reverse proxy the header is a visitor's: an unknown cache would mix up languages."""
        settings.TRUSTED_PROXY_COUNT = 0
        answers = {path: reader_of("de").get(path, headers=FRONT)["Cache-Control"] for path in paths[:4]}
        assert answers == dict.fromkeys(paths[:4], "private, no-cache")

    def test_nobody_keeps_what_depends_on_the_browser(self, site, paths, client):
        save_settings({"browser_language": True}, by=None)
        for path in paths[:4]:
            assert client.get(path, headers=FRONT)["Cache-Control"] == "private, no-cache"
            assert reader_of("de").get(path, headers=FRONT)["Cache-Control"] == KEPT

    @pytest.mark.parametrize("cookies", ['language="de"', "language =de", "a=b;\tlanguage=de", "language=fr; language=de", "language=de; language=fr; language=de", "__Host-language=fr; language=de", "__Host-language=de", 'theme="dark"', "theme=light; theme=dark"])  # fmt: skip
    def test_what_a_front_server_reads_otherwise_than_we_is_kept_for_nobody(
        self, site, paths, client, cookies
    ):
        for path in paths[:4]:
            answers = [client.get(path, headers=FRONT | {"cookie": said}) for said in ("", cookies)]
            assert [each["Cache-Control"] for each in answers] == [KEPT, "private, no-cache"]

    def test_a_device_lets_go_of_pages_that_it_kept_in_another_language(self, site, settings):
        """The service worker compares this value (templates/core/sw.js)."""
        settings.OFFLINE_PAGES = True
        marks = {code: reader_of(code).get("/")["X-Reader"] for code in SKIP}
        assert marks == {code: f"visitor {code}" for code in SKIP}

    def test_feeds_and_the_sitemap_are_the_same_for_all(self, site, post):
        put_comment(post, author=make_member("nadine"))
        save_settings({"browser_language": True}, by=None)
        for path in ("/feed/", "/feed/comments/", f"{post.get_absolute_url()}feed/", "/sitemap.xml"):
            answers = [
                browser.get(path, headers={"Accept-Language": "fr"})
                for browser in (Client(), reader_of("de"), reader_of("fr"))
            ]
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.content for answer in answers}) == 1
            assert {answer.get("Content-Language", "en-gb") for answer in answers} == {"en-gb"}
            assert not any("Cookie" in answer.get("Vary", "") for answer in answers)

    def test_the_feed_of_replies_is_in_the_language_of_its_member(self, site, client):
        feed = ReplyFeed.objects.create(member=make_member("kay", language="de"))
        assertContains(client.get(feed.address), "Antworten an kay")


def test_a_site_in_one_language_is_as_if_there_were_no_others(paths, client):
    """Whatever browsers prefer, and whatever cookie remains from before."""
    plain = {path: client.get(path) for path in paths}
    client.cookies["language"] = "de"
    for path, before in plain.items():
        after = client.get(path, headers={"Accept-Language": "de"} | FRONT)
        assert SEAL.sub(b"", after.content) == SEAL.sub(b"", before.content)
        for response in (before, after):
            del response.headers["X-Request-ID"]
        assert dict(after.headers) == dict(before.headers)
        assert not after.has_header("Content-Language")
        assertNotContains(after, "/language/")


def test_pages_from_right_to_left_say_so_and_their_arrows_turn(client):
    save_settings({"language": "ar"}, by=None)
    page = client.get("/").content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert "css/rtl" in page
    save_settings({"language": ""}, by=None)
    assert "css/rtl" not in client.get("/").content.decode()


def test_pages_in_japanese_have_rules_of_their_own(client, signed_in, host):
    save_settings({"language": "ja"}, by=None)
    pages = [
        visitor.get(path).content.decode() for visitor, path in ((client, "/"), (signed_in(host), "/admin/"))
    ]
    assert ['<html lang="ja"' in page and "css/ja." in page for page in pages] == [True, True]
    save_settings({"language": ""}, by=None)
    assert "css/ja." not in client.get("/").content.decode()


def test_the_switch_says_each_language_in_itself_and_which_one_this_is(site):
    page = reader_of("de").get("/posts/?page=1").content.decode()
    switch = re.search(r'<form class="languages".*?</form>', page, re.DOTALL)[0]
    assert 'name="next" value="/posts/?page=1"' in switch
    assert re.findall(r'lang="([\w-]+)"( aria-current="true")?>(.*?)</button>', switch) == [
        ("en-gb", "", "British English"),
        ("de", ' aria-current="true"', "<b>Deutsch</b>"),
        ("fr", "", "Français"),
    ]


def test_what_is_typed_on_a_page_is_refused_in_its_language(site, post):
    path = f"/posts/{post.slug}/comments/"
    response = reader_of("de", make_member()).post(path, {"body": ""})
    with translation.override("de"):
        said = translation.gettext("Write something first.")
    assertContains(response, said, status_code=422)


def test_the_log_of_the_settings_names_languages(site, signed_in, host):
    save_settings({"language": "fr", "browser_language": True}, by=host)
    page = signed_in(host).get("/admin/core/sitesettings/log/")
    assertContains(page, "Deutsch, Français")
