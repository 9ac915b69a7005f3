"""Pages in unusual states: deleted and held comments, empty lists, forms side by side, messages, print."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services.relations import mute
from comments.models import Comment
from core.services.site_settings import save_settings
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post, switch_on

pytestmark = pytest.mark.django_db(transaction=True)


def is_in_sight(page, locator) -> bool:
    box = locator.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


def test_comments_that_are_gone_held_or_muted_shut_nobody_out(visit):
    post = make_post(author=make_host("nora"))
    ada, carl = make_member("ada"), make_member("carl")
    for status in ("removed", "spam", "deleted", "held"):
        gone = make_comment(post)
        make_comment(parent=gone, author=carl)
        Comment.objects.filter(pk=gone.pk).update(status=status)
    make_comment(post, author=ada, status="held")
    mute(ada, carl, on=True)
    address = post.get_absolute_url()
    stranger, reader = visit(width=320, scheme="dark"), visit(width=320, scheme="dark")
    reader.sign_in("ada")
    assert {
        who: one.open(address) and one.faults() for who, one in (("a stranger", stranger), ("ada", reader))
    } == {"a stranger": [], "ada": []}
    assert stranger.page.locator(".tomb > .replies > summary").count() == 4
    for summary in stranger.page.locator(".tomb > .replies > summary").all():
        assert "comment that isn’t shown" in summary.inner_text()


def test_the_arrow_of_replying_points_back_in_the_direction_of_writing(visit):
    comment = make_comment(make_post())
    stranger = visit()
    drawn = "link => getComputedStyle(link, '::before').scale"

    def arrows() -> list[str]:
        page = stranger.open(comment.get_absolute_url())
        return page.locator('.comment .acts > [href$="#reply"]').evaluate_all(f"all => all.map({drawn})")

    assert arrows() == ["none"]
    save_settings({"language": "ar"}, by=None)
    assert arrows() == ["-1 1"]


def test_empty_pages_shut_nobody_out(visit):
    make_moderator("carol")
    carol = visit(width=320, scheme="dark")
    carol.sign_in("carol")
    paths = ["/", "/posts/", "/members/?q=nobody-is-called-so", "/notifications/", "/members/me/people/", "/members/me/links/", "/moderation/",
             "/moderation/decisions/", "/moderation/people/", "/moderation/appeals/"]  # fmt: skip
    found = {path: carol.open(path) and carol.faults() for path in paths}
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_fields_side_by_side_have_their_labels_on_one_line_and_their_boxes_on_another(visit, site):
    post = make_post(author=make_host("nora"))
    make_member("ada")
    stranger, ada = visit(), visit()
    ada.sign_in("ada")
    for visitor, path, group in (
        (stranger, post.get_absolute_url(), ".comment-form .pair"),
        (stranger, "/members/", ".filter"),
        (ada, "/members/me/edit/", ".linkrow"),
        (ada, "/members/me/edit/", ".day:not(.even)"),
    ):
        fields = visitor.open(path).locator(f"{group} > .field")
        labels = {round(field.locator("> label").bounding_box()["y"]) for field in fields.all()}
        boxes = {round(field.locator("> :is(input, select)").bounding_box()["y"]) for field in fields.all()}
        assert (fields.count() > 1, len(labels), len(boxes)) == (True, 1, 1), group


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_what_has_happened_is_said_where_the_reader_lands(visit, site, javascript):
    post = make_post(author=make_host("nora"))
    for _number in range(12):
        make_comment(post, body="A long word about it. " * 60)
    make_member("ada")
    ada = visit(javascript=javascript, width=360)
    ada.sign_in("ada")
    ada.page.emulate_media(reduced_motion="reduce")
    page = ada.open(post.get_absolute_url())
    page.locator("#reply textarea").fill("The bench by the river.")
    page.locator("#reply >> text=Post comment").click()
    posted = page.locator(".messages [role=status]")
    expect(posted).to_be_in_viewport()
    own = page.locator(f"#{Comment.objects.latest('pk').anchor}")
    expect(own).to_be_in_viewport()
    assert page.evaluate("scrollY") > page.viewport_size["height"]
    assert is_in_sight(page, posted)
    assert posted.bounding_box()["y"] + posted.bounding_box()["height"] <= own.bounding_box()["y"]
    assert not javascript or ada.faults() == []
    page.get_by_text("Hide this message").locator("..").click()
    expect(posted).to_be_hidden()
    page.locator("#follow button").last.click()
    page.wait_for_url("**#follow")
    expect(posted).to_be_in_viewport()
    expect(page.locator("#follow")).to_be_in_viewport()


def test_on_paper_a_comment_has_its_date_once(visit, site):
    comment = make_comment(created_at=timezone.now().replace(year=2026, month=3, day=7, hour=18, minute=5))
    page = visit().open(comment.post.get_absolute_url())
    page.emulate_media(media="print")
    when = page.locator(f"#{comment.anchor} .when")
    said = when.evaluate(
        "one => one.querySelector('time').textContent + JSON.parse(getComputedStyle(one, '::after').content)"
    )
    assert said.startswith("7 Mar 2026, ")
    assert said.count("2026") == 1
    assert when.locator("time").get_attribute("title").startswith("7 Mar 2026, ")


def test_a_numbered_list_in_a_comment_has_its_numbers(visit, site):
    comment = make_comment(make_post(author=make_host("nora")), body="1. soup\n2. bread")
    page = visit(width=360).open(comment.post.get_absolute_url())
    kinds = page.locator(f"#{comment.anchor} ol, ol.talk").evaluate_all(
        "all => all.map((one) => [getComputedStyle(one).listStyleType, parseFloat(getComputedStyle(one).paddingInlineStart) > 9])"
    )
    assert kinds == [["none", False], ["decimal", True]]


def test_an_empty_wish_is_answered_at_its_field_in_the_smallest_window(visit, site):
    switch_on("birthdays")
    make_host("nora")
    today = timezone.localdate()
    make_member("ada", birthday_day=today.day, birthday_month=today.month, birthday_seen_by="all")
    make_member("alice")
    alice = visit(width=320)
    alice.sign_in("alice")
    page = alice.open("/birthdays/")
    # As sent by a browser that ignores the required attribute.
    page.locator("main form[action*=wish]").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Send wish").click()
    page.locator("main form .errorlist").wait_for()
    assert alice.faults() == []


def test_filters_of_the_inbox_are_one_row_and_kinds_of_notifications_two_columns(visit, site):
    make_member("alice")
    alice = visit()
    alice.sign_in("alice")
    places = "all => new Set(all.map((one) => Math.round(one.getBoundingClientRect().%s))).size"
    filters = alice.open("/notifications/").locator("main .seg a")
    assert (filters.count() > 4, filters.evaluate_all(places % "top")) == (True, 1)
    kinds = alice.open("/notifications/settings/").locator("[aria-labelledby=s-kinds] select")
    assert (kinds.count() > 4, kinds.evaluate_all(places % "left")) == (True, 2)
