"""Images, reports and appeals in the API: through the services of the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comments.models import Comment, CommentPicture
from moderation.models import Appeal, Decision, Report
from moderation.services.decisions import decide
from posts.models.editing import Upload
from tests.api.access import program_of
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post
from tests.transfer.blogs import picture

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def send(program, path: str, **sent):
    return program.client.post(f"/api/v1/{path}", sent, headers=program.headers)


def test_a_picture_is_sent_first_and_named_in_the_comment(member, post):
    program = program_of(member, "write")
    said = send(program, "pictures", picture=SimpleUploadedFile("a.jpg", picture()), alt="A loaf")
    made = CommentPicture.objects.get()
    assert (said.status_code, said.json()["markdown"]) == (201, f"![A loaf](picture:{made.pk})")
    assert (said.json()["width"], said.json()["url"]) == (600, f"http://testserver{made.file.url}")
    written = program.post(f"posts/{post.slug}/comments", {"body": said.json()["markdown"]})
    assert (written.status_code, Comment.objects.get(pictures=made).author) == (201, member)


def test_what_is_no_picture_is_said_at_the_field(member):
    program = program_of(member, "write")
    for sent in ({"picture": SimpleUploadedFile("a.jpg", b"text")}, {"alt": "x"}):
        said = send(program, "pictures", **sent)
        assert (said.status_code, [one["field"] for one in said.json()["errors"]]) == (422, ["picture"])
    assert (
        send(program_of(member), "pictures", picture=SimpleUploadedFile("a.jpg", picture())).status_code
        == 403
    )


def test_a_file_for_a_post_comes_with_the_html_that_shows_it():
    program = program_of(make_host(), "host")
    said = send(program, "uploads", file=SimpleUploadedFile("a.jpg", picture()), alt="A loaf").json()
    made = Upload.objects.get()
    assert (
        said["html"] == f'<figure><img src="{made.file.url}" alt="A loaf" width="600" height="400"></figure>'
    )
    said = send(program, "uploads", file=SimpleUploadedFile("b.pdf", b"%PDF-1.4\n")).json()
    assert (said["kind"], said["html"].startswith('<p><a class="file" href="')) == ("file", True)
    assert send(program_of(make_member("mia"), "write"), "uploads", file=SimpleUploadedFile("a.jpg", picture())).status_code == 403  # fmt: skip


def test_a_comment_is_reported_once(member, post):
    comment = make_comment(post, make_member("spammer"))
    program = program_of(member, "write")
    path = f"comments/{comment.pk}/reports"
    assert program.post(path, {"reason": "other"}).json()["errors"][0]["field"] == "note"
    assert program.post(path, {}).json()["errors"][0]["field"] == "reason"
    assert [program.post(path, {"reason": "spam"}).status_code for _try in range(2)] == [201, 200]
    assert Report.objects.get().reporter == member
    own = make_comment(post, member)
    assert program.post(f"comments/{own.pk}/reports", {"reason": "spam"}).status_code == 403


def test_an_appeal_goes_to_another_moderator_and_is_answered(member):
    moderator, other = make_moderator("mo"), make_moderator("ma")
    comment = make_comment(make_post(), member)
    decide(comment, Decision.Action.REMOVE, by=moderator)
    decision = Decision.objects.get()
    program = program_of(member, "write")
    [listed] = program.get("me/decisions").json()["items"]
    assert (listed["id"], listed["may_appeal"], listed["appeal"]) == (decision.pk, True, None)
    path = f"me/decisions/{decision.pk}/appeal"
    assert program.post(path, {}).json()["errors"][0]["field"] == "text"
    assert program.post(path, {"text": "It was a joke."}).status_code == 201
    assert program_of(make_member("else"), "write").post(path, {"text": "x"}).status_code == 404
    [waiting] = program_of(other, "moderate").get("moderation/appeals").json()["items"]
    assert (waiting["text"], waiting["state"], waiting["comment"]) == ("It was a joke.", "open", comment.pk)
    answer = {"verdict": "grant", "answer": "So it was."}
    path = f"moderation/appeals/{waiting['id']}/answer"
    assert program_of(moderator, "moderate").post(path, answer).status_code == 403
    assert program_of(other, "moderate").post(path, answer).json()["state"] == "granted"
    assert program_of(other, "moderate").post(path, answer).status_code == 409
    said = [one["appeal"]["state"] for one in program.get("me/decisions").json()["items"] if one["appeal"]]
    assert said == ["granted"]
    assert (Comment.objects.get(pk=comment.pk).is_public, Appeal.objects.get().answer) == (True, "So it was.")
