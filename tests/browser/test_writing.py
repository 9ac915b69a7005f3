"""Writing comments in practice: interrupted, offline, in two windows, with quotes and mentions."""

import re

import pytest
from playwright.sync_api import expect

from comments.models import Comment
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_post

pytestmark = pytest.mark.django_db(transaction=True)

FIELD = "textarea[data-words]"


@pytest.fixture
def post(site):
    return make_post(author=make_host("nora", display_name="Nora Lind"))


@pytest.fixture
def dora(site):
    return make_member("dora", display_name="Dora Bell")


@pytest.fixture
def bob(visit, site):
    make_member("bob")
    person = visit()
    person.sign_in("bob")
    return person


def kept(page):
    return page.evaluate(
        "Object.keys(localStorage).filter(name => name.startsWith('draft:')).map(name => JSON.parse(localStorage[name]).words).sort()"
    )


def wait_until_kept(page, *words):
    """Wait until the page has stored the text, after a pause in typing.

    Playwright's own wait needs eval, which the site forbids.
    """
    for _try in range(100):
        if kept(page) == sorted(words):
            return
        page.wait_for_timeout(50)
    assert kept(page) == sorted(words)


def leave(page):
    """Leave with text in the field; the browser must not ask, because nothing is lost."""
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("about:blank")
    return asked


