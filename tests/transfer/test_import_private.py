"""Content that was not public on the old site is imported as a draft, and the report says so."""

from datetime import UTC, datetime

import pytest

from notifications.models import Subscriber
from posts.models import Post
from tests.factories import make_host
from tests.transfer.blogs import run, written, zipped
from tests.transfer.test_import_readers import ghost

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

NOT_PUBLIC = "A post that was not public there becomes a draft: “Diary”."
PRIVATE = "A private or password-protected post becomes a draft: “Diary”."
EXPIRED = "A post that had expired there becomes a draft: “Diary”."
NO_PAGE = "A post that had no page of its own there becomes a draft: “Diary”."


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def bring(tmp_path, head: str) -> list[str]:
    """Import a Markdown file with this front matter; return the messages about it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "diary.md").write_text(f"---\ntitle: Diary\ndate: 2012-01-01\n{head}\n---\nSecret.\n")
    return run(site)[1:]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        *[(head, []) for head in ["draft: true", 'draft: "yes"', "status: draft", 'published: "false"',
                                  "published: 'no'", "published: 0", "published: off", "publish: false"]],
        *[(head, [NOT_PUBLIC]) for head in ["status: private", "status: pending", "status: [published]", "status: scheduled",
                                            "visibility: private", "access: private", "public: no"]],
        *[(head, [PRIVATE]) for head in ["private: true", "password: swordfish", "protected: yes"]],
        *[(head, [EXPIRED]) for head in ["expiryDate: 2015-01-01", "unpublishDate: 2015-01-01T12:00:00Z"]],
        *[(head, [NO_PAGE]) for head in ["headless: true", "build: {render: never, list: never}", "_build: {render: false}",
                                         "permalink: false", "render: false"]],
        ("params: {status: private}", [NOT_PUBLIC]),
        *[(head, ["A post with an expiry date that can’t be read becomes a draft: “Diary”."])
          for head in ["expiryDate: 2999-13-45", "unpublishDate: [2999]", "expires: next spring"]],
        ("publishDate: 2199-13-45", ["A post without a readable date becomes a draft: “Diary”."]),
    ],
)  # fmt: skip
def test_markdown_that_was_not_public_becomes_a_draft(tmp_path, head, said):
    assert bring(tmp_path, head) == [
        *said,
        "1 post imported, as a draft.",
    ]
    assert Post.objects.get().published_at is None


@pytest.mark.parametrize(
    "head",
    ["draft: false", "draft: 'no'", "draft:", "published: true", "published: 2012-01-01", "status: published", "status: Publish",
     "visibility: public", "expiryDate: 2999-01-01", "expiryDate:", "expires: never",
     "unpublishDate: 0001-01-01T00:00:00Z", "headless: false", "build: {render: always, list: always}", "permalink: /diary/"],
)  # fmt: skip
def test_markdown_that_was_public_is_public(tmp_path, head):
    assert bring(tmp_path, head) == ["1 post imported."]
    assert Post.objects.get().published_at == datetime(2012, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("head", ["visibility: unlisted", "build: {list: never}", "hidden: true"])
def test_markdown_that_was_in_no_list_is_in_none(tmp_path, head):
    bring(tmp_path, head)
    post = Post.objects.get()
    assert (post.visibility, post.published_at is not None) == ("unlisted", True)


def test_markdown_for_members_stays_theirs(tmp_path):
    bring(tmp_path, "visibility: members")
    post = Post.objects.get()
    assert (post.visibility, post.published_at is not None) == ("members", True)


def test_markdown_that_is_planned_stays_planned(tmp_path):
    bring(tmp_path, "publishDate: 2199-01-01\nstatus: scheduled")
    assert Post.objects.get().published_at == datetime(2199, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("status", ["scheduled", "published", "sent"])
def test_what_ghost_sends_by_email_alone_becomes_a_draft(tmp_path, status):
    post = {"status": status, "published_at": "2199-03-04T05:06:07.000Z"}
    export = ghost(post, posts_meta=[{"post_id": "1", "email_only": 1}])
    assert "An email-only post becomes a draft: “Post 1”." in run(written(tmp_path / "ghost.json", export))
    assert Post.objects.get().published_at is None


@pytest.mark.parametrize(
    ("audience", "visibility", "is_out"),
    [("everyone", "public", True), ("only_free", "members", True), ("only_paid", "public", False),
     ("founding", "public", False), ("friends", "public", False)],
)  # fmt: skip
def test_posts_of_substack_keep_their_audience(tmp_path, audience, visibility, is_out):
    table = f"post_id,post_date,is_published,type,audience,title\n1.diary,2021-03-04,true,newsletter,{audience},Diary\n"
    run(zipped(tmp_path / "substack.zip", {"posts.csv": table, "posts/1.diary.html": "<p>Secret.</p>"}))
    post = Post.objects.get()
    assert (post.visibility, post.published_at is not None) == (visibility, is_out)


def test_a_post_of_substack_without_its_text_becomes_a_draft(tmp_path):
    table = "post_id,post_date,is_published,type,audience,title\n1.bread,2021-03-04,true,newsletter,everyone,Bread\n"
    assert run(zipped(tmp_path / "substack.zip", {"posts.csv": table}))[1:] == [
        "A post without text becomes a draft: “Bread”.",
        "The text of a post is not in the export: “Bread”.",
        "1 post imported, as a draft.",
    ]
    assert Post.objects.get().published_at is None


def test_who_left_a_list_of_ghost_is_no_subscriber_however_that_is_written(tmp_path):
    members = [
        {"id": str(number), "email": f"{number}@example.org", "created_at": "2024-01-02T10:00:00Z", **said}
        for number, said in enumerate(
            [{"subscribed": 0}, {"subscribed": False}, {"subscribed": 1}, {}, {"email_disabled": 1}]
        )
    ]
    said = run(written(tmp_path / "ghost.json", ghost({}, members=members)), subscribers=True)
    assert list(Subscriber.objects.order_by("email").values_list("email", flat=True)) == [
        "2@example.org",
        "3@example.org",
    ]
    assert "Left out: subscribers who get no emails: 3." in said


@pytest.mark.parametrize(
    ("cascade", "drafts"),
    [
        ("cascade: {draft: true}", ["Diary", "Deep"]),
        ("cascade:\n- build: {render: never}\n  target: {path: /diary/deep/**}", ["Deep"]),
        ("cascade:\n- {_target: {kind: section}, draft: true}\n- nonsense", []),
        ("cascade: 7", []),
    ],
)
def test_what_a_section_hands_down_holds_for_the_pages_below_it(tmp_path, cascade, drafts):
    page = "---\ntitle: %s\ndate: 2012-01-01\n%s---\nText."
    run(
        zipped(
            tmp_path / "site.zip",
            {
                "site/hugo.toml": "",
                "site/content/diary/_index.md": f"---\ntitle: Diary\n{cascade}\n---\n",
                "site/content/diary/one.md": page % ("Diary", ""),
                "site/content/diary/deep/two.md": page % ("Deep", ""),
                "site/content/diary/own.md": page % ("Own", "draft: false\nbuild: {render: always}\n"),
                "site/content/posts/other.md": page % ("Other", ""),
            },
        )
    )
    assert list(
        Post.objects.filter(published_at=None).order_by("-title").values_list("title", flat=True)
    ) == sorted(drafts, reverse=True)
