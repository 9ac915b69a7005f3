"""Links to another blog's tags, months, authors and feeds redirect to their equivalents here."""

from datetime import UTC, datetime

import pytest

from posts.models import Tag
from tests.factories import make_host, make_post

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def blog():
    bread = Tag.objects.create(name="Good bread", slug="bread")
    host = make_host("ida")
    make_post(author=host, published_at=datetime(2012, 4, 25, 12, tzinfo=UTC)).tags.set([bread])
    Tag.objects.create(name="Secret", slug="secret").posts.set([make_post(author=host, published_at=None)])


@pytest.mark.parametrize(("old", "new"), [
    ("/category/bread/", "/posts/?tag=bread"),
    ("/category/kitchen/bread/page/2/", "/posts/?tag=bread"),
    ("/index.php/tag/Bread", "/posts/?tag=bread"),
    ("/tags/bread/index.xml", ""),
    ("/tag/bread/feed/", "/feed/?tag=bread"),
    ("/tag/bread/rss/", "/feed/?tag=bread"),
    ("/search/label/Good%20bread", "/posts/?tag=bread"),
    ("/category/secret/", ""),
    ("/category/other/", ""),
    ("/author/Ida/", "/posts/?author=ida"),
    ("/author/nobody/", ""),
    ("/2012/04/", "/posts/?year=2012&month=4"),
    ("/2012/", "/posts/?year=2012"),
    ("/2012/05/", ""),
    ("/2012/99/", ""),
    ("/0000/", ""),
    ("/feed/rss2/", "/feed/"),
    ("/rss.xml", "/feed/"),
    ("/feeds/posts/default", "/feed/"),
    ("/comments/feed/", "/feed/comments/"),
    ("/tag/%00/", ""),
])  # fmt: skip
def test_a_list_of_the_old_blog_leads_to_ours(client, old, new):
    response = client.get(old)
    assert (response.status_code, response.headers.get("Location", "")) == (301 if new else 404, new)
