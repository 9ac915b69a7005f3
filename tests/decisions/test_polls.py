"""Polls: who may open them, who may vote, what counts, and the text of each page."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.export import all_parts
from comments.models import Comment
from comments.services.writing import delete_comment, publish_comment
from decisions.models import Choice, Decision, DecisionSettings, Voter
from decisions.services import voting
from decisions.services.settling import close
from decisions.services.voting import VoteEffect, cast_vote, results_of
from moderation.services.members import suspend
from tests.decisions.factories import make_poll
from tests.factories import make_comment, make_member, make_post, switch_on
from tests.figures import figure

pytestmark = pytest.mark.django_db

NEW = "/decisions/new/poll/"


@pytest.fixture(autouse=True)
def switched_on(db):
    switch_on("decisions")


def sums(decision: Decision) -> dict[str, int]:
    return {line.option.text: line.points for line in results_of(decision).lines}


def option(decision: Decision, text: str):
    return decision.options.get(text=text)


def vote(decision: Decision, member, *texts: str) -> VoteEffect:
    return cast_vote(decision, member, [option(decision, text) for text in texts])


def form_of(client, **fields: str) -> dict[str, str]:
    """Return the form's data from the page, with these fields filled in."""
    form = client.get(NEW).context["form"]
    values = {name: form[name].value() or "" for name in form.fields if name != "shows_early"}
    return {
        **values, "title": "Which day?", "options": "Monday\n\n Tuesday \nFriday", "method": "single", **fields
    }  # fmt: skip


def test_a_host_opens_a_poll_and_it_is_a_comment_that_leads_to_it(client, signed_in, host):
    make_post(host, slug="open", title="Open")
    nora = signed_in(host)
    sent = form_of(nora, post="open", body="We meet once a month.", pin="1")
    said = nora.post(NEW, sent)
    decision = Decision.objects.get()
    assertRedirects(said, decision.get_absolute_url(), fetch_redirect_response=False)
    assert [one.text for one in decision.options.all()] == ["Monday", "Tuesday", "Friday"]
    assert decision.comment.body == (
        "**Which day?**\n\nWe meet once a month.\n\n- Monday\n- Tuesday\n- Friday\n\n"
        f"[Vote and see the results](http://testserver{decision.get_absolute_url()})"
    )
    assert decision.comment.pinned_at is not None
    assertContains(client.get("/posts/open/"), decision.get_absolute_url())
    assertContains(client.get("/decisions/"), "Which day?")
    page = client.get(decision.get_absolute_url())
    assertContains(page, "<p>We meet once a month.</p>")
    assertContains(page, "Sign in to vote")
    # A double click on the button.
    assertRedirects(nora.post(NEW, sent), decision.get_absolute_url(), fetch_redirect_response=False)
    assert Decision.objects.count() == 1
    # Back in the browser, another question in the same form.
    nora.post(NEW, sent | {"title": "Which hour?", "options": "Six\nSeven"})
    assert [*Decision.objects.order_by("pk").values_list("title", flat=True)] == ["Which day?", "Which hour?"]


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"options": "Monday"}, "options", "Enter at least two options, each on its own line."),
        (
            {"options": "\n".join(f"Day {number}" for number in range(10_000))},
            "options",
            "You entered 10000 options; a poll can have at most 20. Remove some, or split them between two polls.",
        ),
        ({"options": "Friday\nMonday\nMONDAY"}, "options", "“MONDAY” is listed twice."),
        (
            {"options": f"Monday\n{'x' * 201}"},
            "options",
            f"“{'x' * 40}…” is too long: an option has at most 200 characters.",
        ),
        ({"method": "several", "most": "4"}, "most", "There aren’t that many options."),
        (
            {"is_secret": "1", "shows_early": "on"},
            "shows_early",
            "The results of a secret vote are shown once the poll is closed. Untick this.",
        ),
        ({"closes_at": "2020-01-01T10:00"}, "closes_at", "Choose a time in the future."),
        ({"closes_at": "9999-12-31T23:59"}, "closes_at", "Choose a day in the next 3 years."),
        ({"closes_at": "tomorrow"}, "closes_at", "Enter a date and a time."),
        ({"opens_at": "0001-01-01T00:00", "method": "all"}, "method", None),
        ({"post": "nowhere"}, "post", "Choose a post."),
        ({"post": "a\x00b"}, "post", None),
        ({"title": " "}, "title", "This field is required."),
        ({"body": "x" * 6000}, "body", None),
        ({"key": "../../"}, "key", None),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_kept(signed_in, host, fields, field, why):
    make_post(host, slug="open")
    nora = signed_in(host)
    said = nora.post(NEW, form_of(nora, **{"post": "open", **fields}))
    form = said.context["form"]
    assert (said.status_code, field in form.errors) == (422, True)
    if why:
        assert form.errors[field] == [why]
    assert form["options"].value() == fields.get("options", "Monday\n\n Tuesday \nFriday")
    assert why is None or escape(why) in said.content.decode().partition("<form")[2]
    assert not Decision.objects.exists()


