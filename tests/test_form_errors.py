"""Forms of the optional parts, sent empty or invalid: each error is at its field, and the field refers to it.

The title of the page says first that there are errors (GOV.UK's pattern).

The data is what a browser sends without scripts. The tests of each form check that typed text is kept.
"""

import re

import pytest

from core.services.site_settings import save_settings
from events.services.planning import propose_event
from tests.decisions.factories import make_poll, make_proposal
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, make_post, put_comment, switch_on
from tests.memorials.people import a_memorial

pytestmark = pytest.mark.django_db


def named_and_shown(page) -> tuple[set[str], set[str], bool]:
    """Return the ids that fields refer to, those of the displayed errors, and whether the title has "Error:"."""
    html = page.content.decode()
    named = {one for ids in re.findall(r'aria-describedby="([^"]*)"', html) for one in ids.split()}
    shown = set(re.findall(r'<ul class="errorlist[^"]*" id="([^"]+)"', html))
    return named, shown, "<title>Error: " in html


def test_errors_of_several_inputs_in_the_admin_are_tied_to_their_group(signed_in):
    page = signed_in(make_host("nora")).post("/admin/api/webhook/add/", {}).content.decode()
    groups = re.findall(r'role="group" aria-label="([^"]+)" aria-describedby="([^"]+)"', page)
    assert groups == [("What to send", "id_events_error")]
    assert '<ul class="errorlist" id="id_events_error">' in page


def test_errors_are_tied_to_their_fields(client, signed_in):
    switch_on("decisions", "events", "giving", "memorials", "birthdays")
    save_settings({"embed_origins": "https://blog.example"}, by=None)
    host, memorial = make_host("nora"), a_memorial()
    post, browser = make_post(host), signed_in(host)
    waiting, frame = put_comment(post), f"/embed/{post.slug}/"
    poll = make_poll(post=post, by=host).get_absolute_url()
    proposal = make_proposal(post=post, by=host).get_absolute_url()
    event = propose_event(a_plan(), by=host).post.get_absolute_url()
    page = memorial.post.get_absolute_url()
    keeper, member = signed_in(memorial.keeper), signed_in(make_member())
    forms = {
        "/decisions/new/poll/": (browser, {}, {"post", "title", "options", "method"}),
        "/decisions/new/proposal/": (browser, {}, {"post", "title", "stage"}),
        f"{poll}vote/": (browser, {}, {"option"}),
        f"{poll}invite/": (browser, {}, {"people"}),
        f"{proposal}position/": (browser, {}, {"stance", "body"}),
        "/events/new/": (browser, {}, {"title", "place", "starts", "ends", "zone"}),
        f"{event}guest/": (client, {}, {"occurrence", "says", "name", "email"}),
        "/giving/pledge/": (member, {"amount": "-1"}, {"amount"}),
        "/memorials/new/": (browser, {}, {"member", "keeper", "visibility", "is_certain"}),
        "/members/me/custodian/": (member, {"custodian": "no body"}, {"custodian"}),
        f"{page}edit/": (keeper, {}, {"title", "visibility"}),
        f"{page}pictures/": (keeper, {}, {"file", "alt"}),
        f"{page}recording/": (keeper, {}, {"recording-file"}),
        f"{page}tell/": (client, {}, {"words"}),
        "/comments/guests/": (client, {}, {"email"}),
        frame: (client, {}, {"new_body", "new_name", "new_email"}),
        f"/admin/waiting/{waiting.pk}/reply/": (browser, {}, {"new_body"}),
    }
    found = {path: named_and_shown(who.post(path, data)) for path, (who, data, _fields) in forms.items()}
    assert {path: shown for path, (_named, shown, _title) in found.items()} == {
        path: {f"id_{field}_error" for field in fields} for path, (_who, _data, fields) in forms.items()
    }
    assert {path: shown - named for path, (named, shown, _title) in found.items()} == {
        path: set() for path in forms
    }
    assert [path for path, (_named, _shown, is_in_title) in found.items() if not is_in_title] == []
