"""The planner settings that a connection sends to PostgreSQL."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the planner of PostgreSQL"),
]


@pytest.mark.parametrize(("options", "cost"), [({}, "1.1"), ({"options": "-c random_page_cost=3"}, "3")])
def test_random_reads_are_cheap_unless_the_operator_says_otherwise(options, cost):
    own = connection.copy()
    own.settings_dict = {**own.settings_dict, "OPTIONS": options}
    try:
        with own.cursor() as cursor:
            cursor.execute("SHOW random_page_cost")
            assert cursor.fetchone() == (cost,)
    finally:
        own.close()
