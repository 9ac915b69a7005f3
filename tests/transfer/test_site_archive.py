"""A site exported to a folder and imported again: nothing differs, and a refused import changes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import EmailCode, Follow, User
from api.models import Delivery, Webhook
from comments.models import Comment, PendingComment
from comments.services.reactions import thank
from comments.services.writing import edit_comment, publish_comment, set_status
from core.models import SiteSettings
from core.services.site_settings import save_settings
from decisions.models import Guest
from decisions.services.inviting import invite, withdraw
from decisions.services.positions import take_position_as_guest
from memorials.services.editing import add_recording
from notifications.models import FanOut, Notification, OutgoingEmail
from posts.models import Post, Tag
from tests.decisions.factories import make_proposal
from tests.factories import make_comment, make_host, make_member, make_post, switch_on
from tests.memorials.people import a_memorial, a_recording
from transfer.site.services import export_site
from transfer.site.tables import LEFT_OUT, NAMED, empty_tables, kept_models

pytestmark = [pytest.mark.sql, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]


def export_to(folder: Path) -> str:
    out = StringIO()
    call_command("export_site", str(folder), stdout=out)
    return out.getvalue()


def import_from(folder: Path) -> str:
    out = StringIO()
    call_command("import_site", str(folder), stdout=out)
    return out.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(folder: Path, table: str) -> list[dict]:
    return [json.loads(line) for line in (folder / "tables" / f"{table}.jsonl").read_text().splitlines()]


def forget_everything() -> None:
    """Empty the database, as on another machine after `migrate`."""
    groups = list(apps.get_model("auth.Group").objects.order_by("pk"))
    empty_tables(kept_models())
    apps.get_model("auth.Group").objects.bulk_create(groups)


def make_guest_comment(post: Post, *, body: str, **guest: str) -> None:
    """Create it as an import does."""
    comment = make_comment(post, body=body)
    Comment.objects.filter(pk=comment.pk).update(author=None, guest_url="https://example.net/", **guest)


@pytest.fixture
def lively(settings) -> Post:
    """Create rows with every type of value: files, bytes, microseconds, JSON, permissions, generated columns."""
    host, ada, bob = make_host("nora", email="nora@example.org"), make_member("ada"), make_member("bob")
    post = make_post(author=host, body="<p>Why we answer.</p>", title="On “answering” & more")
    post.cover.save("bench.webp", ContentFile(b"a picture"))
    post.tags.add(Tag.objects.create(name="Söders", slug="söders"))
    post.keep_old_address("/2012/04/why/")
    comment = publish_comment(post=post, author=ada, body="Because *somebody* asked.\n\nAnd @bob knows.")
    reply = publish_comment(post=post, author=bob, body="He does.", parent=comment)
    edit_comment(reply, body="He does 🎉, mostly.", by=bob)
    thank(comment, by=bob)
    make_guest_comment(post, guest_name="Gast", guest_email="guest@example.org", body="From the old blog.")
    set_status(make_comment(post, author=bob, body="Held for a look."), Comment.Status.HELD)
    Follow.objects.create(follower=ada, followed=bob)
    ada.user_permissions.add(Permission.objects.get(codename="change_post"))
    LogEntry.objects.log_actions(host.pk, [post], ADDITION, single_object=True)
    Authenticator.objects.create(user=host, type="totp", data={"secret": "walnut"})
    save_settings({"name": "The Bench", "navigation": [{"label": "Home", "address": "/"}]}, by=host)
    return post


@pytest.fixture
def of_guests_and_the_dead(lively) -> None:
    """A guest's position, an invitation that was withdrawn, a recording."""
    switch_on("decisions", "memorials")
    host = User.objects.get(username="nora")
    proposal = make_proposal(post=lively, by=host)
    invite(proposal, [("Eve", "eve@example.org"), ("Kit", "kit@example.org")], by=host)
    take_position_as_guest(Guest.objects.get(name="Eve"), stance="agree", reason="Good idea.")
    assert withdraw(proposal, Guest.objects.get(name="Kit").pk.hex)
    memorial = a_memorial()
    add_recording(memorial, a_recording(), by=memorial.keeper)


