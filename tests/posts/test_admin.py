"""Posts in the admin, through the admin's own forms."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.services.site_settings import save_settings
from core.utils import images
from notifications.models import Subscriber
from posts.models import Post, Tag
from posts.services.trash import purge_post, trash_post
from posts.signals import post_published
from tests.factories import make_comment, make_host, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db

LIST = "/admin/posts/post/"
ADD = "/admin/posts/post/add/"


def change_url(post: Post) -> str:
    return f"{LIST}{post.pk}/change/"


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


@pytest.fixture
def writer():
    """A staff user who may write posts, and nothing else."""
    user = make_member("wilma", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="posts"))
    return user


@pytest.fixture
def announced():
    """Return the announced posts, in order."""
    heard: list[Post] = []

    def hear(sender: type[Post], post: Post, **_kwargs: Any) -> None:
        heard.append(post)

    post_published.connect(hear)
    yield heard
    post_published.disconnect(hear)


def form_data(host, **fields: Any) -> dict[str, Any]:
    """Return the data that the form sends; published_at as a datetime or None."""
    at = fields.pop("published_at", None)
    data = {
        "title": "Tea",
        "slug": "tea",
        "summary": "",
        "body": "<p>Warm.</p>",
        "cover_alt": "",
        "author": host.pk,
        "comments_open": "on",
    } | fields
    local = timezone.localtime(at) if at else None
    return data | {
        "published_at_0": f"{local:%Y-%m-%d}" if local else "",
        "published_at_1": f"{local:%H:%M:%S}" if local else "",
    }


def data_of(post: Post, **fields: Any) -> dict[str, Any]:
    names = ["title", "slug", "summary", "body", "cover_alt", "published_at"]
    return form_data(post.author, **({name: getattr(post, name) for name in names} | fields))


# --- writing ------------------------------------------------------------------


def test_what_is_saved_is_a_draft_until_somebody_publishes_it(host_client, host, announced):
    assert host_client.post(ADD, form_data(host)).status_code == 302
    post = Post.objects.get()
    assert (post.title, post.slug, post.body, post.author, post.published_at) == (
        "Tea",
        "tea",
        "<p>Warm.</p>",
        host,
        None,
    )
    assert announced == []


def test_publish_now_publishes_and_announces_once(host_client, host, announced):
    host_client.post(ADD, form_data(host, _publish="1"))
    post = Post.objects.get()
    assert post.is_published
    assert announced == [post]
    at = post.published_at
    host_client.post(change_url(post), data_of(post, _publish="1"))
    post.refresh_from_db()
    assert post.published_at.replace(microsecond=0) == at.replace(microsecond=0)
    assert announced == [post]


def test_a_time_to_come_schedules_a_draft(host_client, host, announced):
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    host_client.post(ADD, form_data(host, published_at=at))
    post = Post.objects.get()
    assert (post.published_at, post.is_scheduled) == (at, True)
    assert announced == [post]


def test_a_scheduled_post_can_be_published_at_once_or_moved_without_a_second_word(
    host_client, host, announced
):
    post = make_post(host, published_at=timezone.now() + timedelta(days=2))
    later = (timezone.now() + timedelta(days=5)).replace(microsecond=0)
    host_client.post(change_url(post), data_of(post, published_at=later))
    post.refresh_from_db()
    assert post.published_at == later
    host_client.post(change_url(post), data_of(post, _publish="1"))
    post.refresh_from_db()
    assert post.is_published
    assert announced == []


def test_an_emptied_date_makes_a_draft_again(host_client, post):
    host_client.post(change_url(post), data_of(post, published_at=None))
    post.refresh_from_db()
    assert post.published_at is None


def test_an_edit_marks_the_post_as_changed_and_leaves_the_counters_alone(host_client, post, monkeypatch):
    long_ago = timezone.now() - timedelta(days=3)
    Post.objects.update(updated_at=long_ago)
    data = data_of(post, title="Tea again")
    original = Post.save

    def save_while_somebody_comments(self: Post, *args: Any, **kwargs: Any) -> None:
        Post.objects.filter(pk=post.pk).update(comment_count=7, thread_version=9)
        original(self, *args, **kwargs)

    monkeypatch.setattr(Post, "save", save_while_somebody_comments)
    host_client.post(change_url(post), data)
    post.refresh_from_db()
    assert (post.title, post.comment_count, post.thread_version) == ("Tea again", 7, 9)
    assert post.updated_at > long_ago


def test_the_body_is_cleaned_however_it_came_in(host_client, host):
    host_client.post(
        ADD,
        form_data(
            host,
            body='<p onclick="x()">Hello</p><script>alert(1)</script><p><a href="javascript:x()">y</a></p>',
        ),
    )
    assert Post.objects.get().body == '<p>Hello</p><p><a rel="noopener">y</a></p>'


def test_everything_that_the_toolbar_offers_is_kept(host_client, host):
    body = (
        "<h2>a</h2><h3>b</h3><h4>c</h4><p><strong>d</strong><em>e</em><s>f</s><sub>g</sub><sup>h</sup><code>i</code><br>"
        '<a href="https://example.org/" title="t" rel="noopener">j</a></p><blockquote><p>k</p></blockquote>'
        '<ul><li><p>l</p></li></ul><ol start="3"><li><p>m</p></li></ol><pre><code>n</code></pre><hr>'
    )
    host_client.post(ADD, form_data(host, body=body))
    assert Post.objects.get().body == body


def test_a_published_post_sent_without_title_and_address_comes_back_with_its_errors(host_client, post):
    page = host_client.post(change_url(post), {"title": "", "slug": "", "body": "<p>Kept.</p>"})
    assert page.status_code == 200
    assert "title" in page.context["adminform"].form.errors
    assert f'href="{post.get_absolute_url()}' in page.content.decode()
    assert "Kept." in page.content.decode()


def test_without_a_name_for_addresses_the_title_gives_one(host_client, host):
    make_post(host, title="Tea", slug="tea")
    assert host_client.post(ADD, form_data(host, slug="")).status_code == 302
    assert set(Post.objects.values_list("slug", flat=True)) == {"tea", "tea-2"}


def test_a_refused_form_keeps_what_was_written(host_client, host):
    response = host_client.post(ADD, form_data(host, title="", body="<p>Long work</p>"))
    assert response.status_code == 200
    assert "&lt;p&gt;Long work&lt;/p&gt;" in response.content.decode()
    assert not Post.objects.exists()


def test_tags_are_chosen_in_the_form(host_client, host):
    for name in ("Tea", "Bread", "Salt"):
        Tag.objects.create(name=name, slug=name.lower())
    host_client.post(ADD, form_data(host, tag_names="tea,  Bread , ,New  tag, bread"))
    assert {tag.name for tag in Post.objects.get().tags.all()} == {"Tea", "Bread", "New tag"}
    assert Tag.objects.count() == 4


def test_save_and_preview_leads_to_the_preview(host_client, host):
    response = host_client.post(ADD, form_data(host, _preview="1"), follow=True)
    assert response.redirect_chain == [("/posts/tea/preview/", 302)]
    assert response.status_code == 200


# --- authors ------------------------------------------------------------------


def test_authors_to_choose_are_the_staff_and_who_wrote_posts_or_pages(host_client, host):
    page, event = make_member("pia"), make_member("eve")
    make_post(page, kind="page")
    make_post(event, kind="event")
    offered = host_client.get(change_url(make_post(host))).context["adminform"].form.fields["author"].queryset
    assert {member.username for member in offered} == {"pia", host.username}


def test_a_writer_writes_in_the_own_name_only(signed_in, writer, host):
    host_client = signed_in(writer)
    assert 'name="author"' not in host_client.get(ADD).content.decode()
    host_client.post(ADD, form_data(host, title="Mine"))
    post = Post.objects.get()
    assert post.author == writer
    other = make_post(host)
    host_client.post(change_url(other), data_of(other, author=writer.pk))
    other.refresh_from_db()
    assert other.author == host


def test_the_owner_may_write_in_another_hosts_name(host_client, host):
    other, member = make_host("piet"), make_member("alice")
    host_client.post(ADD, form_data(other))
    assert Post.objects.get().author == other
    assert host_client.post(ADD, form_data(member, slug="two")).status_code == 200
    assert Post.objects.count() == 1


@pytest.mark.parametrize("role", ["guest", "member", "moderator"])
def test_the_admin_is_closed_to_others(client, signed_in, request, post, role):
    reader = client if role == "guest" else signed_in(request.getfixturevalue(role))
    for url in (LIST, ADD, change_url(post)):
        assert reader.get(url).status_code in {302, 403}
    reader.post(change_url(post), data_of(post, title="Taken over"))
    post.refresh_from_db()
    assert post.title != "Taken over"


# --- text that can't be saved ---


def kept(response) -> tuple[int, list[str], bool]:
    """Return the status, the texts that are shown, and whether they can be sent again."""
    page = response.content.decode()
    shown = [
        html.unescape(text) for text in re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    ]
    return response.status_code, shown, "Send again" in page


def test_a_post_that_is_sent_after_the_session_ended_can_be_sent_again(host_client, host, post):
    """Also if someone else has signed in in the meantime; with its short fields, too."""
    sent = data_of(post, title="Tea for two", body="<p>An hour of work.</p>\n<p>And more.</p>", note="")
    page = host_client.get(change_url(post)).content.decode()
    sent["settings_version"] = html.unescape(re.search(r'name="settings_version" value="([^"]*)"', page)[1])
    host_client.logout()
    response = host_client.post(change_url(post), sent)
    assert kept(response) == (403, [sent["body"]], True)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode())
    again = {name: html.unescape(value) for name, value in fields if name in sent}
    assert again == {name: str(value) for name, value in sent.items() if name not in {"body"}}
    host_client.force_login(host)
    host_client.post(change_url(post), again | {"body": sent["body"]})
    post.refresh_from_db()
    assert (post.title, post.body) == ("Tea for two", sent["body"])


def test_former_hosts_can_copy_the_text(host_client, writer, signed_in, post):
    client = signed_in(writer)
    writer.is_staff = False
    writer.save()
    writer.user_permissions.clear()
    long = "<p>" + "An hour of work. " * 5 + "</p>"
    assert kept(client.post(change_url(post), data_of(post, body=long))) == (403, [long], False)


def test_without_a_text_the_sign_in_is_shown_as_before(client, post):
    assert client.post(LIST, {"action": "publish_selected"}).status_code == 302


@pytest.mark.parametrize("what", ["deleted for good", "another's by now"])
def test_the_text_of_a_post_that_is_out_of_reach_by_now_can_be_copied(signed_in, writer, host, what):
    writer.user_permissions.remove(Permission.objects.get(codename="publish_post"))
    client, post = signed_in(writer), make_post(writer, published_at=None)
    sent = data_of(post, body="<p>An hour of work.</p>")
    if what == "deleted for good":
        trash_post(post, by=host)
        purge_post(post)
    else:
        Post.objects.filter(pk=post.pk).update(author=host)
    assert kept(client.post(change_url(post), sent)) == (404, [sent["body"]], False)
    assert client.get(change_url(post)).status_code in {302, 403}


# --- cover ----------------------------------------------------------------------


def test_a_cover_is_drawn_anew_and_the_old_file_goes(
    host_client, host, settings, django_capture_on_commit_callbacks
):
    host_client.post(ADD, form_data(host, cover=make_picture((3000, 2000), name="holiday.jpg")))
    post = Post.objects.get()
    assert re.fullmatch(r"covers/[0-9a-f]{32}\.webp", post.cover.name)
    assert post.cover_size == (1600, 1067)
    old = Path(settings.MEDIA_ROOT) / post.cover.name
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(change_url(post), data_of(post, cover=make_picture((800, 600), "PNG")))
    post.refresh_from_db()
    assert post.cover_size == (800, 600)
    assert not old.exists()
    assert len(list(old.parent.iterdir())) == 2  # the image and its thumbnail


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["cover", "share_picture"])
def test_an_upload_is_drawn_before_the_transaction(host_client, host, field, monkeypatch):
    """On SQLite no one else can write during the transaction."""
    drawn, clean = [], images._redraw

    def draw(picture, *args):
        drawn.append((picture.size, connection.in_atomic_block))
        return clean(picture, *args)

    monkeypatch.setattr(images, "_redraw", draw)
    host_client.post(ADD, form_data(host, **{field: make_picture((3000, 2000))}))
    assert getattr(Post.objects.get(), field).name.endswith(".webp")
    assert [is_inside for size, is_inside in drawn if size == (3000, 2000)] == [False]


def test_a_cover_stays_when_it_is_left_alone_and_goes_when_it_is_cleared(
    host_client, host, settings, django_capture_on_commit_callbacks
):
    host_client.post(ADD, form_data(host, cover=make_picture()))
    post = Post.objects.get()
    file = Path(settings.MEDIA_ROOT) / post.cover.name
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(change_url(post), data_of(post, title="Other"))
    assert file.exists()
    with django_capture_on_commit_callbacks(execute=True):
        host_client.post(change_url(post), data_of(post, **{"cover-clear": "on"}))
    post.refresh_from_db()
    assert post.cover.name == ""
    assert not file.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("x.jpg", b"<html><script>alert(1)</script></html>"),
        ("x.png", b"\x89PNG\r\n\x1a\n broken"),
        ("x.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"),
    ],
)
def test_what_is_no_picture_is_refused_at_its_field(host_client, host, name, content):
    response = host_client.post(ADD, form_data(host, cover=SimpleUploadedFile(name, content, "image/png")))
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["cover"]
    assert not Post.objects.exists()


# --- the list -------------------------------------------------------------------


def test_the_list_describes_the_status(host_client, host):
    at = timezone.now() + timedelta(days=2)
    make_post(host, title="A", published_at=None)
    make_post(host, title="B", published_at=at)
    make_post(host, title="C")
    page = host_client.get(LIST).content.decode()
    states = re.findall(r'class="field-state">([^<]+)</td>', page)
    assert [state.split(" for ")[0].split(" on ")[0] for state in sorted(states)] == [
        "draft",
        "published",
        "scheduled",
    ]


def test_each_cell_of_the_list_says_its_column_for_narrow_screens(host_client, host):
    make_post(host, title="Tea & cake", comments_open=False)
    listed = host_client.get("/admin/posts/post/").content.decode()
    row = listed.partition("<tbody>")[2].partition("</tbody>")[0]
    assert re.findall(r'<t[hd]( data-label="[^"]*")? class="([\w-]+)[^"]*"', row) == [
        ("", "action-checkbox"),
        *(
            (f' data-label="{label}"', f"field-{name}")
            for name, label in (
                ("title", "Title"),
                ("state", "Status"),
                ("comment_count", "Comments"),
                ("comments_open", "Comments are open"),
                ("author", "Author"),
            )
        ),
    ]
    assert "Tea &amp; cake</a>" in row


@pytest.mark.parametrize(("state", "title"), [("draft", "A"), ("scheduled", "B"), ("published", "C")])
def test_the_list_can_be_narrowed_to_a_state(host_client, host, state, title):
    make_post(host, title="A", published_at=None)
    make_post(host, title="B", published_at=timezone.now() + timedelta(days=2))
    make_post(host, title="C")
    assert [post.title for post in host_client.get(LIST, {"state": state}).context["cl"].result_list] == [
        title
    ]


def test_the_list_costs_the_same_queries_however_many_posts(host_client, django_assert_max_num_queries):
    for _ in range(12):
        make_post()
    with django_assert_max_num_queries(9):
        host_client.get(LIST)


def test_actions_publish_withdraw_open_and_close(host_client, host, announced):
    draft, published = make_post(host, published_at=None), make_post(host)

    def act(action: str) -> str:
        response = host_client.post(
            LIST, {"action": action, "_selected_action": [draft.pk, published.pk]}, follow=True
        )
        draft.refresh_from_db()
        published.refresh_from_db()
        return str(next(iter(response.context["messages"])))

    assert act("publish_selected") == "1 post published."
    assert announced == [draft]
    assert draft.is_published
    assert act("publish_selected") == "0 posts published."
    assert act("close_comments_of_selected") == "Comments closed on 2 posts."
    assert (draft.comments_open, published.comments_open) == (False, False)
    assert act("open_comments_of_selected") == "Comments opened on 2 posts."
    assert act("withdraw_selected") == "2 posts unpublished."
    assert (draft.published_at, published.published_at) == (None, None)
    assert announced == [draft]


# --- the form as a page -----------------------------------------------------------


def test_scripts_of_the_form_pass_our_policy(host_client):
    response = host_client.get(ADD)
    policy, page = response["Content-Security-Policy"], response.content.decode()
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert [f'nonce="{nonce}"' in attributes for attributes in inline] == [True]
    assert 'type="importmap"' in inline[0]
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


@pytest.mark.parametrize(
    ("published_at", "buttons"),
    [
        (None, ["_save", "_publish", "_preview"]),
        (timezone.now() + timedelta(days=1), ["_save", "_publish", "_unpublish", "_preview"]),
        (timezone.now() - timedelta(days=1), ["_save", "_unpublish"]),
    ],
    ids=["draft", "scheduled", "published"],
)
def test_enter_saves_and_never_publishes(host_client, host, published_at, buttons):
    post = make_post(host, published_at=published_at)
    page = host_client.get(change_url(post)).content.decode()
    assert re.findall(r'<input type="submit"[^>]*name="(_\w+)"', page) == buttons
    assert f'href="{reverse("posts:post-preview", args=[post.slug])}"' in page
    assert ("viewsitelink" in page) == post.is_published


def test_the_admin_wears_our_name_and_leads_back(host_client):
    page = host_client.get("/admin/").content.decode()
    assert "The Long Table" in page
    assert "Django administration" not in page
    assert re.search(r'<a href="/"><svg [^>]*><use [^>]*/></svg><span>View site</span></a>', page)
    assert "css/admin.css" in page


def test_a_tag_without_a_web_address_gets_one_of_its_name(host_client):
    for name in ("Slow news!", "Slow, news", "»«"):
        assert host_client.post("/admin/posts/tag/add/", {"name": name, "slug": ""}).status_code == 302
    assert list(Tag.objects.order_by("pk").values_list("slug", flat=True)) == [
        "slow-news",
        "slow-news-2",
        "tag",
    ]


def test_tags_have_their_admin_pages(host_client):
    host_client.post("/admin/posts/tag/add/", {"name": "Slow news", "slug": "slow-news"})
    assert host_client.get("/admin/posts/tag/", {"q": "slow"}).context["cl"].result_count == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<p>a</p><img src="https://elsewhere.example/a.png">', "1 picture was left out."),
        (
            '<p>a</p><img src="data:image/png;base64,AAAA"><img src="//x.example/b">',
            "2 pictures were left out.",
        ),
        ('<p>a</p><img src="/media/posts/a.webp" alt="A">', ""),
        ("<p>an &lt;img&gt;</p>", ""),
    ],
)
def test_a_picture_that_cannot_stay_is_not_left_out_in_silence(host_client, host, body, said):
    page = host_client.post(ADD, form_data(host, body=body), follow=True).content.decode()
    assert Post.objects.count() == 1
    assert re.findall(r"\d+ pictures? (?:was|were) left out\.", page) == ([said] if said else [])


def test_the_list_is_filtered_by_comments(host_client, host):
    still_open, closed = make_post(host), make_post(host, comments_open=False)
    found = [
        [post.pk for post in host_client.get(LIST, asked).context["cl"].result_list]
        for asked in ({"comments": "open"}, {"comments": "closed"})
    ]
    assert found == [[still_open.pk], [closed.pk]]
    page = host_client.get(LIST).content.decode()
    assert re.findall(r"By (\w[\w ]*\w)\s*</summary>", page) == ["status", "visibility", "comments"]


@pytest.mark.parametrize(
    "address", [LIST, "/admin/comments/comment/", "/admin/accounts/user/", "/admin/notifications/subscriber/"]
)
def test_no_list_counts_all_rows_of_a_large_table(host_client, host, address, monkeypatch):
    monkeypatch.setattr("core.web.admin.QuickPaginator.MOST", 2)
    for number in range(4):
        make_comment(make_post(host))
        Subscriber.objects.create(email=f"s{number}@example.org")
    with CaptureQueriesContext(connection) as queries:
        listed = host_client.get(address).context["cl"]
    assert (listed.result_count, listed.full_result_count) == (2, None)
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert [sql for sql in counts if "LIMIT" not in sql and "GROUP BY" not in sql] == []


def test_the_way_back_names_the_dashboard_and_the_list_alone(host_client, host):
    """Not the names of apps, which resemble those of the lists."""
    post = make_post(host, title="Bread")
    back = '<a href="/admin/">Dashboard</a>'
    for page in (
        LIST,
        change_url(post),
        f"{LIST}{post.pk}/history/",
        f"{LIST}{post.pk}/delete/",
        "/admin/accounts/user/add/",
    ):
        shown = host_client.get(page).content.decode()
        [crumbs] = re.findall(r'<div class="breadcrumbs">(.*?)</div>', shown, re.DOTALL)
        assert back in crumbs
        assert crumbs.count("&rsaquo;") == (
            1 if page == LIST else 3 if page.endswith(("history/", "delete/")) else 2
        )
        assert not re.search(r'href="/admin/\w+/"', crumbs)


@pytest.mark.parametrize(
    ("style", "written"), [("long", "published on 2 Jun 2026"), ("iso", "published on 2026-06-02")]
)
def test_the_list_says_when_in_the_style_of_the_site(host_client, host, style, written):
    make_post(host, published_at=datetime(2026, 6, 2, 10, tzinfo=UTC))
    save_settings({"date_style": style}, by=host)
    assert written in host_client.get(LIST).content.decode()


def test_filters_of_the_list_are_in_plain_words_and_results_are_counted_only_when_asked(host_client, host):
    post = make_post(host, title="A kettle")
    post.tags.add(Tag.objects.create(name="tea", slug="tea"), Tag.objects.create(name="soup", slug="soup"))

    def shown(query: str) -> tuple[list[tuple[str, list[str]]], bool]:
        page = host_client.get(LIST + query).content.decode()
        filters = [
            (title, [choice.strip() for choice in re.findall(r"<a href=[^>]*>([^<]*)</a>", choices)])
            for title, choices in re.findall(
                r'<details data-filter-title="(\w+)"(.*?)</details>', page, re.DOTALL
            )
        ]
        return filters, "1 result" in page

    filters = [
        ("status", ["All", "Draft", "Awaiting review", "Scheduled", "Published", "In the trash"]),
        ("visibility", ["All", "Public", "Members only", "Anyone with the link"]),
        ("comments", ["All", "Open", "Closed"]),
        ("tags", ["All", "soup", "tea", "No tags"]),
    ]
    assert shown("") == (filters, False)
    assert shown("?q=kettle") == (filters, True)
    assert shown("?state=published") == (filters, True)