class TestDrafts:
    @pytest.mark.journey
    def test_an_unsent_draft_is_offered_when_the_page_is_opened_again(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "A long and winding thought")
        assert leave(page) == []
        page = bob.open(post.get_absolute_url())
        offer = page.locator("[data-draft-place] .note")
        offer.wait_for()
        assert re.match(
            r"You have an unsent draft from \d\d:\d\d\. A long and winding thought", offer.inner_text()
        )
        assert bob.faults() == []
        page.click("text=Restore draft")
        assert page.input_value(FIELD) == "A long and winding thought"
        assert page.evaluate("document.activeElement.matches('textarea[data-words]')")
        page.click("text=Post comment")
        page.wait_for_selector("text=Posted.")
        assert kept(page) == []
        assert Comment.objects.get().body == "A long and winding thought"
        assert bob.complaints == []

    @pytest.mark.journey
    def test_a_reload_loses_nothing(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Before the reload")
        page.reload()
        # Some browsers restore the text themselves.
        if not page.input_value(FIELD):
            page.click("[data-take]")
        expect(page.locator(FIELD)).to_have_value("Before the reload")

    def test_a_draft_is_discarded_and_restored(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Better not")
        leave(page)
        page = bob.open(post.get_absolute_url())
        page.click("text=Discard")
        wait_until_kept(page)
        page.click("text=Undo")
        wait_until_kept(page, "Better not")
        page.click("text=Discard")
        bob.open(post.get_absolute_url())
        page.wait_for_timeout(300)
        assert page.locator("[data-draft-place] .note").count() == 0

    @pytest.mark.journey
    def test_an_answer_waits_for_its_own_form(self, post, bob, dora):
        comment = make_comment(post, author=dora)
        page = bob.open(post.get_absolute_url())
        page.click(f"#comment-{comment.pk} >> a[href*=reply]")
        page.locator(f"#comment-{comment.pk} + .composing {FIELD}").type("Dear Dora")
        # The form opens again, with the text in it.
        page.locator(f"#comment-{comment.pk} >> a[href*=reply]").click()
        expect(page.locator(f"#comment-{comment.pk} + .composing {FIELD}")).to_have_value("Dear Dora")
        assert leave(page) == []
        page = bob.open(post.get_absolute_url())
        page.wait_for_selector("text=/You have an unsent reply to Dora Bell from/")
        page.click("text=Restore draft")
        page.wait_for_url("**reply=*")
        form = page.locator("form.comment-form", has_text="Reply to Dora Bell")
        assert form.locator(FIELD).input_value() == "Dear Dora"
        form.locator("text=Post reply").click()
        page.wait_for_selector("text=Posted.")
        assert Comment.objects.get(parent=comment).body == "Dear Dora"
        assert kept(page) == []

    def test_a_reply_to_a_comment_deleted_in_the_meantime_is_not_lost(self, post, bob, dora):
        comment = make_comment(post, author=dora)
        page = bob.open(post.get_absolute_url())
        page.click(f"#comment-{comment.pk} >> a[href*=reply]")
        page.locator(f"#comment-{comment.pk} + .composing {FIELD}").type("Dear Dora")
        leave(page)
        Comment.objects.update(status="deleted")
        page = bob.open(post.get_absolute_url())
        page.click("text=Restore draft")
        page.wait_for_selector("text=The comment you’re replying to was deleted.")
        assert page.input_value(FIELD) == "Dear Dora"

    def test_an_edit_of_ones_own_comment_has_a_draft_too(self, post, bob):
        comment = make_comment(post, body="Before.", author=make_member_named("bob"))
        page = bob.open(f"/comments/{comment.pk}/edit/")
        page.fill(FIELD, "After")
        assert leave(page) == []
        page = bob.open(f"/comments/{comment.pk}/edit/")
        page.click("text=Restore draft")
        assert page.input_value(FIELD) == "After"
        page.click("text=Save")
        page.wait_for_selector("text=Saved.")
        assert kept(page) == []

    @pytest.mark.journey
    def test_text_written_before_signing_in_is_there_afterwards(self, post, visit, dora):
        stranger = visit()
        page = stranger.open(post.get_absolute_url())
        page.type(FIELD, "Only typed")
        leave(page)
        stranger.sign_in("dora")
        page = stranger.open(post.get_absolute_url())
        page.click("text=Restore draft")
        assert page.input_value(FIELD) == "Only typed"
        page.click("text=Post comment")
        page.wait_for_selector("text=Posted.")
        assert kept(page) == []

    def test_text_sent_before_signing_in_is_not_offered_twice(self, post, visit, dora):
        stranger = visit()
        page = stranger.open(post.get_absolute_url())
        page.type(FIELD, "Sent at once")
        page.click("text=Sign in to post")
        page.fill("[name=login]", "dora")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("text=Your text is still here.")
        assert page.input_value(FIELD) == "Sent at once"
        wait_until_kept(page, "Sent at once")
        assert page.locator("[data-take]").count() == 0
        page.click("text=Post comment")
        page.wait_for_selector("text=Posted.")
        assert kept(page) == []

    def test_nobody_else_on_the_device_sees_them_and_signing_out_clears_them(self, post, bob, dora):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Secret of bob")
        leave(page)
        bob.context.clear_cookies()  # the session has expired, without signing out
        page = bob.open(post.get_absolute_url())
        assert "Secret of bob" not in page.content()
        bob.sign_in("dora")
        page = bob.open(post.get_absolute_url())
        page.wait_for_timeout(300)
        assert page.locator("[data-take]").count() == 0
        page.type(FIELD, "Secret of dora")
        wait_until_kept(page, "Secret of bob", "Secret of dora")
        page.evaluate(
            "['read:/posts/a/', 'folds:/posts/a/'].forEach((name) => localStorage.setItem(name, '5'))"
        )
        # Now the text would be lost, and the browser says so.
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("header .menu summary")
        page.click("header >> text=Sign out")
        page.wait_for_load_state()
        assert kept(page) == []
        assert page.evaluate("[localStorage['read:/posts/a/'], localStorage['folds:/posts/a/']]") == [
            None,
            None,
        ]

    def test_two_windows_do_not_write_over_each_other(self, post, bob):
        first, second = bob.page, bob.context.new_page()
        bob.open(post.get_absolute_url())
        first.type(FIELD, "From the first window")
        wait_until_kept(first, "From the first window")
        second.goto(bob.site + post.get_absolute_url())
        second.wait_for_timeout(300)
        assert second.locator("[data-take]").count() == 0  # it is being edited in the other window
        second.type(FIELD, "From the second")
        wait_until_kept(first, "From the first window", "From the second")
        second.close(run_before_unload=False)
        first.goto("about:blank")
        page = bob.open(post.get_absolute_url())
        for _ in range(2):
            page.click("text=Restore draft")
        expect(page.locator(FIELD)).to_have_value(re.compile("\n\n"))
        assert sorted(page.input_value(FIELD).split("\n\n")) == ["From the first window", "From the second"]

    def test_old_drafts_are_forgotten(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Long ago")
        leave(page)
        page = bob.open("/")
        page.evaluate("for (const name of Object.keys(localStorage)) if (name.startsWith('draft:')) localStorage[name] = JSON.stringify({...JSON.parse(localStorage[name]), at: Date.now() - 29 * 864e5})")  # fmt: skip
        page = bob.open(post.get_absolute_url())
        wait_until_kept(page)

    def test_leaving_with_text_that_cannot_be_stored_asks_first(self, post, bob):
        bob.context.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Nowhere else")
        assert leave(page) == ["beforeunload"]


def make_member_named(username):
    from accounts.models import User  # noqa: PLC0415

    return User.objects.get(username=username)


class TestTickedInADraft:
    def test_a_restored_draft_remembers_who_was_ticked(self, post, bob):
        people = [make_comment(post, author=make_member(f"person-{number}")) for number in range(4)]
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "To two of you, @person-0 and @person-1")
        for comment in people[2:]:
            page.check(f"input[name=also][value='{comment.pk}']")
        wait_until_kept(page, "To two of you, @person-0 and @person-1")
        leave(page)
        page = bob.open(post.get_absolute_url())
        page.get_by_role("button", name="Restore draft").click()
        for comment in people[2:]:
            expect(page.locator(f"input[name=also][value='{comment.pk}']")).to_be_checked()
        expect(page.locator("[data-recipients]")).to_contain_text("person-2")

    def test_an_answer_is_offered_below_what_it_answers(self, post, bob):
        comment = make_comment(post, author=make_member("person"))
        page = bob.open(f"{post.get_absolute_url()}?reply={comment.pk}")
        page.type(FIELD, "An answer")
        wait_until_kept(page, "An answer")
        leave(page)
        page = bob.open(post.get_absolute_url())
        note = page.locator(f"#comment-{comment.pk} + .composing [data-draft-below]")
        expect(note).to_contain_text("An answer")
        note.get_by_role("button", name="Restore draft").click()
        expect(page.locator(f"#comment-{comment.pk} + .composing textarea")).to_have_value("An answer")


class TestALineThatDrops:
    def test_the_text_stays_and_can_be_sent_again(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Through the tunnel")
        bob.context.set_offline(True)
        page.click("text=Post comment")
        alert = page.locator("[role=alert]", has_text="Not sent: you seem to be offline.")
        alert.wait_for()
        assert "Your draft is saved on this device." in alert.inner_text()
        assert page.input_value(FIELD) == "Through the tunnel"
        assert kept(page) == ["Through the tunnel"]
        assert bob.faults() == []
        page.click("text=Try again")
        page.locator("[role=alert]", has_text="Not sent").wait_for()
        bob.context.set_offline(False)
        page.click("text=Try again")
        page.wait_for_selector("text=Posted.")
        assert [comment.body for comment in Comment.objects.all()] == ["Through the tunnel"]
        assert kept(page) == []

    def test_going_back_after_sending_does_not_restore_the_text(self, post, bob):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Said once")
        page.click("text=Post comment")
        page.wait_for_selector("text=Posted.")
        page.go_back()
        page.wait_for_load_state()
        expect(page.locator(FIELD)).to_have_value("")
        assert leave(page) == []
        assert kept(bob.open("/")) == []


def select(page, selector):
    """Select the text of an element as with a mouse."""
    page.evaluate(
        "selector => { const range = document.createRange(); range.selectNodeContents(document.querySelector(selector));"
        " getSelection().removeAllRanges(); getSelection().addRange(range); }",
        selector,
    )


class TestQuoting:
    @pytest.mark.journey
    def test_selected_text_is_quoted_in_the_reply(self, post, bob, dora):
        comment = make_comment(
            post,
            author=dora,
            body="One *fine* day.\n\nTwo `a*b` lines\nof it.\n\n- a\n  1. c\n- b\n\n> before\n\nLast.",
        )
        page = bob.open(post.get_absolute_url())
        select(page, f"#comment-{comment.pk} .comment-body")
        page.wait_for_selector("button.quoting")
        assert bob.faults() == []
        page.click("button.quoting")
        field = page.locator(f"#comment-{comment.pk} + .composing {FIELD}")
        field.wait_for()
        expected = "> One *fine* day.\n>\n> Two `a*b` lines\n> of it.\n>\n> - a\n>   1. c\n> - b\n>\n> > before\n>\n> Last.\n\n"
        expect(field).to_have_value(expected)
        assert field.evaluate("field => [field === document.activeElement, field.selectionStart]") == [
            True,
            len(expected),
        ]
        assert page.locator("button.quoting").count() == 0
        page.keyboard.type("So it was.")
        page.locator(f"#comment-{comment.pk} + .composing >> text=Post reply").click()
        page.wait_for_url("**#comment-*")  # whatever the spam filter thinks of so much text in so little time
        answer = Comment.objects.get(parent=comment)
        assert answer.body == expected + "So it was."
        assert answer.html.count("<blockquote>") == 2
        assert bob.complaints == []

    def test_a_second_quotation_comes_behind_what_is_written(self, post, bob, dora):
        comment = make_comment(post, author=dora, body="First.\n\nSecond.")
        page = bob.open(post.get_absolute_url())
        body = f"#comment-{comment.pk} .comment-body"
        select(page, f"{body} p:nth-of-type(2)")
        page.click("button.quoting")
        expect(page.locator(f"#comment-{comment.pk} + .composing {FIELD}")).to_have_value("> Second.\n\n")
        page.keyboard.type("Yes.")
        select(page, f"{body} p:nth-of-type(1)")
        page.click("button.quoting")
        assert (
            page.input_value(f"#comment-{comment.pk} + .composing {FIELD}")
            == "> Second.\n\nYes.\n\n> First.\n\n"
        )

    def test_the_key_quotes_the_first_paragraph_of_the_comment_one_is_on(self, post, bob, dora):
        comment = make_comment(post, author=dora, body="First\\*.\n\nSecond.")
        page = bob.open(post.get_absolute_url())
        page.keyboard.press("j")
        page.keyboard.press("q")
        expect(page.locator(f"#comment-{comment.pk} + .composing {FIELD}")).to_have_value("> First\\*.\n\n")

    def test_where_nobody_can_answer_nothing_is_quoted(self, post, bob, dora):
        comment = make_comment(post, author=dora)
        type(post).objects.update(comments_open=False)
        page = bob.open(post.get_absolute_url())
        select(page, f"#comment-{comment.pk} .comment-body")
        page.wait_for_timeout(500)
        assert page.locator("button.quoting").count() == 0


class TestNames:
    @pytest.fixture
    def people(self, dora):
        return [dora, make_member("dorothea"), make_member("kit", display_name="Kit Dorn")]

    @pytest.mark.journey
    def test_a_name_is_completed_with_the_keyboard_alone(self, post, bob, people):
        make_comment(post, author=people[2])
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "Hello @do")
        page.wait_for_selector("[role=listbox]")
        field = page.locator(FIELD)
        options = page.locator("[role=option]")
        assert options.all_inner_texts() == [
            "K\nKit Dorn @kit",
            "D\nDora Bell @dora",
            "D\ndorothea @dorothea",
        ]
        assert field.get_attribute("aria-activedescendant") == "name-kit"
        assert page.locator("form p.vh[role=status]", has_text="3 names. Arrow keys to choose").count() == 1
        assert bob.faults() == []
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        assert field.get_attribute("aria-activedescendant") == "name-dorothea"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        assert page.input_value(FIELD) == "Hello @dora "
        assert page.locator("[role=listbox]").count() == 0
        assert field.get_attribute("aria-controls") is None
        page.keyboard.type("and @kit")
        page.wait_for_selector("[role=listbox]")
        page.keyboard.press("Tab")
        assert page.input_value(FIELD) == "Hello @dora and @kit "
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("text=Posted.")
        assert page.locator(".comment-body a").all_inner_texts() == ["@Dora Bell", "@Kit Dorn"]
        assert bob.complaints == []

    def test_escape_leaves_what_is_typed(self, post, bob, people):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "@dor")
        page.wait_for_selector("[role=listbox]")
        page.keyboard.press("Escape")
        page.keyboard.type("a")
        page.wait_for_timeout(400)
        assert page.locator("[role=listbox]").count() == 0
        page.keyboard.press("Enter")
        assert page.input_value(FIELD) == "@dora\n"

    def test_without_a_letter_the_participants_are_offered_and_enter_stays_enter(self, post, bob, people):
        make_comment(post, author=people[0])
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "@")
        page.wait_for_selector("[role=listbox]")
        assert [text.split("\n")[1] for text in page.locator("[role=option]").all_inner_texts()] == [
            "Nora Lind @nora",
            "Dora Bell @dora",
        ]
        page.keyboard.press("Enter")
        assert page.input_value(FIELD) == "@\n"

    def test_a_tap_takes_a_name(self, post, bob, people):
        page = bob.open(post.get_absolute_url())
        page.set_viewport_size({"width": 320, "height": 700})
        page.type(FIELD, "@doro")
        page.click("[role=option] >> text=dorothea")
        assert page.input_value(FIELD) == "@dorothea "
        assert page.evaluate("document.activeElement.matches('textarea[data-words]')")

    def test_mail_addresses_and_strangers_are_left_alone(self, post, bob, visit, people):
        page = bob.open(post.get_absolute_url())
        page.type(FIELD, "ann@dor")
        page.wait_for_timeout(400)
        assert page.locator("[role=listbox]").count() == 0
        stranger = visit()
        page = stranger.open(post.get_absolute_url())
        page.type(FIELD, "@dor")
        page.wait_for_timeout(400)
        assert page.locator("[role=listbox]").count() == 0
        assert stranger.complaints == []


