"""The host's pages in a browser: first start, first post, dashboard, and settings that take effect at once."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import ProfileLink
from comments.models import Comment
from dashboard.models import Invitation
from posts.models import Post
from tests.browser.test_enlarged import MOVING
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_post
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db(transaction=True)

SHOTS = os.environ.get("SHOTS")


# Whether the browser would ask before it leaves the page.
LEAVES_WITH_A_QUESTION = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"


# Buttons that would look like text in forced colours, which replace every background.
BARE = """() => [...document.querySelectorAll("input[type=submit]")].filter((one) => one.checkVisibility())
  .filter((one) => getComputedStyle(one).borderTopStyle === "none").map((one) => one.outerHTML.slice(0, 80))"""


def shot(visitor, name: str) -> None:
    """Save a screenshot if SHOTS names a folder."""
    if SHOTS:
        visitor.page.evaluate("document.adoptedStyleSheets = []")  # in a readable font
        visitor.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def make_busy_site():
    host = make_host("nora", display_name="Nora Field")
    post = make_post(author=host, title="How we choose what to print")
    ferry = make_post(author=host, title="The ferry that waits for everyone")
    Post.objects.create(author=host, title="Notes from the seed swap", body="<p>A draft.</p>")
    Post.objects.create(
        author=host, title="What the timetable leaves out", published_at=timezone.now() + timedelta(days=3)
    )
    tomasz = make_member("tomasz", display_name="Tomasz Behr")
    ProfileLink.objects.create(user=tomasz, url="https://behr-books.example/")
    make_comment(
        post,
        author=tomasz,
        body="You say the second edition will be shorter. Does that mean the interviews go, or only the footnotes? I’d like to know before I lend you my copy.",
    )
    make_comment(
        ferry,
        author=make_member("amina", display_name="Amina Sow"),
        body="I’ve read along since winter and never said anything. My father was the man with the bicycle.",
    )
    ruth = make_comment(
        post, body=" ".join(["It turned into the story of our kitchen in 1987, and who came."] * 40)
    )
    Comment.objects.filter(pk=ruth.pk).update(
        author=None,
        guest_name="Ruth Ekdahl",
        guest_email="ruth@example.org",
        guest_url="https://ekdahl.example/",
    )
    make_comment(ferry, body="Great post, see our folding chairs.", status="held")
    return host


def test_the_pages_of_the_host_shut_nobody_out(visit):
    make_busy_site()
    Invitation.objects.create(note="Book club", max_uses=20)
    nora = visit(width=360, scheme="dark")
    nora.sign_in("nora")
    found = {}
    for name, path in {
        "dashboard": "/admin/",
        "settings": "/admin/core/sitesettings/",
        "settings-log": "/admin/core/sitesettings/log/",
        "posts": "/admin/posts/post/",
        "members": "/admin/accounts/user/",
        "invitations": "/admin/dashboard/invitation/",
    }.items():
        nora.open(path)
        shot(nora, name)
        found[path] = nora.faults() if name in {"dashboard", "settings", "settings-log"} else []
        nora.page.emulate_media(reduced_motion="reduce", forced_colors="active")
        found[path] += nora.page.evaluate(MOVING) + nora.page.evaluate(BARE)
        nora.page.emulate_media(forced_colors="none")
    assert {path: faults for path, faults in found.items() if faults} == {}
    # Above the page the navigation is one line, which the system's lists do not make higher.
    navigation = nora.page.locator(".hostnav")
    before = navigation.bounding_box()
    navigation.get_by_text("System").click()
    expect(navigation.get_by_role("link", name="Groups")).to_be_attached()
    assert navigation.bounding_box() == before
    assert (nora.complaints, nora.foreign) == ([], [])


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reply_is_written_on_the_first_page(visit, javascript):
    make_busy_site()
    nora = visit(javascript=javascript)
    nora.sign_in("nora")
    page = nora.open("/admin/")
    waiting = page.locator(f"#wait-{Comment.objects.get(author__username='tomasz').pk}")
    waiting.locator("summary").click()
    waiting.get_by_label("Your reply to Tomasz Behr").fill("Only the footnotes.")
    waiting.get_by_role("button", name="Post reply").click()
    expect(page.locator(".messagelist")).to_contain_text("Your reply to Tomasz Behr was posted.")
    assert Comment.objects.get(body="Only the footnotes.").parent.author.username == "tomasz"


@pytest.mark.journey
def test_from_the_first_start_to_the_first_post_without_a_shell(visit):
    out = StringIO()
    call_command("setup_link", stdout=out)
    [address] = [line.strip() for line in out.getvalue().splitlines() if "/setup/" in line]
    nora = visit()
    page = nora.open("/")
    expect(page.get_by_text("This site isn’t set up yet")).to_be_visible()
    page.goto(address)
    shot(nora, "setup")
    assert nora.faults() == []
    page.get_by_label("Site name").fill("Harbour Notes")
    page.get_by_label("Your name").fill("Nora Field")
    page.get_by_label("Username").fill("nora")
    page.get_by_label("Email address").fill("nora@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Set up the site").click()
    page.get_by_role("link", name="New post").first.click()
    page.locator("#id_title").fill("The first post")
    page.locator(".ProseMirror").first.click()
    page.keyboard.type("Welcome to the harbour.")
    page.locator("[name=_publish]").first.click()
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto(nora.site + "/")
    expect(page.get_by_role("link", name="The first post").first).to_be_visible()
    expect(page).to_have_title("Harbour Notes")


def test_the_preview_follows_what_is_typed_and_visitors_see_it_after_save(visit):
    make_busy_site()
    nora, visitor = visit(), visit()
    nora.sign_in("nora")
    page = nora.open("/admin/core/sitesettings/")
    assert not page.evaluate(LEAVES_WITH_A_QUESTION)
    page.get_by_label("Name", exact=True).fill("Harbour Notes")
    assert page.evaluate(LEAVES_WITH_A_QUESTION)
    expect(page.locator("[data-mini-name]")).to_have_text("Harbour Notes")
    page.locator("[name=accent_hue]").fill("210")
    page.get_by_text("Plain: the device’s own sans serif").click()
    for number, (label, address) in enumerate([("About", "/about/"), ("Home", "/")]):
        page.fill(f"[name=navigation-{number}-label]", label)
        page.fill(f"[name=navigation-{number}-address]", address)
    page.locator("[value=navigation-0-down]").press("Enter")
    expect(page.locator("[value=navigation-1-up]")).to_be_focused()
    expect(page.locator("[data-moved]").first).to_have_text("This is link 2 now.")
    shot(nora, "settings-typed")
    assert visitor.open("/").title() == "The Long Table"
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".messagelist")).to_contain_text("The settings were saved.")
    visitor.open("/")
    shot(visitor, "home-blue")
    assert visitor.page.title() == "Harbour Notes"
    assert visitor.page.locator(".top nav a").all_inner_texts()[:2] == ["Home", "About"]
    hue = "getComputedStyle(document.documentElement).getPropertyValue('--hue').trim()"
    assert visitor.page.evaluate(hue) == "210"
    assert nora.complaints + visitor.complaints == []


def test_an_import_says_how_far_it_is_and_shows_its_report_when_it_is_done(visit):
    host = make_host("nora")
    run = ImportRun.objects.create(file_name="blog.xml", started_by=host, state="importing", total=200)
    nora = visit()
    nora.sign_in("nora")
    nora.page.clock.install()
    nora.open(f"/admin/transfer/importrun/{run.pk}/change/")
    ImportRun.objects.update(done=90)
    nora.page.clock.fast_forward(3000)
    expect(nora.page.get_by_role("status")).to_contain_text("45% done.")
    shot(nora, "import-running")
    ImportRun.objects.update(state="done", report={"summary": "2 posts imported."})
    nora.page.clock.fast_forward(3000)
    expect(nora.page.get_by_text("2 posts imported.")).to_be_visible()
    expect(nora.page.get_by_role("status")).to_have_count(0)
    assert nora.complaints == []


def test_after_an_error_in_the_admin_the_focus_is_on_it(visit):
    make_host("nora")
    host = visit()
    host.sign_in("nora")
    page = host.open("/admin/api/webhook/add/")
    page.get_by_label("Name").fill("Chat")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Address")).to_be_focused()


def test_before_deleting_in_the_admin_everything_is_readable(visit):
    make_host("nora")
    tomasz = make_member("tomasz")
    ProfileLink.objects.create(user=tomasz, url="https://behr-books.example/")
    host = visit(width=320, scheme="dark")
    host.sign_in("nora")
    host.open(f"/admin/accounts/user/{tomasz.pk}/delete/")
    assert host.faults() == []
