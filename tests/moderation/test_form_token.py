"""The form token and the honeypot field, from the page to the moderation queue."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment
from comments.models.submission import Submission
from comments.services.writing import edit_comment
from moderation.models import Assessment
from moderation.spamfilter import form_token
from tests.factories import make_comment, make_member, put_comment

NOW = timezone.now()


def form_of(client: Client, post) -> dict[str, str]:
    """Return what a browser would send: the hidden fields of the form on the page."""
    page = client.get(post.get_absolute_url()).content.decode()
    form = re.search(r'<form class="reply comment-form".*?</form>', page, re.DOTALL)[0]
    return dict(re.findall(r'<input (?:type="hidden" )?name="([a-z_]+)" value="([^"]*)"', form))


def send(client: Client, post, **fields: str):
    return client.post(f"/posts/{post.slug}/comments/", fields, follow=True)


def reasons(comment: Comment) -> list[str]:
    return [reason["code"] for reason in comment.assessment.reasons]


@pytest.fixture
def newcomer(db):
    return make_member(date_joined=timezone.now())


def test_the_form_carries_a_seal_and_a_field_that_people_and_screen_readers_do_not_meet(
    post, newcomer, signed_in
):
    client = signed_in(newcomer)
    fields = form_of(client, post)
    assert fields[form_token.HONEYPOT_FIELD] == ""
    assert form_token.read_seal(Submission(fields=fields)).fault == ""
    page = client.get(post.get_absolute_url()).content.decode()
    wrapper = page[: page.index(f'name="{form_token.HONEYPOT_FIELD}"')].rpartition("<div")[2]
    assert 'aria-hidden="true"' in wrapper
    assert 'tabindex="-1"' in page[page.index(form_token.HONEYPOT_FIELD) :][:60]


def test_a_person_who_takes_their_time_is_public_at_once(post, newcomer, signed_in):
    client = signed_in(newcomer)
    with time_machine.travel(NOW, tick=False) as clock:
        fields = form_of(client, post)
        clock.shift(40)
        send(client, post, **fields | {"body": "My aunt kept bees on the roof."})
    comment = Comment.objects.get()
    assert (comment.status, reasons(comment)) == ("public", [])


def test_the_filled_field_makes_it_wait_and_the_author_reads_why_with_every_word_kept(
    post, newcomer, signed_in
):
    client = signed_in(newcomer)
    answer = send(
        client,
        post,
        **form_of(client, post)
        | {"body": "My aunt kept bees.", form_token.HONEYPOT_FIELD: "https://lamps.example"},
    )
    comment = Comment.objects.get()
    assert (comment.status, comment.body) == ("held", "My aunt kept bees.")
    assertContains(answer, "Your comment is awaiting review.")
    assertContains(answer, "A hidden form field was filled in.")
    assertContains(answer, "My aunt kept bees.")
    assertContains(answer, 'data-status="held"')
    assertNotContains(Client().get(post.get_absolute_url()), "My aunt kept bees.")


@pytest.mark.parametrize(("seconds", "code"), [(1, "too_quick"), (90_000, "form_old")])
def test_too_quick_and_too_old_are_noted_but_nothing_is_lost(post, newcomer, signed_in, seconds, code):
    client = signed_in(newcomer)
    with time_machine.travel(NOW, tick=False) as clock:
        fields = form_of(client, post)
        clock.shift(seconds)
        send(client, post, **fields | {"body": "My aunt kept bees on the roof."})
    comment = Comment.objects.get()
    assert (comment.status, reasons(comment)) == ("public", [code])


@pytest.mark.parametrize(
    ("seal", "code"),
    [
        (None, "form_missing"),
        ("", "form_missing"),
        ("empty:1abc:xyz", "form_forged"),
        ("\x00" * 9, "form_forged"),
    ],
)
def test_a_missing_or_forged_seal_is_noted_but_nothing_is_lost(post, newcomer, signed_in, seal, code):
    send(
        signed_in(newcomer),
        post,
        body="My aunt kept bees on the roof.",
        **({} if seal is None else {"seal": seal}),
    )
    comment = Comment.objects.get()
    assert (comment.status, reasons(comment)) == ("public", [code])


def test_several_weak_signals_together_hold_it(post, newcomer, signed_in):
    client = signed_in(newcomer)
    with time_machine.travel(NOW, tick=False):
        answer = send(
            client,
            post,
            **form_of(client, post)
            | {"body": "My shop has handbags with a 20% discount, order today.", "anyway": "1"},
        )
    assert Comment.objects.get().status == "held"
    assertContains(answer, "It was sent within seconds of opening the form.")


def test_a_form_that_came_back_with_an_error_keeps_its_seal_and_may_be_sent_again_at_once(
    post, newcomer, signed_in
):
    client = signed_in(newcomer)
    with time_machine.travel(NOW, tick=False) as clock:
        fields = form_of(client, post)
        clock.shift(30)
        refused = client.post(f"/posts/{post.slug}/comments/", fields | {"body": " "})
        assertContains(refused, f'name="seal" value="{fields["seal"]}"', status_code=422)


def test_text_saved_during_sign_in_may_be_sent_at_once(post, newcomer):
    client = Client()
    client.post(f"/posts/{post.slug}/comments/", {"body": "My aunt kept bees on the roof."})
    client.force_login(newcomer)
    send(client, post, **form_of(client, post) | {"body": "My aunt kept bees on the roof."})
    comment = Comment.objects.get()
    assert (comment.status, reasons(comment)) == ("public", [])


def test_certain_spam_is_blocked_and_its_author_sees_the_whole_text(post, newcomer, moderator, signed_in):
    client = signed_in(newcomer)
    body = "{Buy|Order} generic pills without prescription, {fast|quick} delivery: https://pills-depot24.top"
    answer = send(client, post, **form_of(client, post) | {"body": body})
    comment = Comment.objects.get()
    assert (comment.status, comment.was_blocked, comment.assessment.outcome) == ("held", True, "reject")
    assertContains(answer, "Our spam filter blocked this.")
    assertContains(answer, "{Buy|Order} generic pills without prescription")
    assertContains(client.get(f"/comments/{comment.pk}/edit/"), "{Buy|Order}")
    assertNotContains(Client().get(post.get_absolute_url()), "generic pills")
    # A moderator can still approve it.
    signed_in(moderator).post("/moderation/decide/", {"comments": comment.pk, "action": "approve"})
    comment.refresh_from_db()
    assert (comment.status, comment.was_blocked) == ("public", False)


def test_its_author_may_change_it_and_it_is_looked_at_again(post, newcomer, signed_in):
    client = signed_in(newcomer)
    comment = make_comment(
        post=post,
        author=newcomer,
        body="{Buy|Order} generic pills, {fast|quick} delivery: https://pills-depot24.top",
    )
    assert comment.was_blocked
    client.post(
        f"/comments/{comment.pk}/edit/",
        {"body": "Buy generic pills without prescription, fast delivery: https://pills-depot24.top"},
    )
    comment = Comment.objects.get()
    assert (comment.status, comment.was_blocked, comment.assessment.outcome) == ("held", False, "hold")
    assertNotContains(client.get(post.get_absolute_url()), "turned away")
    client.post(
        f"/comments/{comment.pk}/edit/", {"body": "My aunt kept bees on the roof, and nobody was ever stung."}
    )
    comment = Comment.objects.get()
    assert (
        comment.status,
        [reason["code"] for reason in comment.hold_reasons],
        comment.assessment.outcome,
    ) == ("held", ["changed"], "publish")
    assertContains(client.get(post.get_absolute_url()), "The author edited it; a moderator will review it.")


def test_what_was_public_and_is_held_keeps_its_reasons_when_it_is_changed(post, newcomer):
    comment = make_comment(post=post, author=newcomer, body="You are all wrong.")
    Comment.objects.filter(pk=comment.pk).update(
        status="held", hold_reasons=[{"code": "author_spam", "decision": 7}]
    )
    edit_comment(comment, body="You are all wrong, and I say so.", by=newcomer)
    assert Comment.objects.get().hold_reasons == [{"code": "author_spam", "decision": 7}]


def test_members_who_are_known_and_the_staff_are_not_looked_at(post, host, moderator, signed_in):
    for person in (host, moderator):
        send(
            signed_in(person),
            post,
            body="Buy generic pills without prescription: https://pills-depot24.top",
            place_at_table="x",
        )
    assert list(Comment.objects.values_list("status", flat=True)) == ["public", "public"]
    assert not Assessment.objects.exists()


def from_address(client: Client, address: str) -> Client:
    client.defaults["REMOTE_ADDR"] = address
    return client


@pytest.mark.parametrize(
    ("address", "is_remembered"), [("8.8.4.4", True), ("2001:4860::8844", True), ("::ffff:8.8.4.4", True), ("127.0.0.1", False), ("10.1.2.3", False), ("nonsense", False), ("", False)]
)  # fmt: skip
def test_only_blocks_of_the_open_net_are_remembered_and_only_as_a_hash(address, is_remembered):
    network = form_token.network_of(address)
    assert bool(network) == is_remembered
    assert address == "" or address not in network


def test_neighbours_share_a_block_and_strangers_do_not():
    assert (
        form_token.network_of("8.8.4.4")
        == form_token.network_of("8.8.4.200")
        != form_token.network_of("8.8.5.4")
    )
    assert (
        form_token.network_of("2001:4860:0:1::1")
        == form_token.network_of("2001:4860:0:f::9")
        != form_token.network_of("2001:4860:1::1")
    )


def test_a_burst_of_newcomers_from_one_block_is_seen(post, signed_in):
    for number in range(5):
        person = make_member(date_joined=timezone.now())
        send(
            from_address(signed_in(person), f"8.8.4.{number}"),
            post,
            body=f"Thought number {number} of mine, quite its own.",
        )
    last = Comment.objects.order_by("pk").last()
    assert "burst_network" in reasons(last)


def test_one_network_may_post_a_limited_number_and_then_waits_with_the_text_kept(post, settings, signed_in):
    settings.NETWORK_RATES = [(2, 600)]
    for number in range(3):
        person = make_member(date_joined=timezone.now())
        client = from_address(signed_in(person), "8.8.4.4")
        answer = client.post(f"/posts/{post.slug}/comments/", {"body": f"Thought {number}."})
    assert (answer.status_code, Comment.objects.count()) == (429, 2)
    assert int(answer["Retry-After"]) > 0
    assertContains(answer, "Thought 2.", status_code=429)


@pytest.mark.parametrize(("is_known", "answer"), [(False, 429), (True, 200)])
def test_a_new_account_may_post_a_limited_number_a_day(is_known, answer, post, settings, signed_in):
    settings.COMMENT_RATES = settings.COMMENT_RATES | {"newcomer": [(2, 86_400)]}
    member = make_member(known_since=NOW if is_known else None)
    for hours in (20, 5):
        put_comment(post=post, author=member, created_at=timezone.now() - timedelta(hours=hours))
    page = send(signed_in(member), post, body="A third comment within a day.")
    assert page.status_code == answer
    assert "A third comment within a day." in page.content.decode()
    is_said = "You’ve posted a lot today. Try again in 4 hours. Your text is saved." in page.content.decode()
    assert is_said is not is_known


def test_the_same_text_by_several_newcomers_is_held(post):
    body = "We have opened a new place for lamps in the old harbour and everybody who comes before Sunday drinks for free."
    made = [
        make_comment(post=post, author=make_member(date_joined=timezone.now()), body=f"{body} {end}")
        for end in ("Come.", "Do.", "Please.")
    ]
    assert [comment.status for comment in made] == ["public", "public", "held"]


def test_an_edit_that_swaps_the_address_is_looked_at_again(post):
    author = make_member(date_joined=timezone.now() - timedelta(days=3))
    make_comment(post=post, author=author)
    comment = make_comment(
        post=post,
        author=author,
        body="I read this with joy: https://en.wikipedia.org/wiki/Bee and so should you all",
    )
    Comment.objects.filter(pk=comment.pk).update(status="public")
    comment.refresh_from_db()
    edit_comment(
        comment, body="Online casino bonus, register now, free spins: https://lucky-spins7.bet", by=author
    )
    comment.refresh_from_db()
    assert comment.status == "held"
