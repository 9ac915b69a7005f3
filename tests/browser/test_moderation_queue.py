"""Moderating thirty comments by keyboard, with an undo and a spam campaign; by phone and without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from moderation.models import Decision
from moderation.services.decisions import decide
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report
from tests.moderation.test_thresholds import make_history

pytestmark = pytest.mark.django_db(transaction=True)

CAMPAIGN = "Dear friends, number {} here: play at https://lucky.example/{} tonight, the best casino of the week, click here and win big."
TALK = ["quarry", "kettle", "harbour", "orchard", "ladder", "violin", "bakery", "lantern", "meadow", "ferry"]

# A page of the queue has 25.
WAITING = figure(6, 30)


@pytest.fixture
def expected_keys(site):
    """WAITING comments: every third is spam, one is unkind and reported, one has a new member's first link."""
    post = make_post(author=make_host("nora"))
    wishes = {}
    for number in range(WAITING):
        place = TALK[number % 10]
        if number % 3 == 0:
            comment = make_held(
                post=post,
                body=f"Cheap {place} replica watches, order now at https://{place}-{number}.example/shop?ref={number}",
            )
            wishes[comment.pk] = "s"
        elif number % 3 == 1:
            comment = make_report(
                make_comment(post=post, body=f"You and your {place} number {number} are not worth an answer.")
            ).comment
            wishes[comment.pk] = "r"
        else:
            comment = make_held(
                post=post,
                body=f"The {place} of my childhood stood where https://{place}.example/{number} shows it, behind the mill.",
            )
            wishes[comment.pk] = "a"
    make_moderator("carol")
    return wishes


STATUS = {"s": "spam", "r": "removed", "a": "public"}


def ready(count: int) -> str:
    """Return the page once it shows that count (hidden if 0) and its script handles keys."""
    return f"html.js #waits:text-is('{count}')"


def item_of(page) -> int:
    return int(page.locator("#case form.stack [name=comments]").get_attribute("value"))


@pytest.mark.journey
def test_mixed_comments_are_decided_by_keyboard_and_one_is_undone(visit, expected_keys):
    carol = visit()
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    first = item_of(page)
    page.keyboard.press("j")
    page.wait_for_url("**item=*#case-h")
    assert item_of(page) != first
    assert page.evaluate("document.activeElement.id") == "case-h"
    page.keyboard.press("k")
    page.wait_for_url(f"**item={first}#case-h")
    page.keyboard.press("?")
    page.locator("#keys >> text=mark it as spam").wait_for()
    page.keyboard.press("Escape")
    for left in range(WAITING, 0, -1):
        page.locator(ready(left)).wait_for(state="attached")
        page.keyboard.press(expected_keys[item_of(page)])
        page.locator(ready(left - 1)).wait_for(state="attached")
    assert dict(Comment.objects.values_list("pk", "status")) == {
        pk: STATUS[key] for pk, key in expected_keys.items()
    }
    last = Decision.objects.latest("pk").comment
    page.keyboard.press("u")
    page.locator("text=Undone.").first.wait_for()
    assert item_of(page) == last.pk
    last.refresh_from_db()
    assert (last.status, Decision.objects.count()) == ("held", WAITING + 1)
    assert (carol.complaints, carol.foreign) == ([], [])


def test_a_key_that_is_held_down_decides_once(visit, expected_keys):
    carol = visit()
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    page.locator(ready(WAITING)).wait_for(state="attached")
    for _press in range(3):
        page.keyboard.down("s")
        page.locator(ready(WAITING - 1)).wait_for(state="attached")
    assert Decision.objects.count() == 1
    page.keyboard.up("s")
    page.keyboard.press("s")
    page.locator(ready(WAITING - 2)).wait_for(state="attached")
    assert Decision.objects.count() == 2


def test_shortcuts_typed_into_a_field_or_switched_off_decide_nothing(visit, expected_keys):
    carol = visit()
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    page.locator("#case >> text=Add a note").click()
    page.locator("#case [name=note]").press_sequentially("as rsa")
    assert page.locator("#case [name=note]").input_value() == "as rsa"
    page.locator("footer >> text=Keyboard").click()
    page.locator("[data-keys-off]").check()
    page.keyboard.press("Escape")
    page.locator("#case-h").focus()
    page.keyboard.press("s")
    page.locator("#case-h").press("j")
    assert carol.open("/moderation/").locator("#waits").inner_text() == str(WAITING)
    assert Decision.objects.count() == 0