@pytest.mark.usefixtures("of_guests_and_the_dead")
def test_what_is_exported_imported_and_exported_again_is_the_same_to_the_last_byte(lively, tmp_path):
    said = export_to(tmp_path / "first")
    assert "keep it as safe as a password" in said
    before = tree(tmp_path / "first")
    assert [len(lines(tmp_path / "first", f"decisions.{table}")) for table in ("guest", "position")] == [2, 1]
    assert any(name.endswith(".mp3") for name in before)
    comments = list(Comment.objects.order_by("pk").values())
    forget_everything()
    assert "Everyone has to sign in again." in import_from(tmp_path / "first")
    assert list(Comment.objects.order_by("pk").values()) == comments
    export_to(tmp_path / "second")
    assert tree(tmp_path / "second") == before


def test_the_imported_site_goes_on(lively, tmp_path, client, signed_in):
    export_to(tmp_path / "site")
    forget_everything()
    import_from(tmp_path / "site")
    page = client.get(lively.get_absolute_url()).content.decode()
    assert "Because <em>somebody</em> asked." in page
    assert "The Bench" in page
    assert client.get("/2012/04/why/").headers["Location"].endswith(lively.get_absolute_url())
    found = client.get(reverse("search:search"), {"q": "mostly"}).content.decode()
    assert "mostly" in found.partition("<main")[2]
    highest = Comment.objects.latest("pk").pk
    new = publish_comment(
        post=Post.objects.get(), author=User.objects.get(username="ada"), body="Still here."
    )
    assert new.pk > highest
    call_command("check_threads")


def test_a_copy_sends_nothing_until_it_is_switched_on(post, tmp_path):
    fields = {"name": "Chat", "address": "https://chat.example/hook", "secret": "whsec_d2FsbnV0"}
    Webhook.objects.create(**fields, events=["comment.published"])
    export_to(tmp_path / "site")
    assert Webhook.objects.get().is_active
    forget_everything()
    import_from(tmp_path / "site")
    Webhook.forget()
    [webhook] = Webhook.objects.all()
    assert {name: getattr(webhook, name) for name in fields} == fields
    assert (webhook.is_active, webhook.events) == (False, ["comment.published"])
    make_comment(Post.objects.get())
    assert not Delivery.objects.exists()


