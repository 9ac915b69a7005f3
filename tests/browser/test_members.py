"""Member pages in a browser: with scripts and without, narrow and wide, by keyboard."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from accounts.models import LinkFollowed, ProfileLink, User
from accounts.services.profile import store_topics
from accounts.services.relations import follow, mute, send_introduction
from tests.factories import make_comment, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def picture(tmp_path):
    """An image, red on the left, blue on the right."""
    drawn = Image.new("RGB", (800, 400), (255, 0, 0))
    drawn.paste((0, 0, 255), (400, 0, 800, 400))
    path = tmp_path / "picture.png"
    drawn.save(path)
    return path


def addresses(page) -> list[str]:
    return [field.input_value() for field in page.locator("input[name$='-url']").all()]


@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_a_page_is_filled_links_are_ordered_and_a_picture_is_sent(visit, picture, javascript):
    make_member("ada")
    ada = visit(javascript=javascript)
    ada.sign_in("ada")
    page = ada.open("/members/me/edit/")
    page.fill("[name=display_name]", "Ada Byron")
    page.fill("[name=help_with]", "engines, Poetry")
    page.fill("[name=birthday_day]", "10")
    page.select_option("[name=birthday_month]", "12")
    page.select_option("[name=birthday_seen_by]", "all")
    page.fill("[name=links-0-url]", "@ada@mastodon.social")
    page.click("text=Add another link")
    page.wait_for_selector("[name=links-1-url]")
    page.fill("[name=links-1-label]", "GitHub")
    page.fill("[name=links-1-url]", "@ada")
    page.locator("button[value='1-up']").focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator("input[name$='-url']").first).to_have_value("@ada")
    assert addresses(page) == ["@ada", "@ada@mastodon.social"]
    page.set_input_files("[name=avatar]", str(picture))
    if javascript:
        expect(page.locator("[data-cut] canvas").first).to_be_visible()
        page.locator("[name=avatar_x]").focus()
        page.keyboard.press("Home")  # the left end
    else:
        expect(page.locator("[name=avatar_x]")).to_be_hidden()
    page.locator("main >> text=Save").last.click()
    page.wait_for_url("**/members/ada/")
    assert page.locator("h1").inner_text() == "Ada Byron"
    assert [link.get_attribute("href") for link in page.locator(".links a").all()] == [
        "https://github.com/ada",
        "https://mastodon.social/@ada",
    ]
    assert page.locator(".tags a").all_inner_texts() == ["engines", "Poetry"]
    with User.objects.get(username="ada").avatar.open() as file:
        drawn = Image.open(io.BytesIO(file.read()))
        red, _green, blue = drawn.getpixel((drawn.width - 5, 50))[:3]
    assert (red > blue) == javascript  # the middle shows both halves, the left end only red
    if javascript:  # the current picture can be cropped, until another one is chosen
        ada.open("/members/me/edit/")
        crop = page.locator("[data-crop]").first
        crop.click()
        expect(page.locator("[name=avatar_x]")).to_be_focused()
        expect(crop).to_be_hidden()
    assert (ada.complaints, ada.foreign) == ([], [])


@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_adding_and_moving_links_keeps_the_place_and_the_picture(visit, picture, javascript):
    make_member("ada")
    ada = visit(javascript=javascript, width=360)
    ada.sign_in("ada")
    page = ada.open("/members/me/edit/")
    page.evaluate("stayed = true")
    page.set_input_files("[name=avatar]", str(picture))
    page.fill("[name=links-0-url]", "https://one.example/")
    for number in (1, 2):
        page.click("text=Add another link")
        added = page.locator(f"[name=links-{number}-label]")
        expect(added).to_be_focused()
        expect(added).to_be_in_viewport()
        page.fill(f"[name=links-{number}-url]", f"https://{number}.example/")
    page.locator("button[value='2-up']").click()
    expect(page.locator("input[name$='-url']").nth(1)).to_have_value("https://2.example/")
    moved = page.locator(".linkrow").nth(1)
    expect(moved).to_be_in_viewport()
    assert moved.evaluate("row => row === document.activeElement || row.contains(document.activeElement)")
    page.locator("button[value='1-up']").click()
    expect(page.locator("input[name$='-url']").first).to_have_value("https://2.example/")
    assert page.evaluate("typeof stayed") == ("boolean" if javascript else "undefined")
    assert page.locator("legend").all_inner_texts()[-3:] == ["Link 1", "Link 2", "Link 3"]
    buttons = page.locator("[name=move_link]:visible").evaluate_all("all => all.map((one) => one.value)")
    assert buttons == ["0-down", "1-up", "1-down", "2-up"]
    assert not javascript or ada.faults() == []
    page.locator("main >> text=Save").last.click()
    page.wait_for_url("**/members/ada/")
    member = User.objects.get(username="ada")
    assert [link.url for link in member.links.all()] == [
        "https://2.example/",
        "https://one.example/",
        "https://1.example/",
    ]
    assert bool(member.avatar)
    assert (ada.complaints, ada.foreign) == ([], [])


def test_a_link_to_be_removed_is_folded_and_can_come_back(visit, site):
    ProfileLink.objects.create(user=make_member("ada"), label="Blog", url="https://ada.example/", position=1)
    ada = visit(width=360)
    ada.sign_in("ada")
    page = ada.open("/members/me/edit/")
    row, said = page.locator(".linkrow").first, page.locator("[data-moved]")
    for is_removed, words in (
        (True, "Link 1 is removed when you save."),
        (False, "Link 1 stays."),
        (True, "Link 1 is removed when you save."),
    ):
        row.get_by_label("Remove").set_checked(is_removed)
        expect(said).to_have_text(words)
        expect(row.locator("[name$=-url]")).to_be_visible(visible=not is_removed)
    page.locator("main >> text=Save").last.click()
    page.wait_for_url("**/members/ada/")
    assert not ProfileLink.objects.exists()


def test_as_many_links_as_fit_can_be_added(visit, site, monkeypatch):
    monkeypatch.setattr(ProfileLink, "MAX_PER_MEMBER", 4)  # tests/accounts/test_profile.py saves a hundred
    make_member("ada")
    ada = visit()
    ada.sign_in("ada")
    page = ada.open("/members/me/edit/")
    for _row in range(ProfileLink.MAX_PER_MEMBER - 1):
        page.click("text=Add another link")
    expect(page.locator(".linkrow")).to_have_count(ProfileLink.MAX_PER_MEMBER)
    expect(page.get_by_text("Add another link")).to_be_hidden()


def test_a_click_on_a_link_is_counted_where_scripts_run_and_the_link_stays_plain(visit, site):
    ada = make_member("ada")
    link = ProfileLink.objects.create(user=ada, url=f"{site}/guidelines/")
    reader = visit()
    page = reader.open("/members/ada/")
    with page.expect_request(f"**/members/links/{link.pk}/followed/"):
        # In another tab: this one is still needed.
        page.locator(".links a").click(modifiers=["ControlOrMeta"])
    for _try in range(100):
        if LinkFollowed.objects.exists():
            break
        page.wait_for_timeout(50)
    assert LinkFollowed.objects.get().count == 1
    assert reader.complaints == []
    plain = visit(javascript=False)
    plain.open("/members/ada/").locator(".links a").click()
    plain.page.wait_for_url("**/guidelines/")
    assert LinkFollowed.objects.get().count == 1


def test_no_page_of_members_shuts_anybody_out(visit):
    ada = make_member(
        "ada",
        tagline="Engines",
        bio="I *sail*.",
        takes_introductions=True,
        birthday_day=10,
        birthday_month=12,
        birthday_seen_by="all",
    )
    bob = make_member("bob", takes_introductions=True)
    store_topics(ada, "help", ["engines", "a topic with as many letters as fit in"])
    store_topics(bob, "help", ["engines"])
    for number, url in enumerate(
        [
            "https://bsky.app/profile/ada.example",
            "https://plus.google.com/1",
            f"https://ada.example/{'long' * 40}",
        ]
    ):
        ProfileLink.objects.create(
            user=ada,
            url=url,
            position=number,
            problem="no_link" if number else "",
            check_asked_at=ada.date_joined,
            checked_at=ada.date_joined,
        )
    make_comment(parent=make_comment(author=bob), author=ada)
    send_introduction(bob, ada, "Hello, I have a question about engines.")
    follow(ada, bob, on=True)
    mute(ada, make_member("carl"), on=True)
    reader = visit(width=320, scheme="dark")
    reader.sign_in("ada")
    paths = ["/members/", "/members/?help=engines", "/members/ada/", "/members/bob/", "/members/bob/introduction/", "/members/me/edit/",
             "/members/me/links/", "/members/me/people/"]  # fmt: skip
    found = {path: reader.open(path) and reader.faults() for path in paths}
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert (reader.complaints, reader.foreign) == ([], [])
