"""A memorial for visitor, member and keeper, and its book opened from a file without a network."""

import pytest
from playwright.sync_api import expect

from memorials.models import Book
from memorials.services.editing import Text, add_picture, edit_memorial
from memorials.services.memories import choose_for_family
from tests.factories import make_member, make_picture, put_comment, switch_on
from tests.memorials.people import a_memorial

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]  # three users in their browsers

PAGE = "/members/otter/memorial/"


@pytest.fixture
def memorial():
    switch_on("memorials")
    memorial = a_memorial(dates="1968 to 2025")
    text = Text("In memory of Otter", "1968 to 2025", "Leave a chair for me.", "", "", "public")
    edit_memorial(memorial, text, by=memorial.host)
    add_picture(memorial, make_picture(), "Otter at the pond", by=memorial.host)
    for number in range(3):
        memory = put_comment(memorial.post, author=make_member(f"friend{number}"), body=f"Evening {number}.")
        choose_for_family(memory, is_allowed=number != 1)
    return memorial


def test_a_member_leaves_a_memory_without_scripts_and_says_who_may_have_it(visit, memorial):
    make_member("alice")
    alice = visit(javascript=False, width=360, scheme="dark")
    alice.sign_in("alice")
    page = alice.open(PAGE)
    page.get_by_role("button", name="Light a candle").first.click()
    expect(page.get_by_role("button", name="Your candle is lit")).to_be_visible()
    page.get_by_role("textbox", name="What you remember").fill("He always said good evening.")
    page.get_by_label("The family may have this memory").check()
    page.get_by_role("button", name="Leave this memory").click()
    expect(page.get_by_text("He always said good evening.", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="4 memories")).to_be_visible()


def test_pages_of_a_memorial_shut_nobody_out(visit, memorial):
    found = {}
    for name, paths in {
        "": [PAGE, f"{PAGE}tell/"],
        "friend1": [f"{PAGE}words/"],
        "ruth": [f"{PAGE}keep/", f"{PAGE}edit/", f"{PAGE}book/", f"{PAGE}book/print/"],
    }.items():
        reader = visit(width=360, scheme="dark") if name == "ruth" else visit()
        if name:
            reader.sign_in(name)
        for path in paths:
            reader.open(path)
            found[f"{name} {path}"] = reader.faults() + reader.complaints
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_a_keeper_makes_the_book_and_it_opens_from_a_file_without_a_network(visit, memorial, tmp_path):
    ruth = visit()
    ruth.sign_in("ruth")
    page = ruth.open(f"{PAGE}book/")
    page.get_by_role("button", name="Make the book").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the book").click()
    file = tmp_path / "book.html"
    download.value.save_as(file)
    family = visit(width=360)
    family.context.set_offline(True)
    family.page.goto(file.as_uri())
    expect(family.page.locator(".memory")).to_have_count(Book.objects.get().total)
    assert family.page.locator(".memory div").all_inner_texts() == ["Evening 0.", "Evening 2."]
    expect(family.page.get_by_text("Leave a chair for me.")).to_be_visible()
    picture = family.page.get_by_role("img", name="Otter at the pond")
    assert picture.evaluate("(one) => one.complete && one.naturalWidth > 0")
    assert (family.complaints, [one for one in family.foreign if one != file.as_uri()]) == ([], [])