DEMO = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("demo", password="walnut-tree-7")
call_command("export_site", sys.argv[1])
"""


@pytest.mark.full
@pytest.mark.slow  # another process creates the demo content
def test_a_site_on_sqlite_comes_into_this_database(tmp_path, empty_site):
    """Also on PostgreSQL, where ids of permissions and the order of tables differ."""
    env = os.environ | {
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{empty_site}",
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "community.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", DEMO, str(tmp_path / "there")],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    import_from(tmp_path / "there")
    export_to(tmp_path / "here")
    tables = {
        name: said for name, said in tree(tmp_path / "there").items() if name.startswith(("tables", "media"))
    }
    assert {name: said for name, said in tree(tmp_path / "here").items() if name in tables} == tables
    assert User.objects.filter(username="host").exists()


def test_what_is_about_to_be_sent_stays_here_and_is_said(lively, tmp_path, member):
    to_alice = {"member": member, "address": "alice@example.org", "due_at": timezone.now()}
    email = OutgoingEmail.objects.create(**to_alice, message_id="<one@testserver>")
    sent = OutgoingEmail.objects.create(**to_alice, message_id="<two@testserver>", state="sent")
    notification = Notification.objects.first()
    Notification.objects.filter(pk=notification.pk).update(letter=email)
    FanOut.objects.update(is_done=True)
    waiting = OutgoingEmail.objects.filter(state="ready").count()
    said = export_to(tmp_path / "site")
    assert f"Left out: {waiting:,} emails and notifications" in said
    letters = [row["pk"] for row in lines(tmp_path / "site", "notifications.outgoingemail")]
    assert (email.pk in letters, sent.pk in letters) == (False, True)
    [row] = [
        row for row in lines(tmp_path / "site", "notifications.notification") if row["pk"] == notification.pk
    ]
    assert row["fields"]["letter"] is None


def test_pending_comments_are_exported_without_the_code(lively, tmp_path):
    code = EmailCode.objects.create(email="new@example.org", sender="x", digest="y")
    PendingComment.objects.create(
        post=lively, body="Not sent yet.", name="New", email="new@example.org", code=code
    )
    export_to(tmp_path / "site")
    [row] = lines(tmp_path / "site", "comments.pendingcomment")
    assert (row["fields"]["body"], row["fields"]["code"]) == ("Not sent yet.", None)
    assert "accounts.emailcode.jsonl" not in os.listdir(tmp_path / "site" / "tables")


def test_every_table_is_in_it_or_has_a_reason_and_nothing_refers_to_what_is_left_out():
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert labels >= LEFT_OUT.keys()
    lost = [
        f"{model._meta.label}.{field.name}"
        for model in kept_models()
        for field in model._meta.local_fields
        if field.is_relation
        and field.related_model._meta.label in LEFT_OUT
        and field.related_model not in NAMED
        and not field.null
    ]
    assert lost == []


@pytest.mark.django_db(transaction=True)
def test_it_is_one_moment_and_writers_do_not_wait(lively, tmp_path):
    """Someone signs up and writes during the export: after the first table, before that of comments."""
    written: list[int] = []

    def write() -> None:
        try:
            written.append(make_comment(lively, author=make_member("late"), body="Too late for it.").pk)
        finally:
            connection.close()

    def say(line: str) -> None:
        if line.startswith("account.emailaddress"):
            thread = threading.Thread(target=write)
            thread.start()
            thread.join(timeout=60)

    close_old_connections()
    before = Comment.objects.count()
    done = export_site(tmp_path / "site", say=say)
    assert len(written) == 1
    assert (done.manifest.tables["comments.comment"], Comment.objects.count()) == (before, before + 1)
    assert "late" not in [row["fields"]["username"] for row in lines(tmp_path / "site", "accounts.user")]


# --- refused ----------------------------------------------------------------------------------


def damage_a_line(folder: Path) -> None:
    table = folder / "tables" / "comments.comment.jsonl"
    table.write_text(table.read_text()[:-40])


def lose_a_row(folder: Path) -> None:
    table = folder / "tables" / "comments.thanks.jsonl"
    table.write_text("")


def take_a_row_of_another_table(folder: Path) -> None:
    (folder / "tables" / "comments.thanks.jsonl").write_text(
        (folder / "tables" / "posts.tag.jsonl").read_text()
    )


def point_nowhere(folder: Path) -> None:
    table = folder / "tables" / "comments.thanks.jsonl"
    table.write_text(re.sub(r'"comment": \d+', '"comment": 99999', table.read_text()))


def be_of_another_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["migrations"]["comments"] = "0001_of_long_ago"
    (folder / "manifest.json").write_text(json.dumps(manifest))


def lose_a_file(folder: Path) -> None:
    next(path for path in (folder / "media").rglob("*") if path.is_file()).unlink()


def link_elsewhere(folder: Path) -> None:
    (folder / "media" / "password").symlink_to("/etc/passwd")


def lose_a_table(folder: Path) -> None:
    (folder / "tables" / "accounts.user.jsonl").unlink()


def be_something_else(folder: Path) -> None:
    (folder / "manifest.json").write_text('["an archive"]')


DAMAGES = {
    damage_a_line: "comments.comment.jsonl, line 4 can’t be read",
    lose_a_row: "comments.thanks has 0 rows, not 1",
    take_a_row_of_another_table: "comments.thanks.jsonl, line 1: a row of another table",
    point_nowhere: "is inconsistent",
    be_of_another_version: r"another version \(comments: 0001_of_long_ago; here: ",
    lose_a_file: "files are missing in media/",
    link_elsewhere: "password is a link to another place",
    lose_a_table: "No such file",
    be_something_else: "isn’t a site archive",
}


def test_an_archive_that_is_not_whole_changes_nothing(lively, tmp_path):
    export_to(tmp_path / "site")
    forget_everything()
    groups = list(apps.get_model("auth.Group").objects.values())
    for spoil, reason in DAMAGES.items():
        folder = shutil.copytree(tmp_path / "site", tmp_path / spoil.__name__)
        spoil(folder)
        with pytest.raises(CommandError, match=reason):
            import_from(folder)
        left = (User.objects.count(), Post.objects.count(), Tag.objects.count())
        assert (spoil.__name__, left) == (spoil.__name__, (0, 0, 0))
        assert list(apps.get_model("auth.Group").objects.values()) == groups


def test_a_site_with_members_is_never_overwritten(lively, tmp_path):
    export_to(tmp_path / "site")
    members = list(User.objects.values())
    with pytest.raises(CommandError, match="isn’t empty"):
        import_from(tmp_path / "site")
    assert list(User.objects.values()) == members


def test_a_folder_with_something_in_it_is_left_alone(lively, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "diary.txt").write_text("Mine.")
    with pytest.raises(CommandError, match="already exists"):
        export_to(tmp_path / "site")
    assert tree(tmp_path / "site") == {"diary.txt": b"Mine."}


def test_an_export_that_fails_leaves_no_folder(lively, tmp_path, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("transfer.site.services.write_pages", full)
    with pytest.raises(CommandError, match=r"can’t be written: No space left on device\."):
        export_to(tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


# --- for others -------------------------------------------------------------------------------


def test_the_wordpress_file_brings_the_threads_to_another_site(lively, tmp_path):
    make_post(author=lively.author, title="Not yet", published_at=None)
    make_post(author=lively.author, title="For members", visibility=Post.Visibility.MEMBERS)
    root = Comment.objects.get(parent=None, author__username="ada")
    middle = make_comment(parent=root, body="Gone.")
    make_comment(parent=middle, author=make_member("cleo"), body="What was here?")
    set_status(middle, Comment.Status.REMOVED)
    export_to(tmp_path / "site")
    forget_everything()
    call_command(
        "import_wordpress", str(tmp_path / "site" / "wordpress.xml"), stdout=StringIO(), stderr=StringIO()
    )
    rows = Comment.objects.in_reading_order().values_list("level", "guest_name", "status", "body")
    assert list(rows) == [
        (
            0,
            "ada",
            "public",
            "Because *somebody* asked.\n\nAnd [@bob](<http://testserver/members/bob/>) knows.",
        ),
        (1, "bob", "public", "He does 🎉, mostly."),
        (1, "cleo", "public", "What was here?"),
        (0, "Gast", "public", "From the old blog."),
        (0, "bob", "held", "Held for a look."),
    ]
    found = {post.title: (post.published_at is None, post.visibility) for post in Post.objects.all()}
    assert found == {
        "On “answering” & more": (False, "public"),
        "Not yet": (True, "public"),
        "For members": (True, "public"),  # a draft: an import never publishes private posts
    }
    assert [tag.name for tag in Post.objects.get(title__startswith="On").tags.all()] == ["Söders"]


def test_the_pages_have_what_visitors_can_find_and_nothing_else(lively, tmp_path):
    make_post(author=lively.author, title="Not yet", published_at=None)
    make_post(author=lively.author, title="For members", visibility=Post.Visibility.MEMBERS)
    make_post(author=lively.author, title="Tomorrow", published_at=timezone.now() + timedelta(days=1))
    export_to(tmp_path / "site")
    pages = tree(tmp_path / "site" / "html")
    assert sorted(pages) == ["index.html", f"posts/{lively.pk}.html", "style.css"]
    page = pages[f"posts/{lively.pk}.html"].decode()
    assert "Because <em>somebody</em> asked." in page
    assert "Held for a look." not in page
    assert "guest@example.org" not in page
    assert f'src="../../media/{lively.cover.name}"' in page
    assert (tmp_path / "site" / "media" / lively.cover.name).read_bytes() == b"a picture"
    assert re.findall(r"<script|<form|onclick", page) == []
    assert "The Bench" in pages["index.html"].decode().partition("<main>")[2].partition("</main>")[0]


def test_names_and_titles_are_text_in_the_pages(tmp_path):
    post = make_post(title="<script>alert(1)</script>")
    make_guest_comment(post, guest_name='"><img src=x>', body="Hello.")
    export_to(tmp_path / "site")
    page = (tmp_path / "site" / "html" / "posts" / f"{post.pk}.html").read_text()
    assert ("<script>" in page, "<img" in page) == (False, False)


def test_a_control_sign_does_not_spoil_the_wordpress_file(tmp_path):
    make_post(title="A bell", body="<p>Here: \x07 and \ufffe.</p>")
    export_to(tmp_path / "site")
    forget_everything()
    call_command(
        "import_wordpress", str(tmp_path / "site" / "wordpress.xml"), stdout=StringIO(), stderr=StringIO()
    )
    assert Post.objects.get().title == "A bell"


def test_the_folder_is_for_its_owner_alone(lively, tmp_path):
    export_to(tmp_path / "site")
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o700


def test_settings_of_the_archive_are_known_at_once(lively, tmp_path):
    export_to(tmp_path / "site")
    forget_everything()
    SiteSettings.forget()
    assert SiteSettings.current().title != "The Bench"
    import_from(tmp_path / "site")
    assert SiteSettings.current().title == "The Bench"