def test_what_can_be_decided_is_in_reach_however_long_a_comment_is(visit, site):
    post = make_post(author=make_host("nora"))
    make_held(post=post, body="W" * 9_000 + " https://one.example/ " + "and so on " * 1_000)
    make_held(
        post=post,
        body=f"[My shop](https://{'x' * 60}.{'y' * 60}.example/{'path-' * 60})",
        author=make_member(display_name="W" * 50, date_joined=timezone.now()),
    )
    make_moderator("carol")
    plain = visit(width=320)
    plain.sign_in("carol")
    carol = visit(width=360, touch=True)
    carol.sign_in("carol")
    for number in range(2):
        plain.open("/moderation/")
        assert plain.faults() == []
        # With its options unfolded, the form would cover the row of the list that has the focus (WCAG 2.4.11).
        form = plain.page.locator("#case form.decide")
        assert form.evaluate("form => getComputedStyle(form).position") == "static"
        page = carol.open("/moderation/")
        for name in ("Approve", "Spam", "Remove"):
            assert (
                page.locator(f"#case .verbs >> text={name}").bounding_box()["y"]
                < page.viewport_size["height"]
            ), (number, name)
        page.locator("#case .verbs >> text=Remove").click()
        page.locator(".toast >> text=Removed").wait_for()
        assert page.title().startswith("Removed")


def test_a_row_of_comments_is_chosen_with_shift_and_counted(visit, expected_keys):
    carol = visit()
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    boxes = page.locator(".pick > input")
    boxes.nth(1).click()
    assert page.locator("[data-chosen]").inner_text() == "(1 selected)"
    boxes.nth(4).click(modifiers=["Shift"])
    assert page.locator("[data-chosen]").inner_text() == "(4 selected)"
    page.locator("text=Select all").click()
    page.locator(f"text=({min(WAITING, 25)} selected)").wait_for()
    page.locator("text=Select none").click()
    assert page.locator("[data-chosen]").inner_text() == ""
    boxes.nth(0).click()
    boxes.nth(1).click()
    page.locator("nav .verbs >> text=Spam").click()
    page.locator(".toast >> text=Marked 2 comments as spam.").wait_for()
    assert (page.locator("#waits").inner_text(), carol.complaints) == (str(WAITING - 2), [])


@pytest.mark.parametrize("javascript", [True, False], ids=["by keyboard", "without scripts"])
def test_a_campaign_is_decided_in_three_actions_and_undone_in_one(visit, site, javascript):
    # Tests run tasks within the request, so the filter learns from each decision at once.
    many = figure(4, 25)
    post = make_post(author=make_host("nora"))
    for number in range(many):
        make_held(
            post=post,
            author=make_member(f"lucky{number}", date_joined=timezone.now()),
            body=CAMPAIGN.format(number, number),
        )
    other = make_held(post=post, body="The quarry where we swam: https://quarry.example/ shows it.")
    make_moderator("carol")
    carol = visit(javascript=javascript, width=360)
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    if javascript:
        page.keyboard.press("g")
        page.locator(f"text={many} comments are selected.").wait_for()
        page.keyboard.press("s")
        page.locator(f"text=Mark {many} comments as spam? {many} people wrote them.").wait_for()
        page.keyboard.press("Enter")
    else:
        page.get_by_role("link", name="Near-identical text", exact=True).click()
        page.locator("form >> button:has-text('Spam')").click()
        page.locator("text=Mark as spam").click()
    page.locator(f".toast >> text=Marked {many} comments as spam.").wait_for()
    assert set(Comment.objects.exclude(pk=other.pk).values_list("status", flat=True)) == {"spam"}
    assert (Decision.objects.count(), page.locator("#waits").inner_text()) == (many, "1")
    page.locator(".toast >> text=Undo").press("Enter")
    page.locator(f"text={many} decisions undone.").wait_for()
    assert set(Comment.objects.values_list("status", flat=True)) == {"held"}
    assert (carol.complaints, carol.foreign) == ([], [])