def test_a_poll_opens_now_when_its_time_has_passed(signed_in, host):
    """Also the year 1 in Berlin, which UTC cannot represent."""
    make_post(host, slug="open")
    type(host).objects.update(time_zone="Europe/Berlin")
    nora = signed_in(host)
    nora.post(NEW, form_of(nora, post="open", opens_at="0001-01-01T00:00"))
    assert timezone.now() - Decision.objects.get().opens_at < timedelta(minutes=1)


def test_one_that_opens_later_is_not_called_open(signed_in, host):
    make_post(host, slug="open")
    nora = signed_in(host)
    now, later = (
        nora.post(NEW, form_of(nora, post="open", title=title, opens_at=opens_at), follow=True)
        for title, opens_at in [
            ("Now?", ""),
            ("Later?", f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"),
        ]
    )
    assert [str(said) for page in (now, later) for said in page.context["messages"]] == [
        "It’s open.",
        "Saved.",
    ]


def test_options_are_read_in_the_comment_as_they_were_typed():
    """Not as separate lists, and not with half of a URL as a link."""
    typed = ["3. October", "- none", "+ one", "1) first", "+1", "https://example.org/a_b", "_so_ or *so*"]
    lines = re.findall(r"<li>(.*?)</li>", make_poll(*typed).comment.html, re.DOTALL)
    assert [re.sub(r"<[^>]*>", "", line) for line in lines] == [
        *typed[:5], "example.org/a_b", "_so_ or *so*"
    ]  # fmt: skip


def test_a_member_who_posted_the_text_of_a_poll_before_can_open_it(signed_in, host):
    post, nora = make_post(host, slug="open"), signed_in(host)
    sent = form_of(nora, post="open")
    body = (
        "**Which day?**\n\n- Monday\n- Tuesday\n- Friday\n\n"
        f"[Vote and see the results](http://testserver/decisions/{sent['key']}/)"
    )
    comment = publish_comment(post=post, author=host, body=body)
    nora.post(NEW, sent)
    decision = Decision.objects.get()
    assert (decision.comment, decision.options.count()) == (comment, 3)


def test_members_open_polls_where_the_host_allows_it(signed_in, member, host):
    make_post(host, slug="open")
    alice = signed_in(member)
    assert alice.get(NEW).status_code == 403
    assertNotContains(alice.get("/decisions/"), "New poll")
    assert signed_in(host).get("/admin/decisions/decisionsettings/", follow=True).status_code == 200
    signed_in(host).post("/admin/decisions/decisionsettings/add/", {"members_ask": "on"})
    assert DecisionSettings.current().members_ask
    assertContains(alice.get("/decisions/"), "New poll")
    alice.post(NEW, form_of(alice, post="open", pin="1"))
    decision = Decision.objects.get()
    assert (decision.comment.author, decision.comment.pinned_at) == (member, None)


def test_a_vote_can_be_changed_and_counts_once(signed_in, member):
    decision = make_poll(shows_early=True)
    alice, path = signed_in(member), decision.get_absolute_url()
    alice.post(f"{path}vote/", {"option": option(decision, "Monday").pk})
    assert sums(decision) == {"Monday": 1, "Tuesday": 0, "Friday": 0}
    page = alice.get(path)
    assertContains(page, "1 vote (100%)")
    assertContains(page, f'value="{option(decision, "Monday").pk}" id="id_option_0" required checked')
    said = alice.post(f"{path}vote/", {"option": option(decision, "Friday").pk}, follow=True)
    assertContains(said, "Your vote was changed.")
    said = alice.post(f"{path}vote/", {"option": option(decision, "Friday").pk}, follow=True)
    assertContains(said, "You’ve already voted for this. Nothing was changed.")
    assert sums(decision) == {"Monday": 0, "Tuesday": 0, "Friday": 1}
    assert (Voter.objects.count(), Choice.objects.count()) == (1, 1)


@pytest.mark.parametrize("method", ["single", "several", "ranked"])
def test_the_same_vote_again_is_not_called_changed(member, method):
    decision = make_poll(method=method)
    chosen = ("Friday", "Monday")[: 1 if method == "single" else 2]
    assert [vote(decision, member, *chosen) for _again in range(2)] == [VoteEffect.COUNTED, VoteEffect.SAME]
    other = vote(decision, member, *chosen[::-1]) if chosen[1:] else vote(decision, member, "Tuesday")
    assert other == (VoteEffect.SAME if method == "several" else VoteEffect.CHANGED)


@pytest.mark.sql
def test_the_database_takes_one_vote_of_each(member):
    decision = make_poll()
    vote(decision, member, "Monday")
    with pytest.raises(IntegrityError), transaction.atomic():
        Voter.objects.create(decision=decision, member=member)
    voter = Voter.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Choice.objects.create(voter=voter, option=option(decision, "Friday"), is_only=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Choice.objects.create(voter=voter, option=option(decision, "Monday"))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Choose an option."),
        ({"option": "999999"}, "Choose one of these options."),
        ({"option": "monday"}, "Choose one of these options."),
    ],
)
def test_no_option_or_none_of_these_is_said_at_the_field(signed_in, member, fields, why):
    decision = make_poll()
    said = signed_in(member).post(f"{decision.get_absolute_url()}vote/", fields)
    assert (said.status_code, said.context["vote_form"].errors["option"]) == (422, [why])
    assertContains(said, why, status_code=422)


