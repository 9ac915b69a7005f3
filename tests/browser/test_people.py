"""Moderation of members, as all of them see it: reports, hiding, suspension, appeal, and the public log."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format

from comments.models import Comment
from moderation.models import Appeal, Restriction
from moderation.services.members import ban, make_appeal, set_level, suspend
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post
from tests.moderation.helpers import make_report

pytestmark = pytest.mark.django_db(transaction=True)

UNKIND = "Whoever nods at this is a fool."


def test_from_a_report_to_the_log(visit, site):
    post = make_post(author=make_host("nora"), title="The empty chair")
    comment = make_comment(post=post, author=make_member("lenny"), body=UNKIND)
    carol, dave = make_moderator("carol"), make_moderator("dave")
    for name in ("ada", "ben", "cleo"):
        set_level(make_member(name), 2, by=carol, words="Known for years.")

    for name, said in (
        ("ada", "A moderator will review it."),
        ("ben", "A moderator will review it."),
        ("cleo", "Others reported it too"),
    ):
        reporter = visit(javascript=name != "ben")
        reporter.sign_in(name)
        page = reporter.open(post.get_absolute_url())
        page.locator(f"#comment-{comment.pk} a", has_text="Report").click()
        page.check("[name=reason][value=unkind]")
        page.locator("text=Send report").click()
        page.locator(f"text={said}").wait_for()
        assert (page.locator(f"text={UNKIND}").count(), reporter.complaints, reporter.foreign) == (
            name != "cleo",
            [],
            [],
        )
    assert Comment.objects.get().status == "held"

    moderator = visit(width=360)
    moderator.sign_in("carol")
    page = moderator.open("/moderation/")
    page.locator(".badge", has_text="Reported by several members").first.wait_for()
    page.locator("text=Suspend, trust level, notes").click()
    page.select_option("#restrict_length", "3")
    page.locator("button:has-text('Suspend or ban')").click()
    page.locator("text=Choose a reason or write a message.").wait_for()
    page.select_option("#restrict_text", label="Unkind")
    page.fill("#restrict_words", "Three days to cool down, Lenny.")
    page.locator("button:has-text('Suspend or ban')").click()
    page.locator("text=Done. They’ve been notified by email and can appeal.").wait_for()
    assert page.locator("main .badge", has_text="Suspended").count() == 1
    assert [message.to for message in mail.outbox] == [["lenny@example.org"]]

    lenny = visit(javascript=False, width=360, scheme="dark")
    lenny.sign_in("lenny")
    page = lenny.open(post.get_absolute_url())
    page.locator("text=You can read, but you can’t post until").wait_for()
    page.locator("text=Three days to cool down, Lenny.").wait_for()
    assert (page.locator("#talk textarea").count(), page.locator(".acts a").all_inner_texts()) == (
        0,
        ["Who was notified", "Delete", "More…"],
    )
    page.locator("text=My account status, and how to appeal").click()
    page.locator("section[aria-labelledby=s-restrictions] a", has_text="Appeal").click()
    page.fill("[name=words]", "I had misread her, and said so.")
    page.locator("text=Send appeal").click()
    page.locator("text=Your appeal has been sent to the moderators.").wait_for()

    page = moderator.open(f"/moderation/appeals/{Appeal.objects.get().pk}/")
    page.locator("text=This was your own decision. Another moderator has to answer.").wait_for()
    colleague = visit()
    colleague.sign_in(dave.username)
    page = colleague.open("/moderation/appeals/")
    page.locator("main ol a", has_text="lenny").click()
    page.fill("[name=answer]", "Take your seat again, Lenny.")
    page.locator("button:has-text('Accept')").click()
    page.locator("text=Answer sent. The member gets it by email.").wait_for()
    assert not Restriction.objects.in_force().exists()

    page = lenny.open("/members/me/standing/")
    page.locator("text=Take your seat again, Lenny.").wait_for()
    assert lenny.open(post.get_absolute_url()).locator("#talk textarea").count() == 1
    log = visit().open("/moderation/log/").locator("main ol li > p:first-child").all_inner_texts()
    until = date_format(timezone.localtime(Restriction.objects.get().ends_at), "DATE_FORMAT")
    assert log == [
        "dave: an appeal accepted",
        "dave: a suspension lifted: Unkind",
        f"carol: a member suspended until {until}: Unkind",
    ]
    for person in (moderator, lenny, colleague):
        # The invalid form was answered with this status, which the browser logs.
        assert ([words for words in person.complaints if "status of 422" not in words], person.foreign) == (
            [],
            [],
        )


def test_no_page_about_people_shuts_anybody_out(visit, site):
    host, carol = make_host("nora"), make_moderator("carol")
    post, wanda, mia = (
        make_post(author=host),
        make_member("wanda", bio="Watches, all of them."),
        make_member("mia"),
    )
    comment = make_comment(post=post, author=wanda)
    make_report(make_comment(post=post, author=mia), reporter=wanda)
    rest = suspend(mia, by=carol, ends_at=timezone.now() + timedelta(days=3), words="Three days.")
    appeal = make_appeal(wanda, ban(wanda, by=host, words="Only sells watches."), "I mend them.")
    found = {}

    def look(visitor, path, send=""):
        page = visitor.open(path)
        if send:  # bypass the browser's own validation of an empty field, to reach ours
            page.evaluate(
                "document.querySelectorAll('main form').forEach(form => { form.noValidate = true })"
            )
            page.locator(f"main button:text-is('{send}')").click()
            page.locator(".errorlist, [role=alert]").first.wait_for()
        found[visitor, path] = visitor.faults()

    roles = {
        "": ["/moderation/log/", "/members/wanda/"],
        "wanda": [post.get_absolute_url(), "/members/me/standing/", "/members/wanda/", "/members/me/edit/", f"/comments/{comment.pk}/edit/"],
        "mia": [post.get_absolute_url(), (f"/members/me/standing/restrictions/{rest.pk}/", "Send appeal")],
        "carol": [
            "/moderation/people/", "/moderation/appeals/", ("/moderation/people/mia/", "Suspend or ban"), ("/moderation/places/", "Block"),
            (f"/comments/{comment.pk}/report/", "Send report"), "/members/me/standing/",
        ],
        "nora": ["/moderation/figures/", (f"/moderation/appeals/{appeal.pk}/", "Accept"), "/moderation/people/wanda/", "/members/wanda/"],
    }  # fmt: skip
    for name, places in roles.items():
        visitor = visit(width=320, scheme="dark")
        if name:
            visitor.sign_in(name)
        for place in places:
            look(visitor, *(place if isinstance(place, tuple) else (place,)))
    assert {path: faults for (_visitor, path), faults in found.items() if faults} == {}
