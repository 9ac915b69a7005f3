"""In the thread, hosts are known by their badge, under the posts of other hosts too."""

import pytest
from pytest_django.asserts import assertContains

from tests.factories import make_comment, make_member, make_post


@pytest.mark.django_db
def test_every_host_has_a_badge_and_members_have_none(client, host):
    post = make_post(author=host)
    make_comment(post, author=make_member("hanna", is_staff=True))
    make_comment(post, author=make_member("alice"))
    assertContains(client.get(post.get_absolute_url()), '<span class="badge">Host</span>', count=1, html=True)
