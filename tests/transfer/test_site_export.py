"""The site archive as a file: requested in the admin by superusers, made by the worker, deleted after days."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from posts.models import Post
from tests.accounts.test_exports import prove
from tests.factories import make_host, make_member, make_post
from transfer.models import SiteExport
from transfer.site.download import forget_old_site_exports, private_storage

pytestmark = pytest.mark.django_db
LIST = "/admin/transfer/siteexport/"


def test_a_superuser_asks_for_it_and_downloads_the_whole_site(signed_in):
    make_post(title="On bread")
    browser = signed_in(host := make_host("nora"))
    assert browser.get(f"{LIST}now/").status_code == 405
    page = browser.post(f"{LIST}now/", follow=True)
    made = SiteExport.objects.get()
    path = f"{LIST}{made.pk}/download/"
    assertContains(page, f'href="{path}"')
    assertRedirects(
        browser.get(path), f"/accounts/reauthenticate/?next={path}", fetch_redirect_response=False
    )
    prove(browser, path)
    with zipfile.ZipFile(io.BytesIO(b"".join(browser.get(path).streaming_content))) as archive:
        names = set(archive.namelist())
        rows = archive.read("site/tables/posts.post.jsonl").splitlines()
        assert {"site/manifest.json", "site/wordpress.xml", "site/html/index.html"} <= names
        assert [json.loads(row)["fields"]["title"] for row in rows] == [Post.objects.get().title]
    assert LogEntry.objects.filter(user=host, change_message="Downloaded.").count() == 1


def test_others_get_none(signed_in):
    made = SiteExport.objects.create(file="x")
    for browser in (signed_in(make_member("hanna", is_staff=True)), signed_in(make_member("mia"))):
        for path in (LIST, f"{LIST}{made.pk}/download/", f"{LIST}now/"):
            assert browser.post(path).status_code in {302, 403}
    assert SiteExport.objects.count() == 1


def test_what_went_wrong_is_said(signed_in, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError("No space left")

    monkeypatch.setattr("transfer.site.download._pack", full)
    page = signed_in(make_host("nora")).post(f"{LIST}now/", follow=True)
    assertContains(page, "It couldn’t be made: No space left")


def test_it_is_deleted_after_some_days(signed_in):
    signed_in(make_host("nora")).post(f"{LIST}now/")
    made = SiteExport.objects.get()
    assert private_storage().exists(made.file)
    forget_old_site_exports()
    assert SiteExport.objects.exists()
    SiteExport.objects.update(made_at=timezone.now() - timedelta(days=4))
    forget_old_site_exports()
    assert (SiteExport.objects.exists(), private_storage().exists(made.file)) == (False, False)
