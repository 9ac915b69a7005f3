"""Settings saved in one process take effect in two others within moments, without a restart."""

import pytest

from core.services.site_settings import save_settings
from tests.factories import make_host
from tests.serving import database_url, serving


@pytest.mark.django_db(transaction=True)
def test_a_new_name_and_colour_are_live_in_two_processes(tmp_path):
    host = make_host("nora")
    with (
        serving(folder=tmp_path / "one", DATABASE_URL=database_url(), DEBUG="1") as one,
        serving(folder=tmp_path / "two", DATABASE_URL=database_url(), DEBUG="1") as two,
    ):
        servers = [one, two]
        assert all(b"<title>The Long Table</title>" in each.request("/").body for each in servers)
        save_settings({"name": "Harbour Notes", "accent_hue": 210}, by=host)
        for each in servers:
            each.until(lambda each=each: b"<title>Harbour Notes</title>" in each.request("/").body)
            assert b"/site/210-book.css" in each.request("/").body