def test_too_many_options_are_refused_and_stay_ticked(signed_in, member):
    decision = make_poll(method="several", most=2)
    chosen = [str(one.pk) for one in decision.options.all()]
    said = signed_in(member).post(f"{decision.get_absolute_url()}vote/", {"option": chosen})
    form = said.context["vote_form"]
    assert (said.status_code, form.errors["option"]) == (422, ["Choose at most 2 options."])
    assert form["option"].value() == chosen
    signed_in(member).post(f"{decision.get_absolute_url()}vote/", {"option": chosen[:2]})
    assert sums(decision) == {"Monday": 1, "Tuesday": 1, "Friday": 0}


def test_an_option_that_is_sent_twice_is_chosen_once(signed_in, member):
    decision = make_poll(method="several", most=1)
    monday = str(option(decision, "Monday").pk)
    said = signed_in(member).post(f"{decision.get_absolute_url()}vote/", {"option": [monday, monday]})
    assert (said.status_code, sums(decision)) == (302, {"Monday": 1, "Tuesday": 0, "Friday": 0})


def test_each_option_has_its_names_and_says_how_many_more_there_are(monkeypatch, client):
    monkeypatch.setattr(voting, "NAMES", 2)
    decision = make_poll(shows_early=True)
    for name, text in zip("edcbaz", ["Monday"] * 5 + ["Friday"], strict=True):
        vote(decision, make_member(f"name-{name}"), text)
    lines = results_of(decision).lines
    assert [(line.names, line.further) for line in lines] == [
        (["name-a", "name-b"], 3), ([], 0), (["name-z"], 0)
    ]  # fmt: skip
    assertContains(client.get(decision.get_absolute_url()), "name-a, name-b</bdi> and 3 more")


def test_ranked_options_get_borda_points_and_ties_are_stated(client, signed_in, member):
    decision = make_poll(method="ranked")
    vote(decision, member, "Monday", "Tuesday", "Friday")
    vote(decision, make_member(), "Tuesday", "Monday")
    assert sums(decision) == {"Monday": 5, "Tuesday": 5, "Friday": 1}
    close(decision, by=decision.comment.author)
    page = client.get(decision.get_absolute_url())
    assertContains(page, "A tie between:")
    assert [line.option.text for line in page.context["results"].best] == ["Monday", "Tuesday"]
    assertContains(page, "5 points", count=2)


def test_a_place_given_twice_or_none_at_all_is_said(signed_in, member):
    decision = make_poll(method="ranked")
    alice, path = signed_in(member), f"{decision.get_absolute_url()}vote/"
    one, other, _third = (f"place_{row.pk}" for row in decision.options.all())
    said = alice.post(path, {one: "2", other: "2"})
    errors = said.context["vote_form"].errors
    assert errors == {one: ["You gave place 2 twice."], other: ["You gave place 2 twice."]}
    assert alice.post(path, {}).context["vote_form"].errors == {"__all__": ["Rank at least one option."]}
    assert alice.post(path, {one: "4"}).status_code == 422
    alice.post(path, {one: "2", other: "1"})
    assert sums(decision) == {"Monday": 2, "Tuesday": 3, "Friday": 0}


def test_results_wait_for_the_closing_unless_the_poll_shows_them(client, member):
    waits, shows = make_poll(), make_poll(title="Another", shows_early=True)
    for decision in (waits, shows):
        vote(decision, member, "Monday")
    assertContains(client.get(waits.get_absolute_url()), "They are shown once the poll is closed.")
    assertNotContains(client.get(waits.get_absolute_url()), "alice")
    assertContains(client.get(shows.get_absolute_url()), "alice")
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        page = client.get(waits.get_absolute_url())
        assertContains(page, "1 vote (100%)")
        assertContains(page, "The most votes:")


