"""The archive by tag, author, year and month; links at the end of a post."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from core.services.site_settings import save_settings
from posts.models import Post, Tag
from tests.factories import make_host, make_picture, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def years(host):
    """Posts in three months, one for members and one unlisted."""
    for day, fields in (
        ("2025-12-31", {"is_pinned": True}),
        ("2026-01-01", {}),
        ("2026-01-31", {}),
        ("2026-03-05", {"visibility": "members"}),
        ("2026-03-06", {"visibility": "unlisted"}),
    ):
        at = datetime.fromisoformat(f"{day}T23:30:00").replace(tzinfo=UTC)
        make_post(host, title=f"Of {day}", published_at=at, **fields)


def titles(client, query: str) -> list[str]:
    page = client.get(f"/posts/?{query}").content.decode()
    return re.findall(r"Of (\d{4}-\d\d-\d\d)</a></h2>", page)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "America/New_York"])
def test_months_are_those_of_the_sites_clocks(zone, host):
    save_settings({"time_zone": zone}, by=None)
    begin = datetime(2026, 2, 26, 18, 20, tzinfo=UTC)
    moments = [begin + timedelta(hours=hours) for hours in range(0, 100, 5)] + [
        datetime(2026, 1, 15, tzinfo=UTC)
    ]
    for moment in moments:
        make_post(host, published_at=moment)
    there = [moment.astimezone(ZoneInfo(zone)).date().replace(day=1) for moment in moments]
    assert Post.objects.filter(published_at__in=moments).months() == sorted(
        Counter(there).items(), reverse=True
    )


class TestByDate:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("year=2026", ["2026-01-31", "2026-01-01"]),
            ("year=2026&month=1", ["2026-01-31", "2026-01-01"]),
            ("year=2025", ["2025-12-31"]),
            ("year=2025&month=12", ["2025-12-31"]),
        ],
    )
    def test_a_year_and_a_month_have_their_posts_newest_first(self, client, years, query, found):
        assert titles(client, query) == found

    def test_is_read_on_the_clocks_of_the_site(self, client, years, settings):
        settings.TIME_ZONE = "Asia/Tokyo"
        assert titles(client, "year=2026&month=1") == ["2026-01-01", "2025-12-31"]

    def test_members_see_theirs_and_nobody_what_is_unlisted(self, client, signed_in, member, years):
        assert titles(signed_in(member), "year=2026&month=3") == ["2026-03-05"]
        assert client.get("/posts/?year=2026&month=3").status_code == 404
        assertContains(signed_in(member).get("/posts/"), "March")
        assertNotContains(client.get("/posts/"), "March")

    def test_the_list_of_years_counts_them(self, client, years):
        page = client.get("/posts/").content.decode()
        there = page.partition('<details class="years"')[2].partition("</details>")[0]
        assert " ".join(re.sub("<[^>]+>", " ", there).split()).endswith("2026 2 January 2 2025 1 December 1")
        assert re.findall('<a href="([^"]+)"', there) == [
            "/posts/?year=2026",
            "/posts/?year=2026&amp;month=1",
            "/posts/?year=2025",
            "/posts/?year=2025&amp;month=12",
        ]

    def test_is_named_in_the_heading_and_kept_on_the_next_page(self, client, host, years, settings):
        settings.POSTS_PER_PAGE = 1
        page = client.get("/posts/?year=2026&month=1").content.decode()
        assert "Posts from January 2026</h1>" in page
        assert '<link rel="canonical" href="http://testserver/posts/?year=2026&amp;month=1">' in page
        after = re.search(r'rel="next" href="\?(year=2026&amp;month=1&amp;page=[^"]+)"', page)[1]
        assert titles(client, after.replace("&amp;", "&")) == ["2026-01-01"]

    @pytest.mark.parametrize(
        "query",
        ["year=2024", "year=0", "year=x", "year=99999", "month=3", "year=2026&month=13", "year=2026&month=2",
         "year=²", "author=nobody", "tag=nothing"],
    )  # fmt: skip
    def test_what_there_is_nothing_of_is_not_found(self, client, years, query):
        assert client.get(f"/posts/?{query}").status_code == 404

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
    def test_at_the_ends_of_the_calendar_is_not_found_in_any_time_zone(self, client, years, settings, zone):
        settings.TIME_ZONE = zone
        for year in (1, 2, 9998, 9999):
            for month in ("", 1, 12):
                assert client.get(f"/posts/?year={year}&month={month}").status_code == 404


class TestATagPage:
    def test_has_a_description_and_a_cover(self, client, signed_in, host):
        tag = Tag.objects.create(name="Tea", slug="tea")
        make_post(host).tags.add(tag)
        browser = signed_in(host)
        form = {"name": "Tea", "slug": "tea", "description": "All about <tea>.", "cover_alt": "A pot"}
        answer = browser.post(
            f"/admin/posts/tag/{tag.pk}/change/", form | {"cover": make_picture((3000, 900))}
        )
        assert answer.status_code == 302
        tag.refresh_from_db()
        page = client.get("/posts/?tag=tea").content.decode()
        assert "Posts about Tea</h1>" in page
        assert '<meta name="description" content="All about &lt;tea&gt;.">' in page
        assert f'src="{tag.cover.url}" alt="A pot" width="1600" height="480"' in page

    def test_whose_cover_is_replaced_keeps_no_old_file(
        self, signed_in, host, django_capture_on_commit_callbacks
    ):
        tag = Tag.objects.create(name="Tea", slug="tea", cover=ContentFile(b"old", name="old.webp"))
        old = tag.cover.name
        form = {"name": "Tea", "slug": "tea", "cover": make_picture()}
        with django_capture_on_commit_callbacks(execute=True):
            signed_in(host).post(f"/admin/posts/tag/{tag.pk}/change/", form)
        assert not default_storage.exists(old)
        assert default_storage.exists(Tag.objects.get().cover.name)

    def test_refuses_what_is_no_picture_at_the_field(self, signed_in, host):
        tag = Tag.objects.create(name="Tea", slug="tea")
        form = {
            "name": "Tea",
            "slug": "tea",
            "description": "Kept.",
            "cover": ContentFile(b"no", name="a.jpg"),
        }
        answer = signed_in(host).post(f"/admin/posts/tag/{tag.pk}/change/", form)
        assert list(answer.context["adminform"].form.errors) == ["cover"]
        assertContains(answer, "Kept.")

    def test_without_them_is_as_it_was(self, client, host):
        make_post(host).tags.add(Tag.objects.create(name="Tea", slug="tea"))
        page = client.get("/posts/?tag=tea")
        heading = page.context["narrowed"].heading
        assertContains(page, f'<meta name="description" content="{heading}: The Long Table.')


class TestAnAuthor:
    def test_has_a_page_of_posts(self, client, host):
        mine, other = make_post(host, title="Mine"), make_post(make_host("piet"), title="Other")
        page = client.get(f"/posts/?author={host.username}").content.decode()
        assert f"Posts by {host.get_display_name()}</h1>" in page
        assert (mine.title in page, other.title in page) == (True, False)

    def test_without_a_listed_post_is_not_found(self, client, member):
        make_post(member, visibility="unlisted")
        assert client.get(f"/posts/?author={member.username}").status_code == 404

    def test_is_at_the_end_of_the_post_with_their_line(self, client):
        host = make_host("nora", display_name="Nora", tagline="Writes about tea.")
        page = client.get(make_post(host).get_absolute_url()).content.decode()
        end = page.partition('class="person mt"')[2].partition("</article>")[0]
        assert "Writes about tea." in end
        assert 'href="/posts/?author=nora">All posts by Nora</a>' in end

    def test_is_not_under_a_page(self, client, host):
        make_post(host, kind="page", slug="about", comments_open=False)
        assertNotContains(client.get("/about/"), "All posts by")


class TestRelatedPosts:
    def test_are_those_that_share_most_tags_then_the_newest(self, client, host):
        tags = [Tag.objects.create(name=name, slug=name) for name in ("tea", "bread", "soup")]
        post = make_post(host, title="This")
        post.tags.set(tags[:2])
        for title, days, own in (
            ("Both", 30, tags),
            ("Older", 20, tags[:1]),
            ("Newer", 10, tags[1:2]),
            ("None", 5, tags[2:]),
        ):
            at = post.published_at - timedelta(days=days)
            make_post(host, title=f"Related {title}", published_at=at).tags.set(own)
        make_post(host, title="Related hidden", visibility="unlisted", published_at=at).tags.set(tags)
        for title, seconds in (("before", 3), ("after", -3)):  # its neighbours have their own block
            at = post.published_at - timedelta(seconds=seconds)
            make_post(host, title=f"Related {title}", published_at=at).tags.set(tags)
        page = client.get(post.get_absolute_url()).content.decode()
        there = page.partition('id="related-h"')[2].partition("</section>")[0]
        assert re.findall(r"Related (\w+)</span>", there) == ["Both", "Newer", "Older"]

    def test_are_not_there_without_tags(self, client, post):
        assertNotContains(client.get(post.get_absolute_url()), "Related posts")

    def test_follow_when_another_gets_a_tag(self, client, host):
        tag = Tag.objects.create(name="tea", slug="tea")
        post, _between, other = make_post(host), make_post(host), make_post(host, title="Another one")
        post.tags.add(tag)
        assertNotContains(client.get(post.get_absolute_url()), "Related posts")
        other.tags.add(tag)
        other.updated_at = timezone.now()  # as when it is saved in the admin
        other.save()
        assertContains(client.get(post.get_absolute_url()), "Related posts")


def test_the_archive_costs_the_same_queries_however_many_posts(client, host, django_assert_num_queries):
    make_post(host)
    for number in (1, 12):
        for _ in range(number):
            make_post(host)
        caches["parts"].clear()
        with django_assert_num_queries(4):  # pages in the navigation, pinned posts, the months, the others
            client.get("/posts/")
    assert Post.objects.count() == 14


def test_large_numbers_of_comments_are_readable(client, host):
    post = make_post(host, comment_count=1234)
    for path in ("/posts/", post.get_absolute_url()):
        assertContains(client.get(path), "1,234 comments<")


def test_the_beginning_of_a_post_is_shown_without_its_code(client, host):
    make_post(host, body="<p>See this:</p><pre><code>x = 1</code></pre><p>And that.</p>")
    assertContains(client.get("/posts/"), "See this: And that.")
