"""Writing through the API: with the forms, services, limits and checks of the pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from moderation.models import Assessment, Decision
from moderation.services.members import suspend
from moderation.services.reports import report_comment
from posts.models import Post, PostRevision
from tests.api.access import Program, make_token, program_of
from tests.factories import make_comment, make_host, make_member, make_post

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def errors(response):
    return {one["field"]: one["message"] for one in response.json()["errors"]}


# --- comments ---------------------------------------------------------------------------------


def test_the_answer_says_who_will_be_notified_and_who_cannot_be(member, other_member, host, post):
    asked = make_comment(post, other_member)
    response = program_of(member, "write").post(
        f"posts/{post.slug}/comments", {"body": "I agree, @bob and @nobody-here.", "parent": asked.pk}
    )
    said = response.json()
    comment = Comment.objects.latest("pk")
    assert (response.status_code, said["comment"]["id"], said["comment"]["status"]) == (
        201,
        comment.pk,
        "public",
    )
    assert (comment.parent_id, comment.author, said["comment"]["source"]) == (
        asked.pk, member, "I agree, @bob and @nobody-here."
    )  # fmt: skip
    assert said["notifications"] == {
        "will_be_notified": [
            {"name": "bob", "how": "email"},
            {"name": "nora", "how": "email"},
        ],
        "cannot_be_notified": [],
        "followers": 0,
        "once_approved": False,
    }


def test_a_guest_of_the_old_blog_cannot_be_notified_and_it_says_why(member, post):
    comment = make_comment(post)
    Comment.objects.filter(pk=comment.pk).update(author=None, guest_name="Gus")
    said = program_of(member, "write").post(
        f"posts/{post.slug}/comments", {"body": "Hello Gus.", "parent": comment.pk}
    )
    [told] = said.json()["notifications"]["cannot_be_notified"]
    assert (told["name"], bool(told["why"])) == ("Gus", True)


def test_a_preview_stores_nothing(member, other_member, post):
    asked = make_comment(post, other_member)
    said = program_of(member, "write").post(
        f"posts/{post.slug}/comments/preview", {"body": "So *true*.", "parent": asked.pk}
    )
    assert "<em>true</em>" in said.json()["html"]
    assert "bob" in [one["name"] for one in said.json()["notifications"]["will_be_notified"]]
    assert Comment.objects.count() == 1


def test_one_comment_replies_to_several(member, post):
    first, second = make_comment(post), make_comment(post)
    response = program_of(member, "write").post(
        f"posts/{post.slug}/comments", {"body": "To both.", "parent": first.pk, "also": [second.pk]}
    )
    comment = Comment.objects.get(pk=response.json()["comment"]["id"])
    assert [row.answered for row in comment.additional_parents.all()] == [second]


def test_the_same_text_sent_twice_is_posted_once(member, post):
    program = program_of(member, "write")
    first, second = (program.post(f"posts/{post.slug}/comments", {"body": "Once."}) for _try in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["comment"]["id"] == second.json()["comment"]["id"]


def test_spam_is_held_as_on_the_page(post):
    newcomer = make_member(date_joined=timezone.now())
    response = program_of(newcomer, "write").post(
        f"posts/{post.slug}/comments",
        {"body": "Best casino bonus! https://casino-win-777.example/ Click now!!!"},
    )
    said = response.json()
    assert (response.status_code, said["comment"]["status"], said["notifications"]["once_approved"]) == (
        201, "held", True
    )  # fmt: skip
    assert said["why_held"] != []
    assert Assessment.objects.filter(comment=said["comment"]["id"]).exists()


def test_the_limits_of_the_page_hold(member, post, settings):
    settings.RATE_LIMITS = True
    settings.COMMENT_RATES = settings.COMMENT_RATES | {"member": [(2, 3600)]}
    program = program_of(member, "write")
    answers = [program.post(f"posts/{post.slug}/comments", {"body": f"Number {i}."}) for i in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 429]
    assert (answers[2].json()["code"], int(answers[2]["Retry-After"]) > 3000) == ("too_fast", True)


def test_what_is_wrong_is_said_at_the_field(member, post, host):
    program = program_of(member, "write")
    path = f"posts/{post.slug}/comments"
    assert errors(program.post(path, {"body": "  "})) == {"body": "Write something first."}
    assert errors(program.post(path, {"body": "Hi.", "parent": 999}))["parent"].startswith("The comment you")
    assert errors(program.post(path, {"body": 3, "parnet": 1})) == {
        "body": "Enter text.", "parnet": "There’s no such field."
    }  # fmt: skip
    assert program.post(path, {"body": "a\ud800b"}).status_code == 400  # half a surrogate pair
    assert "body" in errors(program.post(path, {"body": "a\x00b"}))
    response = program.post(path, {"body": "x" * 20_001})
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    Post.objects.filter(pk=post.pk).update(comments_open=False)
    assert program.post(path, {"body": "Late."}).status_code == 409
    assert Comment.objects.count() == 0


def test_members_who_may_not_write_get_a_problem_document(member, moderator, post):
    suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=3), words="Rest.")
    response = program_of(member, "write").post(f"posts/{post.slug}/comments", {"body": "Still here."})
    assert (response.status_code, response.json()["code"]) == (403, "may_not_write")


def test_a_comment_is_edited_and_deleted_by_its_author_alone(member, other_member, post):
    comment = make_comment(post, member)
    own, other = program_of(member, "write"), program_of(other_member, "write")
    assert [
        other.patch(f"comments/{comment.pk}", {"body": "Mine now."}).status_code,
        other.delete(f"comments/{comment.pk}").status_code,
    ] == [403, 403]
    said = own.patch(f"comments/{comment.pk}", {"body": "Better, @bob."}).json()
    assert [one["name"] for one in said["notifications"]["will_be_notified"]] == ["bob", "nora"]
    assert said["comment"]["source"] == "Better, @bob."
    assert own.delete(f"comments/{comment.pk}").status_code == 204
    comment.refresh_from_db()
    assert comment.status == "deleted"
    assert own.delete(f"comments/{comment.pk}").status_code == 404


# --- posts ---------------------------------------------------------------------------------


def test_a_host_drafts_publishes_and_edits(host):
    program = program_of(host, "host")
    made = program.post("posts", {"title": "Rye", "body": "Some **rye**.", "tags": ["Bread", "Rye"]})
    post = Post.objects.get()
    assert (made.status_code, post.slug, post.author, post.published_at) == (201, "rye", host, None)
    assert "<strong>rye</strong>" in post.body
    assert Program().get("posts/rye").status_code == 404
    assert [one["slug"] for one in program.get("posts?drafts=true").json()["items"]] == ["rye"]
    published = program.patch("posts/rye", {"status": "published", "summary": "About rye."})
    assert (published.status_code, Program().get("posts/rye").json()["summary"]) == (200, "About rye.")
    was = Post.objects.get().published_at
    renamed = program.patch("posts/rye", {"slug": "rye-bread", "title": "Rye bread"})
    post = Post.objects.get()
    assert (renamed.json()["slug"], post.published_at, sorted(post.tags.values_list("name", flat=True))) == (
        "rye-bread", was, ["Bread", "Rye"]
    )  # fmt: skip
    assert PostRevision.objects.filter(post=post).count() == 3
    assert program.patch("posts/rye-bread", {"status": "draft"}).json()["published_at"] is None


def test_a_post_can_be_scheduled(host):
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    program = program_of(host, "host")
    program.post("posts", {"title": "Soon", "status": "published", "publish_at": at.isoformat()})
    assert Post.objects.get().published_at == at
    late = program.post(
        "posts", {"title": "Late", "status": "published", "publish_at": "2001-01-01T00:00:00Z"}
    )
    assert errors(late) == {"publish_at": "This time has passed. Choose a later one, or “Now”."}


def in_two_days(**changed):
    return (timezone.now() + timedelta(days=2)).replace(microsecond=0, **changed)


def test_a_moment_with_an_offset_is_that_moment_whatever_the_clocks_here_do(host, settings, time_machine):
    settings.TIME_ZONE = "Europe/Berlin"  # where 02:30 occurs twice in that night
    time_machine.move_to(datetime(2027, 10, 1, tzinfo=UTC))
    program, sent = program_of(host, "host"), {"title": "Night", "status": "published"}
    moments = ["2027-10-31T00:30:00Z", "2027-10-31T01:30:00+00:00", "2027-10-31T02:30:00+02:00"]
    for at in moments:
        said = program.post("posts", sent | {"publish_at": at})
        assert (said.status_code, Post.objects.latest("pk").published_at) == (201, datetime.fromisoformat(at))
    unclear = program.post("posts", sent | {"publish_at": "2027-10-31T02:30:00"})
    assert "happens twice" in errors(unclear)["publish_at"]


def test_a_scheduled_post_can_be_published_now_moved_or_left(host):
    program, at = program_of(host, "host"), in_two_days()
    program.post("posts", {"title": "Soon", "status": "published", "publish_at": at.isoformat()})
    program.patch("posts/soon", {"title": "Sooner"})
    assert Post.objects.get().published_at == at
    later = at + timedelta(hours=1)
    assert program.patch("posts/soon", {"publish_at": later.isoformat()}).status_code == 200
    assert Post.objects.get().published_at == later
    assert program.patch("posts/soon", {"status": "published"}).status_code == 200
    post = Post.objects.get()
    assert (post.is_published, Program().get("posts/soon").status_code) == (True, 200)
    same = {"title": "Was soon", "publish_at": post.published_at.isoformat()}
    assert program.patch("posts/soon", same).status_code == 200
    assert Post.objects.get().published_at == post.published_at


def test_a_draft_has_no_time(host):
    program, at = program_of(host, "host"), in_two_days().isoformat()
    program.post("posts", {"title": "Rye"})
    said = "A draft has no publication time. To schedule it, also send the status “published”."
    refused = [
        program.patch("posts/rye", {"publish_at": at}),
        program.patch("posts/rye", {"publish_at": at, "status": "draft"}),
        program.post("posts", {"title": "Oats", "publish_at": at}),
    ]
    assert [(one.status_code, errors(one)) for one in refused] == [(422, {"publish_at": said})] * 3
    assert list(Post.objects.values_list("slug", "published_at")) == [("rye", None)]


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59", "1969-12-31T12:00:00Z"],
)
def test_times_at_the_ends_of_the_calendar_are_refused_at_the_field(at, host, post):
    program, sent = program_of(host, "host"), {"publish_at": at, "status": "published"}
    for refused in (
        program.post("posts", sent | {"title": "Ends"}),
        program.patch(f"posts/{post.slug}", sent),
    ):
        assert errors(refused) == {"publish_at": "Choose a year from 1970 to 2999."}


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_forms_are_refused_before_anything_reads_them(kind, member, post):
    key, body = make_token(member, "write"), b'{"body": "Hello."}'
    for method in ("post", "patch", "put", "delete"):
        said = getattr(Client(), method)(
            f"/api/v1/posts/{post.slug}/comments",
            body,
            content_type=kind,
            headers={"Authorization": f"Bearer {key}"},
        )
        assert (said.status_code, said["Content-Type"]) == (415, "application/problem+json")
        assert said.json()["detail"] == "Send JSON, with the header “Content-Type: application/json”."
    assert Comment.objects.count() == 0


def make_writer(*permissions: str) -> User:
    writer = make_member(is_staff=True)
    writer.user_permissions.set(
        Permission.objects.filter(codename__in=["add_post", "change_post", *permissions])
    )
    return writer


@pytest.mark.parametrize(
    ("permissions", "draft", "live", "edit_draft", "edit_live"),
    [
        (["publish_post"], 404, 200, 404, 403),
        (["publish_post", "view_page"], 200, 200, 403, 403),
        (["publish_post", "change_page"], 200, 200, 200, 200),
        (["change_page"], 404, 200, 404, 403),
    ],
)
def test_pages_are_for_those_who_have_them_in_the_admin(
    permissions, draft, live, edit_draft, edit_live, host
):
    for slug, at in (("plan", None), ("about", timezone.now())):
        make_post(host, slug=slug, title=slug, kind="page", published_at=at)
    program = program_of(make_writer(*permissions), "host")
    read = [program.get(f"posts/{slug}") for slug in ("plan", "about")]
    changed = [program.patch(f"posts/{slug}", {"title": "Mine"}) for slug in ("plan", "about")]
    assert [one.status_code for one in read + changed] == [draft, live, edit_draft, edit_live]
    assert Post.objects.filter(title="Mine").count() == [edit_draft, edit_live].count(200)
    assert (read[1].json()["version"] is not None) == (edit_live == 200)


def test_the_web_address_is_for_those_who_publish(host):
    program = program_of(make_writer(), "host")
    said = {"slug": "Only people who publish posts can choose the web address."}
    assert errors(program.post("posts", {"title": "Rye", "slug": "best"})) == said
    made = program.post("posts", {"title": "Rye"})
    assert errors(program.patch("posts/rye", {"slug": "best"})) == said
    assert program.patch("posts/rye", {"slug": "rye", "title": "Oats"}).status_code == 200
    assert (made.status_code, list(Post.objects.values_list("slug", "title"))) == (201, [("rye", "Oats")])
    assert program_of(host, "host").patch("posts/rye", {"slug": "best"}).json()["slug"] == "best"


def test_a_change_over_somebody_elses_is_refused(host):
    program = program_of(host, "host")
    version = program.post("posts", {"title": "Rye", "body": "<p>One.</p>"}).json()["version"]
    assert program.patch("posts/rye", {"body": "<p>Two.</p>", "version": version}).status_code == 200
    refused = program.patch("posts/rye", {"body": "<p>Three.</p>", "version": version})
    assert (refused.status_code, Post.objects.get().body) == (422, "<p>Two.</p>")


def test_wrong_posts_are_refused_at_the_field(host, post):
    said = program_of(host, "host").post("posts", {"title": "", "slug": post.slug, "language": "xx"})
    assert {"title", "slug", "language"} == set(errors(said))


def test_members_write_no_posts(member, moderator, post):
    for who in (member, moderator):
        program = program_of(who, "host", "write", "moderate")
        assert program.post("posts", {"title": "Mine"}).status_code == 403
        assert program.patch(f"posts/{post.slug}", {"title": "Mine"}).status_code == 403
    assert program_of(make_host("otto"), "write").post("posts", {"title": "Mine"}).status_code == 403


# --- moderation ---------------------------------------------------------------------------------


def test_a_moderator_works_through_the_queue(moderator, member, other_member, post):
    held = make_comment(post, member, status="held", body="Hm.")
    reported = make_comment(post, other_member)
    report_comment(reported, reporter=member, reason="rude", note="Not nice.")
    program = program_of(moderator, "moderate")
    queue = program.get("moderation/queue").json()
    cases = {case["comment"]["id"]: case for case in queue["items"]}
    assert {*cases} == {held.pk, reported.pk}
    assert (cases[held.pk]["source"], cases[reported.pk]["reports"][0]["note"]) == ("Hm.", "Not nice.")
    approved = program.post(
        f"moderation/comments/{held.pk}/decision", {"action": "approve", "seen": queue["seen"]}
    )
    assert (approved.json()["decided"], approved.json()["comment"]["status"]) == (True, "public")
    program.post(f"moderation/comments/{reported.pk}/decision", {"action": "spam", "note": "Really."})
    decisions = Decision.objects.order_by("pk").values_list("comment", "action", "moderator", "note")
    assert list(decisions) == [
        (held.pk, "approve", moderator.pk, ""),
        (reported.pk, "spam", moderator.pk, "Really."),
    ]
    assert program.get("moderation/queue").json()["items"] == []


def test_a_moderator_does_not_decide_about_their_own_comment(moderator, post):
    own = make_comment(post, moderator, status="held")
    refused = program_of(moderator, "moderate").post(
        f"moderation/comments/{own.pk}/decision", {"action": "approve"}
    )
    assert (refused.status_code, "own comment" in refused.json()["detail"]) == (403, True)


def test_moderation_is_for_moderators_with_that_scope_and_a_second_step(moderator, member, post, settings):
    held = make_comment(post, status="held")
    path = f"moderation/comments/{held.pk}/decision"
    for who, scopes in ((member, ["moderate"]), (moderator, ["write"])):
        program = program_of(who, *scopes)
        assert program.get("moderation/queue").status_code == 403
        assert program.post(path, {"action": "approve"}).status_code == 403
    settings.REQUIRE_SECOND_STEP = True
    assert program_of(moderator, "moderate").get("moderation/queue").json()["code"] == "two_step"
    held.refresh_from_db()
    assert held.status == "held"
