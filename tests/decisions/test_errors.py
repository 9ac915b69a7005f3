"""Each error stands at its field, and is read with it: the field names the error that describes it."""

import re

import pytest

from tests.decisions.asked import a_poll, a_proposal
from tests.factories import make_post, switch_on

pytestmark = pytest.mark.django_db


def named_and_shown(page) -> tuple[set[str], set[str]]:
    """The ids that fields refer to, and those of the errors that are shown."""
    html = page.content.decode()
    named = {one for ids in re.findall(r'aria-describedby="([^"]*)"', html) for one in ids.split()}
    return named, set(re.findall(r'<ul class="errorlist[^"]*" id="([^"]+)"', html))


def test_errors_are_tied_to_their_fields(signed_in, host):
    switch_on("decisions")
    desk, post = signed_in(host), make_post(host)
    poll = a_poll(post=post, by=host).get_absolute_url()
    proposal = a_proposal(post=post, by=host).get_absolute_url()
    pages = {
        "/decisions/new/poll/": {"id_post_error", "id_title_error", "id_options_error", "id_method_error"},
        "/decisions/new/proposal/": {"id_post_error", "id_title_error", "id_stage_error"},
        f"{poll}vote/": {"id_option_error"},
        f"{poll}invite/": {"id_people_error"},
        f"{proposal}position/": {"id_stance_error", "id_body_error"},
    }
    answers = {path: named_and_shown(desk.post(path, {})) for path in pages}
    assert {path: shown for path, (_named, shown) in answers.items()} == pages
    assert {path: shown - named for path, (named, shown) in answers.items()} == {
        path: set() for path in pages
    }