def test_before_it_opens_and_after_it_closed_a_vote_is_refused(signed_in, member):
    now = timezone.now()
    decision = make_poll(opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2))
    path, data = f"{decision.get_absolute_url()}vote/", {"option": option(decision, "Monday").pk}
    assertContains(signed_in(member).post(path, data), "This poll isn’t open yet.", status_code=422)
    with time_machine.travel(now + timedelta(days=3)):
        said = signed_in(member).post(path, data)
        assert said.status_code == 422
        assert said.context["vote_form"].non_field_errors() == [
            "This poll is closed: votes aren’t counted any more."
        ]
        assertContains(said, "This poll is closed: votes aren’t counted any more.", status_code=422)
    assert not Voter.objects.exists()


def test_who_may_not_write_does_not_vote(signed_in, member, moderator):
    decision = make_poll()
    suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=3), words="Calm down first.")
    page = signed_in(member).get(decision.get_absolute_url())
    assertContains(page, "You can read, but you can’t post until")
    with pytest.raises(ValidationError):
        vote(decision, member, "Monday")


def test_a_poll_is_where_its_comment_is(client, signed_in, member, host):
    decision = make_poll(post=make_post(host, visibility="members"))
    path = decision.get_absolute_url()
    assert (client.get(path).status_code, signed_in(member).get(path).status_code) == (404, 200)
    assertNotContains(client.get("/decisions/"), decision.title)
    delete_comment(decision.comment, by=decision.comment.author)
    assert signed_in(member).get(path).status_code == 404
    assertNotContains(signed_in(member).get("/decisions/"), decision.title)


def test_the_form_lists_no_unlisted_post_unless_its_address_is_given(signed_in, host):
    make_post(host, slug="linked", title="Known to few", visibility="unlisted")
    client = signed_in(host)
    assertNotContains(client.get(NEW), "Known to few")
    assertContains(client.get(f"{NEW}?post=linked"), "Known to few")


def test_while_the_part_is_off_nothing_of_it_is_there(client, host):
    decision = make_poll()
    switch_on()
    for path in ("/decisions/", decision.get_absolute_url(), NEW):
        assertContains(client.get(path), "This part of the site is switched off.", status_code=404)
    assertNotContains(client.get("/nowhere/"), "This part of the site is switched off.", status_code=404)


def test_the_page_costs_the_same_however_many_voted(client):
    decision = make_poll(shows_early=True)
    counts = []
    for _round in range(2):
        for _voter in range(2):
            vote(decision, make_member(), "Monday")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(decision.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_post_without_a_poll_pays_nothing_for_polls(client, host):
    """The same statements and bytes, whether the part is on or off."""
    post = make_post(host)
    make_comment(post, body="Hello.")
    seen = []
    for parts in ((), ("decisions",)):
        switch_on(*parts)
        client.get(post.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            page = client.get(post.get_absolute_url())
        seen.append((len(queries), page.content.count(b"decisions")))
    # Its only trace is the link in the navigation, which every page has.
    assert seen[1][0] == seen[0][0]
    assert (seen[0][1], seen[1][1]) == (0, page.content.count(b'href="/decisions/"'))


def test_the_export_says_what_a_member_voted_and_an_erased_vote_has_no_name(client, member):
    decision = make_poll(shows_early=True)
    vote(decision, member, "Monday")
    [part] = [part for part in all_parts() if part.key == "votes"]
    assert list(part.rows(member)) == [{"title": "Which day suits you?", "chosen": ["Monday"]}]
    Voter.objects.filter(member=member).update(member=None)
    assertContains(client.get(decision.get_absolute_url()), "a former member")


@settings(max_examples=figure(10, 30), deadline=None)
@given(
    votes=st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)),
        max_size=12,
    )
)
def test_however_often_votes_are_changed_the_last_of_each_counts(votes):
    with transaction.atomic():
        decision, people = make_poll(method="several"), [make_member() for _ in range(4)]
        options, last = list(decision.options.all()), {}
        for who, chosen in votes:
            cast_vote(decision, people[who], [options[number] for number in chosen])
            last[who] = set(chosen)
        expected = {
            one.text: sum(number in chosen for chosen in last.values()) for number, one in enumerate(options)
        }
        assert (sums(decision), results_of(decision).voters) == (expected, len(last))
        transaction.set_rollback(True)


def test_comments_stay_as_they_are_when_a_poll_is_gone():
    """The poll is stored beside its comment, which is an ordinary one."""
    decision = make_poll()
    assert Comment.objects.public().filter(pk=decision.comment_id).exists()
