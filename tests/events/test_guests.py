"""People without an account answer an invitation with an emailed code."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.services.deletion import carry_out, request_deletion
from comments.services.guest_data import erase_guest
from core.services.site_settings import save_settings
from core.utils.text import one_line
from events.models import Answer, GuestRequest, Occurrence
from events.services.answers import give_answer, withdraw
from events.services.guests import FORGOTTEN_AFTER, confirm, forget_guests
from events.services.planning import change_event, decide_event, propose_event
from events.services.reminders import remind, will_be_reminded
from events.services.wording import when_there
from notifications.models import EmailSuppression, Reason
from notifications.models.types import WORDS
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, switch_on
from tests.notifications.people import work

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_july():
    with time_machine.travel(NOON, tick=False):
        switch_on("events")
        yield


@pytest.fixture
def event():
    return propose_event(a_plan(places=1), by=make_host())


def page_of(event) -> str:
    return event.post.get_absolute_url()


def typed(event, **fields) -> dict:
    filled = {
        "occurrence": event.occurrences.first().pk,
        "says": "yes",
        "name": "Gus",
        "email": "gus@example.org",
    }
    return filled | fields


def ask(event, client=None, **fields):
    return (client or Client()).post(f"{page_of(event)}guest/", typed(event, **fields))


def sent_to(email: str) -> list:
    work()
    return [one for one in mail.outbox if one.to == [email]]


def code_in(letter) -> str:
    return re.search(r"^(\d{6})$", letter.body, re.MULTILINE)[1]


def come(event, **fields):
    """Answer as a guest, code included; return the resulting page."""
    email = fields.get("email", "gus@example.org")
    client = Client()
    code_page = ask(event, client, **fields)["Location"]
    return client.post(code_page, {"code": code_in(sent_to(email)[-1])}, follow=True)


def answers(event) -> list[tuple[str, str, bool]]:
    rows = Answer.objects.filter(occurrence__event=event).select_related("member").order_by("pk")
    return [
        (one.member.username if one.member else one.guest_email, one.says, one.is_waiting) for one in rows
    ]


def test_a_guest_is_counted_in_the_limit_and_on_the_waiting_list(client, event, signed_in, host):
    assertContains(client.get(page_of(event)), f"{page_of(event)}guest/?time={event.occurrences.get().pk}")
    assertContains(come(event), "You’re coming.")
    assertContains(come(event, email="ida@example.org", name="Ida"), "You’re on the waiting list")
    assert answers(event) == [("gus@example.org", "yes", False), ("ida@example.org", "yes", True)]
    visitor, hosts = client.get(page_of(event)), signed_in(host).get(page_of(event))
    assertContains(visitor, "1 person is coming")
    assertNotContains(visitor, "Gus")
    assertNotContains(signed_in(make_member()).get(page_of(event)), "Gus")
    assertContains(hosts, "Gus")
    assertNotContains(hosts, "gus@example.org")


def test_each_address_answers_once_and_may_change_its_mind(event):
    come(event)
    come(event, says="maybe", email="GUS@example.org".lower())
    assert answers(event) == [("gus@example.org", "maybe", False)]
    assert Occurrence.objects.get().taken == 0


def test_who_answers_again_under_another_name_has_that(event, signed_in, host):
    come(event, name="Guss")
    come(event, name="Gus")
    assertContains(signed_in(host).get(page_of(event)), "<bdi>Gus</bdi>", html=True)
    assert Answer.objects.get().guest_name == "Gus"


def test_without_the_code_nobody_comes_and_a_wrong_one_is_said_at_the_field(client, event):
    code_page = ask(event, client)["Location"]
    assert answers(event) == []
    wrong = "000000" if code_in(sent_to("gus@example.org")[0]) != "000000" else "111111"
    answer = client.post(code_page, {"code": wrong})
    assertContains(answer, "That code isn’t right. 2 tries left.", status_code=422)
    assertContains(client.post(code_page, {"code": ""}), "six digits", status_code=422)
    assert answers(event) == []


def test_the_link_in_the_email_asks_and_then_notes_the_answer_once(event):
    ask(event)
    link = re.search(r"http://testserver(/events/guests/\S+)", sent_to("gus@example.org")[0].body)[1]
    elsewhere = Client()
    assertContains(elsewhere.get(link), "Confirm your response")
    assert answers(event) == []
    assertContains(elsewhere.post(link, follow=True), "You’re coming.")
    assertContains(elsewhere.post(link, follow=True), "We’ve already noted your response.")
    assert answers(event) == [("gus@example.org", "yes", False)]


def test_a_new_code_ends_the_old_link(event):
    client = Client()
    code_page = ask(event, client)["Location"]
    old = re.search(r"http://testserver(/events/guests/\S+)", sent_to("gus@example.org")[0].body)[1]
    assertRedirects(client.post(code_page, {"new": "1"}), code_page)
    assertRedirects(client.post(old), code_page)
    assertContains(
        client.post(code_page, {"code": code_in(sent_to("gus@example.org")[-1])}, follow=True),
        "You’re coming.",
    )


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"email": ""}, "email", "Enter your email address."),
        ({"email": "gus"}, "email", "Enter a valid email address."),
        ({"name": ""}, "name", "Enter your name."),
        ({"says": "perhaps"}, "says", "Select a valid choice"),
        ({"occurrence": "0"}, "occurrence", "Select a valid choice"),
        ({"occurrence": "x" * 40}, "occurrence", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(event, fields, field, said):
    answer = ask(event, **({"name": "Gustav the Guest"} | fields))
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors[field])
    if field != "name":
        assertContains(answer, "Gustav the Guest", status_code=422)
    assert GuestRequest.objects.count() == 0


def test_nothing_tells_whether_an_address_has_an_account(event):
    member = make_member("ada", email="ada@example.org")
    pages = []
    for email in ("ada@example.org", "nobody@example.org"):
        client = Client()
        page = client.get(ask(event, client, email=email)["Location"])
        pages.append(
            re.sub(r"[0-9a-f-]{36}|csrf\S+|value=\S+|nonce\S+", "", page.content.decode()).replace(
                email, "ADDRESS"
            )
        )
    assert pages[0] == pages[1]
    letters = [sent_to(email)[0] for email in ("ada@example.org", "nobody@example.org")]
    assert [one.subject for one in letters] == ["Your code for Gathering"] * 2
    come(event, email="ada@example.org")
    assert answers(event) == [(member.username, "yes", False)]


def test_pressed_twice_the_button_sends_one_email(event):
    client = Client()
    pages = {ask(event, client)["Location"] for _press in range(2)}
    assert (len(pages), len(sent_to("gus@example.org"))) == (1, 1)


def test_nobody_is_flooded_with_codes(event, settings):
    answers_to = [
        ask(event, email="gus@example.org", name=f"Gus {number}").status_code for number in range(8)
    ]
    assert answers_to[0] == 302
    assert answers_to[-1] == 429


def test_who_becomes_a_member_counts_once(event):
    come(event)
    give_answer(event.occurrences.get(), ida := make_member("ida"), "maybe")
    come(event, email="ida@example.net", says="maybe")
    EmailAddress.objects.create(user=ida, email="ida@example.net", verified=True)
    assert answers(event) == [("gus@example.org", "yes", False), ("ida", "maybe", False)]
    make_member("gus")
    assert answers(event) == [("gus", "yes", False), ("ida", "maybe", False)]
    assert (Occurrence.objects.get().taken, Answer.objects.exclude(guest_name="").count()) == (1, 0)


def test_an_address_that_is_not_confirmed_takes_no_answer(event):
    come(event)
    EmailAddress.objects.create(user=make_member("eve"), email="gus@example.org", verified=False)
    assert answers(event) == [("gus@example.org", "yes", False)]


def test_guests_are_mailed_what_becomes_of_the_event_until_they_turn_it_off(event, client):
    come(event)
    come(event, email="ida@example.org", name="Ida")
    withdraw(Answer.objects.get(guest_email="gus@example.org"))
    place = sent_to("ida@example.org")[-1]
    assert "has a place for you: Gathering" in place.subject
    turn_off = re.search(r"http://testserver(/unsubscribe/\S+)", place.body)[1]
    with time_machine.travel(event.starts_at - timedelta(hours=3), tick=False):
        remind()
        assert "begins soon" in sent_to("ida@example.org")[-1].subject
        assert place.extra_headers["List-Unsubscribe"].endswith(f"{turn_off}>")
        count = len(sent_to("ida@example.org"))
        assert client.post(turn_off).status_code == 200
        decide_event(event, "cancelled")
        assert len(sent_to("ida@example.org")) == count


def test_who_turned_it_off_gets_no_emails_about_the_next_event_either(event):
    come(event)
    Answer.objects.update(wants_mail=False)
    other = propose_event(a_plan("Another"), by=event.post.author)
    assertContains(come(other), "You’ve turned off emails about events")
    count = len(sent_to("gus@example.org"))
    decide_event(other, "cancelled")
    assert len(sent_to("gus@example.org")) == count


def test_addresses_that_may_not_be_mailed_are_not(event):
    come(event)
    EmailSuppression.objects.create(email="gus@example.org", cause=EmailSuppression.Cause.COMPLAINT)
    assert not will_be_reminded(Answer.objects.get())
    count = len(sent_to("gus@example.org"))
    decide_event(event, "cancelled")
    assert len(sent_to("gus@example.org")) == count


def test_guests_are_notified_of_a_changed_time(event):
    come(event)
    plan = a_plan(places=1)
    later = plan.schedule.__class__(plan.schedule.starts_at + timedelta(days=1), plan.schedule.ends_at + timedelta(days=1), "Europe/Berlin")  # fmt: skip
    change_event(event, a_plan().__class__(**(vars(plan) | {"schedule": later})), by=event.post.author)
    letter = sent_to("gus@example.org")[-1]
    assert "takes place at another time" in letter.subject
    assert "12 July 2026" in letter.body
    assert letter.extra_headers["List-Unsubscribe"].strip("<>") in letter.body


def test_guests_are_notified_of_a_dropped_time_and_their_link_still_works(client):
    """A guest who answered no other time gets no more emails, so there is nothing to unsubscribe from."""
    event = propose_event(a_plan(rule="FREQ=DAILY;COUNT=3"), by=make_host())
    first, _second, third = event.occurrences.order_by("starts_at")
    come(event, occurrence=first.pk)
    come(event, occurrence=third.pk)
    come(event, occurrence=third.pk, email="ida@example.org", name="Ida")
    change_event(event, a_plan(rule="FREQ=DAILY;COUNT=2"), by=event.post.author, may_drop=True)
    gus, ida = (sent_to(f"{name}@example.org")[-1] for name in ("gus", "ida"))
    for letter in (gus, ida):
        assert "A time of" in letter.subject
        assert when_there(third) in letter.body
        assert "another time" not in letter.body
    assert "unsubscribe" not in ida.body
    assert "List-Unsubscribe" not in ida.extra_headers
    link = gus.extra_headers["List-Unsubscribe"].strip("<>")
    assert link in gus.body
    assert client.post(link).status_code == 200
    assert Answer.objects.get(guest_email="gus@example.org").wants_mail is False


def test_what_is_over_takes_no_answers_and_guests_are_forgotten_after_a_month(event, client):
    come(event)
    client.get(page_of(event))
    with time_machine.travel(event.ends_at + timedelta(minutes=1), tick=False):
        assert ask(event).status_code == 422
        forget_guests()
        assert answers(event) == [("gus@example.org", "yes", False)]
    assert not GuestRequest.objects.exists()
    with time_machine.travel(event.ends_at + FORGOTTEN_AFTER + timedelta(hours=1), tick=False):
        forget_guests()
    assert answers(event) == [("", "yes", False)]
    assert Answer.objects.get().guest_name == ""


def test_who_asks_for_it_is_erased_and_their_place_is_free(event):
    come(event)
    come(event, email="ida@example.org", name="Ida")
    erase_guest.func("gus@example.org", False)
    assert answers(event) == [("ida@example.org", "yes", False)]
    assert not GuestRequest.objects.filter(email="gus@example.org").exists()


def test_who_never_wrote_a_comment_sees_takes_and_erases_what_is_stored_by_proof_of_the_address(
    event, client
):
    come(event)
    come(event, email="ida@example.org", name="Ida")
    ask(event, email="gus@example.org", name="Gus", says="maybe")
    mail.outbox.clear()
    client.post("/comments/guests/", {"email": "GUS@example.org"})
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["gus@example.org"], "Your data at The Long Table")
    link = re.search(r"https?://[^/]+(/comments/guests/\S+)", message.body).group(1)
    page = client.get(link)
    assertContains(page, "Your responses to events")
    assertContains(page, "Your responses to events are deleted. If you have a place, someone else gets it.")
    assertNotContains(page, "Ida")
    assertNotContains(page, "The comments stay")
    rows = json.loads(client.get(f"{link}download/").content)
    assert rows["comments"] == []
    when = "In Berlin: Saturday, 11 July 2026, 2 p.m. to 4 p.m."
    address = f"http://testserver{page_of(event)}"
    assert [(row["title"], row["address"], row["name"], row["says"]) for row in rows["events"]] == [
        (event.post.title, address, "Gus", f"{when}: I’m coming"),
        (event.post.title, address, "Gus", f"{when}: Maybe"),
    ]
    assertContains(client.post(link, {}), "Tick the box to confirm.", status_code=422)
    assert len(answers(event)) == 2
    assertContains(client.post(link, {"is_sure": "on"}), "We’re erasing it now.")
    assert answers(event) == [("ida@example.org", "yes", False)]
    assertContains(client.get(link), "Nothing is stored with gus@example.org.")


def test_a_place_erased_after_the_event_goes_to_nobody(event):
    come(event)
    come(event, email="ida@example.org", name="Ida")
    with time_machine.travel(event.ends_at + timedelta(days=1), tick=False):
        erase_guest.func("gus@example.org", False)
    assert answers(event) == [("ida@example.org", "yes", True)]
    assert Occurrence.objects.get().taken == 0


def test_who_had_it_erased_while_they_confirmed_is_not_stored_again(event):
    ask(event)
    asked = GuestRequest.objects.get()
    erase_guest.func("gus@example.org", False)
    with pytest.raises(ValidationError):
        confirm(asked)
    assert answers(event) == []


def test_members_are_led_to_the_event(event, signed_in, member):
    assertRedirects(signed_in(member).get(f"{page_of(event)}guest/"), page_of(event))


def test_who_leaves_takes_the_answers_of_a_guest_with_them(event):
    come(event)
    assert carry_out(request_deletion(make_member("gus"), "keep"))
    assert answers(event) == []
    assert not GuestRequest.objects.exists()


def test_who_leaves_touches_nothing_of_an_address_that_they_never_confirmed(event):
    come(event)
    stranger = make_member("eve")
    EmailAddress.objects.create(user=stranger, email="gus@example.org", verified=False)
    before = answers(event)
    assert carry_out(request_deletion(stranger, "keep"))
    assert (answers(event), GuestRequest.objects.exists()) == (before, True)


def test_the_database_knows_whose_an_answer_is(event):
    come(event)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.update(member=make_member())


def test_a_guest_is_written_to_in_the_language_of_the_page_on_which_they_answered(event):
    """Also if the link in the email was opened in a browser with another language."""
    save_settings({"languages": ["de", "fr"]}, by=None)
    browser, elsewhere = Client(), Client()
    browser.post("/language/", {"language": "fr"})
    elsewhere.post("/language/", {"language": "de"})
    ask(event, browser)
    [link] = re.findall(r"http://testserver(/events/guests/\S+)", sent_to("gus@example.org")[-1].body)
    elsewhere.post(link)
    come(event, email="una@example.org")
    mail.outbox.clear()
    with translation.override("de"):
        decide_event(event, "cancelled", by=event.post.author)
    work()
    names = {"name": event.post.author.get_display_name(), "title": event.post.title}
    said = {}
    for language in ("fr", "en-gb"):
        with translation.override(language):
            said[language] = one_line(WORDS[Reason.CANCELLED].subject % names)
    assert said["fr"] != said["en-gb"]
    assert {one.to[0]: one.subject for one in mail.outbox} == {
        "gus@example.org": said["fr"],
        "una@example.org": said["en-gb"],
    }
