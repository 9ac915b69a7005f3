"""A post with many images needs no more queries than one without."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_post

pytestmark = pytest.mark.django_db

FIGURE = (
    '<figure class="wide"><img src="/media/posts/{0:032x}_480_960_1600_2400.jpg" alt="Number {0}" width="2400" height="1600">'
    "<figcaption>Number {0}</figcaption></figure>"
)


def queries_of(client, post) -> list[str]:
    """Return the queries of the first and second request, without values that differ between posts."""
    with CaptureQueriesContext(connection) as seen:
        for _ in range(2):
            assert client.get(post.get_absolute_url()).status_code == 200
    asked = [re.split(r" WHERE | VALUES |\d{2,}", query["sql"])[0] for query in seen]
    return [sql for sql in asked if "SAVEPOINT" not in sql]


@pytest.mark.parametrize("role", ["visitor", "member", "host"])
def test_thirty_pictures_ask_nothing_more_of_the_database(client, signed_in, request, host, role):
    reader = client if role == "visitor" else signed_in(request.getfixturevalue(role))
    plain = make_post(host)
    illustrated = make_post(host, body="<p>See.</p>" + "".join(FIGURE.format(number) for number in range(30)))
    queries_of(reader, make_post(host))  # queried once, then cached by the process or the session
    assert queries_of(reader, illustrated) == queries_of(reader, plain)
    page = reader.get(illustrated.get_absolute_url()).content.decode()
    assert (page.count("<figure"), page.count(" srcset="), page.count('loading="lazy"')) == (30, 30, 30)