@pytest.mark.parametrize("javascript", [False, True], ids=["without scripts", "with scripts"])
def test_a_flood_is_turned_into_one_comment(visit, post, settings, javascript):
    settings.COMMENT_RATES = {"member": [(1, 60)], "host": []}
    make_member("bob")
    bob = visit(javascript=javascript)
    bob.sign_in("bob")
    page = bob.open(post.get_absolute_url())
    page.fill(FIELD, "First.")
    page.click("text=Post comment")
    page.wait_for_selector("text=Posted.")
    page.fill(FIELD, "And *more*.")
    page.click("text=Post comment")
    page.wait_for_selector("text=You don’t have to wait.")
    assert page.input_value(FIELD) == "And *more*."
    assert javascript is False or bob.faults() == []
    page.click("text=Add this to it")
    page.wait_for_selector("text=Added to your comment.")
    assert [comment.body for comment in Comment.objects.all()] == ["First.\n\nAnd *more*."]
    if javascript:
        assert kept(page) == []


def test_earlier_versions_can_be_read_by_everyone(visit, post, dora):
    from comments.services.writing import edit_comment  # noqa: PLC0415

    comment = make_comment(post, author=dora, body="Seven spoons.", created_at=dora.date_joined)
    edit_comment(comment, body="Eight spoons, and @dora.", by=dora)
    reader = visit(width=320, scheme="dark")
    page = reader.open(f"/comments/{comment.pk}/history/")
    assert page.locator(".diff del").all_text_contents() == ["[removed: Seven end]"]
    assert page.locator(".diff ins").all_text_contents() == ["[added: Eight end]", "[added: , and @dora end]"]
    assert reader.faults() == []
