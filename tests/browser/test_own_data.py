"""Data export, leaving and staying, in a browser, with the site's own forms."""

import zipfile

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts.models import AccountDeletion, User
from accounts.services.deletion import make_cancel_token, request_deletion
from comments.models import Comment
from notifications.email.tokens import make_guest_token
from notifications.models import GuestConsent
from tests.factories import PASSWORD, make_comment, make_member, make_post
from tests.notifications.people import make_guest_comment

pytestmark = pytest.mark.django_db(transaction=True)


def forget_when_they_signed_in() -> None:
    """Make the sign-in old, so that the site asks for it again; a recent one is sufficient."""
    for row in Session.objects.all():
        kept = row.get_decoded()
        for record in kept.get("account_authentication_methods", []):
            record["at"] -= 3600
        row.session_data = SessionStore().encode(kept)
        row.save()


def show_that_it_is_you(page) -> None:
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_ada_leaves_and_stays_after_all(visit, javascript):
    ada = make_member("ada")
    make_comment(author=ada, body="I am here.")
    visitor = visit(javascript=javascript)
    visitor.sign_in("ada")
    forget_when_they_signed_in()
    page = visitor.open("/members/me/data/")
    page.click("text=Delete my account")
    show_that_it_is_you(page)
    page.get_by_label("Delete my comments").check()
    page.get_by_label("I understand and want to delete my account.").check()
    page.click("button:has-text('Delete my account')")
    expect(page.get_by_role("status")).to_contain_text("Your account is scheduled for deletion")
    assert visitor.open("/members/ada/").title().startswith("Page not found")
    visitor.complaints.clear()  # the 404 above
    page = visitor.open("/accounts/login/")
    page.fill("[name=login]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", name="Keep your account?")).to_be_visible()
    page.click("button:has-text('Keep my account')")
    expect(page.get_by_role("status")).to_contain_text("Your account is kept.")
    assert (User.objects.get(username="ada").is_active, AccountDeletion.objects.exists()) == (True, False)
    visitor.sign_in("ada")
    assert (visitor.complaints, visitor.foreign) == ([], [])


def test_ada_takes_her_data_along(visit, tmp_path):
    ada = make_member("ada")
    make_comment(author=ada, body="I am here.")
    visitor = visit()
    visitor.sign_in("ada")
    forget_when_they_signed_in()
    page = visitor.open("/members/me/data/")
    page.click("text=Request my data")
    page.click("a:has-text('Download')")
    with page.expect_download() as download:
        show_that_it_is_you(page)
    download.value.save_as(tmp_path / "data.zip")
    with zipfile.ZipFile(tmp_path / "data.zip") as archive:
        archive.extractall(tmp_path / "data")
    page.goto((tmp_path / "data" / "index.html").as_uri())
    expect(page.locator("#comments")).to_contain_text("I am here.")
    assert visitor.faults() == []


def test_debbie_says_that_old_comments_are_hers(visit):
    make_guest_comment(make_post(slug="old"), email="debbie@example.org", body="Long ago.")
    make_member("debbie", email="debbie@example.org")
    visitor = visit(javascript=False)
    visitor.sign_in("debbie", PASSWORD)  # the next page asks
    visitor.page.click("text=Review them")
    visitor.page.click("button:has-text('Yes, it’s mine')")
    expect(visitor.page.locator("main")).to_contain_text("These comments are now yours")
    assert Comment.objects.get().author.username == "debbie"


def test_a_guest_confirms_from_the_mail(visit, site):
    make_guest_comment(make_post(), email="per@example.org")
    page = visit().open(f"/notifications/guests/{make_guest_token('per@example.org')}/")
    page.get_by_role("button").filter(has_text="Yes").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert GuestConsent.objects.get().email == "per@example.org"


def test_everybody_can_use_these_pages(visit):
    make_guest_comment(make_post(), email="ada@example.org")
    make_member("ada")
    visitor = visit(width=320, scheme="dark")
    visitor.sign_in("ada")
    for path in ("/members/me/data/", "/comments/claims/"):
        visitor.open(path)
        assert visitor.faults() == [], path
    forget_when_they_signed_in()
    page = visitor.open("/members/me/leave/")
    show_that_it_is_you(page)
    page.get_by_role("heading", name="Delete account").wait_for()
    assert visitor.faults() == []
    page.click("button:has-text('Delete my account')")
    page.wait_for_selector(".errorlist")
    assert visitor.faults() == []
    token = make_cancel_token(request_deletion(make_member("bob"), "keep"))
    visitor.open(f"/members/stay/{token}/")
    assert visitor.faults() == []