def test_an_open_queue_counts_what_comes(visit, expected_keys):
    carol = visit()
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    make_held(body="A link of mine: https://harbour.example/ says more than I can.")
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('[hx-get]').getAttribute('hx-get'), {target: '[hx-get]', swap: 'outerHTML'})"
    )
    page.locator("text=1 new item.").wait_for()
    assert (page.locator("#waits").inner_text(), page.locator("#n-all").inner_text()) == (
        str(WAITING + 1),
    ) * 2
    page.locator("text=Show all").click()
    page.locator(f"text={WAITING + 1} comments are waiting").wait_for()


def test_the_sentence_follows_the_slider_and_the_number(visit, site):
    post = make_post(author=make_host("nora"))
    make_history(post, make_moderator("carol"), 20)
    carol = visit(width=320, scheme="dark")
    carol.sign_in("carol")
    page = carol.open("/moderation/strictness/")
    said = page.locator("[data-said]")
    assert (
        "At 50: 10 of 100 genuine comments would have been held, and 10 of 100 spam comments published."
        in said.inner_text()
    )
    page.locator("[type=range]").focus()
    for _step in range(20):
        page.keyboard.press("ArrowLeft")
    assert (
        "At 30: 10 of 100 genuine comments would have been held, and 0 of 100 spam comments published."
        in said.inner_text()
    )
    assert page.locator("[name=hold_percent]").input_value() == "30"
    page.locator("[name=hold_percent]").fill("80")
    assert (
        "At 80: 0 of 100 genuine comments would have been held, and 10 of 100 spam comments published."
        in said.inner_text()
    )
    assert page.locator("[type=range]").input_value() == "80"
    assert carol.faults() == []
    plain = visit(javascript=False)
    plain.sign_in("carol")
    page = plain.open("/moderation/strictness/")
    page.locator("[name=hold_percent]").fill("30")
    page.locator("text=Preview effect").click()
    page.locator("text=At 30: 10 of 100 genuine comments would have been held").wait_for()
    assert (carol.complaints, carol.foreign, plain.complaints) == ([], [], [])


def test_no_page_of_the_queue_shuts_anybody_out(visit, expected_keys):
    post = make_post()
    for number in range(3):
        held = make_held(
            post=post,
            body=CAMPAIGN.format(number, number),
            created_at=timezone.now() - timedelta(hours=number),
        )
    decide(make_held(post=post), "spam", by=make_moderator("dave"))
    carol = visit(width=320, scheme="dark")
    carol.sign_in("carol")
    group = f"/moderation/comments/{held.pk}/together/?by=copies"
    for path in (
        f"/moderation/?item={held.pk}",
        f"/moderation/comments/{held.pk}/?decide=spam",
        group,
        "/moderation/decisions/",
    ):
        carol.open(path)
        assert carol.faults() == [], path
    carol.open(group).locator("form >> button:has-text('Remove')").click()
    carol.page.locator("text=Remove 3 comments?").wait_for()
    assert carol.faults() == []


@pytest.mark.parametrize("scripts", [True, False])
def test_with_comments_selected_the_buttons_of_the_single_one_give_way(visit, expected_keys, scripts):
    """With three comments selected, a click on the large "Spam" button once decided about a fourth."""
    carol = visit(javascript=scripts)
    carol.sign_in("carol")
    page = carol.open("/moderation/")
    single, bulk = (
        page.locator("#case form.decide .verbs >> text=Spam"),
        page.locator("nav .verbs >> text=Spam"),
    )
    assert single.is_visible()
    boxes = page.locator(".pick > input")
    for number in range(1, 4):
        boxes.nth(number).check()
    assert not single.is_visible()
    assert page.locator(".when-picked").is_visible()
    if scripts:
        assert bulk.inner_text().split() == ["Spam", "(3)"]
        page.keyboard.press("s")  # the shortcut for a single case
        assert page.locator("text=Spam (3)").is_visible()
    else:
        page.locator("summary >> text=Bulk actions").click()
    bulk.click()
    page.locator(".toast >> text=Marked 3 comments as spam.").wait_for()
    for number in range(3):
        if boxes.nth(number).is_checked():
            boxes.nth(number).uncheck()
    assert page.locator("#case form.decide .verbs >> text=Spam").is_visible()
