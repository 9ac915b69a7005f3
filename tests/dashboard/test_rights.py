"""Hosts may edit posts, settings and members; editors write posts; the rest of the admin is for superusers."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import User
from core.models import SiteSettings
from dashboard.navigation import IN_AREAS
from tests.factories import make_member, make_post, put_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_host(db) -> User:
    member = make_member("hanna", is_staff=True)
    member.groups.add(Group.objects.get(name="hosts"), Group.objects.get(name="moderators"))
    return member


@pytest.fixture
def editor(db) -> User:
    member = make_member("edith")
    member.groups.add(Group.objects.get(name="editors"))
    return member


# The responses to GET for (an editor, a host of the group, a superuser).
PAGES = {
    "": (200, 200, 200),
    "posts/post/": (200, 200, 200),
    "posts/post/add/": (200, 200, 200),
    "posts/post/POST/change/": (200, 200, 200),
    "posts/post/POST/delete/": (403, 200, 200),
    "posts/tag/": (200, 200, 200),
    "comments/comment/": (403, 200, 200),
    "accounts/user/": (403, 200, 200),
    "accounts/user/MEMBER/change/": (403, 200, 200),
    "accounts/user/OWNER/change/": (403, 200, 200),
    "accounts/user/MEMBER/password/": (403, 200, 200),
    "accounts/user/MEMBER/delete/": (403, 403, 200),
    "accounts/user/add/": (403, 403, 200),
    "core/sitesettings/": (403, 200, 200),
    "core/sitesettings/log/": (403, 200, 200),
    "moderation/removalreason/": (403, 200, 200),
    "moderation/moderationsettings/1/change/": (403, 302, 302),
    "moderation/decision/": (403, 200, 200),
    "notifications/emailsuppression/": (403, 200, 200),
    "transfer/importrun/": (403, 200, 200),
    "transfer/importrun/add/": (403, 200, 200),
    "transfer/importrun/paste/": (403, 200, 200),
    "api/webhook/": (403, 200, 200),
    "api/webhook/add/": (403, 200, 200),
    "api/delivery/": (403, 200, 200),
    "transfer/backup/": (403, 200, 200),
    "transfer/backup/now/": (403, 405, 405),
    "transfer/backup/1/download/": (403, 403, 302),  # to sign in again
    "webmention/mention/": (403, 200, 200),
    "webmention/sentmention/": (403, 200, 200),
    "notifications/outgoingemail/": (403, 403, 200),
    "account/emailaddress/": (403, 403, 200),
    "mfa/authenticator/": (403, 403, 200),
    "usersessions/usersession/": (403, 403, 200),
    "django_tasks_database/dbtaskresult/": (403, 403, 200),
    "auth/group/": (403, 403, 200),
}


def test_each_page_of_the_admin_answers_each_role_as_it_should(editor, second_host, host, member, signed_in):
    names = {"POST": make_post(author=host).pk, "MEMBER": member.pk, "OWNER": host.pk}
    readers, answers = [signed_in(who) for who in (editor, second_host, host)], {}
    for path in PAGES:
        filled = path
        for name, pk in names.items():
            filled = filled.replace(name, str(pk))
        answers[path] = tuple(reader.get(f"/admin/{filled}").status_code for reader in readers)
    assert answers == PAGES


def test_a_host_cannot_change_the_owners_account_nor_give_rights(second_host, host, member, signed_in):
    client = signed_in(second_host)
    assertNotContains(client.get(f"/admin/accounts/user/{host.pk}/change/"), 'name="_save"')
    page = client.get(f"/admin/accounts/user/{member.pk}/change/")
    assertNotContains(page, 'name="is_superuser"')
    assertNotContains(page, 'name="groups"')


def test_members_added_to_the_group_can_use_the_admin_at_once(host, member, signed_in):
    group = Group.objects.get(name="hosts")
    data = {"username": "alice", "is_active": "on", "groups": [group.pk]} | {
        f"links-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")
    }
    response = signed_in(host).post(f"/admin/accounts/user/{member.pk}/change/", data)
    assert response.status_code == 302
    assert signed_in(User.objects.get(pk=member.pk)).get("/admin/").status_code == 200


def test_an_editor_writes_and_previews_a_post_without_being_staff(editor, signed_in):
    client = signed_in(editor)
    client.post("/admin/posts/post/add/", {"title": "By Edith", "body": "<p>Hello.</p>", "_preview": "1"})
    assert client.get("/posts/by-edith/preview/").status_code == 200
    assert not editor.is_host


def test_the_menu_of_every_page_leads_those_who_may_to_the_dashboard(
    editor, second_host, member, moderator, signed_in
):
    leads = {
        who.username: '<a href="/admin/">Dashboard</a>' in signed_in(who).get("/members/").content.decode()
        for who in (editor, second_host, member, moderator)
    }
    assert leads == {"edith": True, "hanna": True, member.username: False, moderator.username: False}


def test_password_and_sign_out_of_the_admin_are_those_of_the_site(host, signed_in):
    found = {
        path: signed_in(host).get(f"/admin/{path}/")["Location"] for path in ("logout", "password_change")
    }
    assert found == {"logout": "/accounts/logout/", "password_change": "/accounts/password/change/"}


def test_an_editor_sees_who_waits_under_their_own_posts_only(editor, host, signed_in):
    put_comment(make_post(author=host, title="Not Edith’s"), body="Why?")
    put_comment(make_post(author=editor, title="Edith’s own"), body="How?")
    page = signed_in(editor).get("/admin/")
    assertContains(page, "Edith’s own")
    assertNotContains(page, "Not Edith’s")
    assertNotContains(page, "Site health")


def test_tools_of_editors_ask_for_two_step_verification_too(editor, signed_in, settings):
    settings.REQUIRE_SECOND_STEP = True
    assert signed_in(editor).get("/admin/")["Location"].startswith("/members/me/second-step/")


def test_the_navigation_names_areas_and_hides_machinery(second_host, host, signed_in):
    page = signed_in(second_host).get("/admin/")
    navigation = page.context["navigation"]
    assert [str(area["label"]) for area in navigation["areas"]] == [
        "Posts", "Pages", "Comments", "Members", "Moderation", "Subscribers", "Uploads", "Settings",
    ]  # fmt: skip
    assert navigation["system"] == []
    system = signed_in(host).get("/admin/").context["navigation"]["system"]
    assert {"Authenticators", "Email addresses", "Emails"} <= {str(each["name"]) for each in system}


def test_every_model_of_the_admin_is_in_an_area_or_closed_to_hosts(second_host, rf):
    """A new admin has an entry in dashboard/navigation.py and a migration for hosts, or is closed to them."""
    request = rf.get("/admin/")
    request.user = second_host
    open_to_hosts = {
        f"{model._meta.app_label}.{model._meta.model_name}"
        for model, its_admin in admin.site._registry.items()
        if its_admin.has_module_permission(request) and its_admin.has_view_permission(request)
    }
    assert open_to_hosts - IN_AREAS == set()
    assert SiteSettings in admin.site._registry


@pytest.mark.parametrize(
    "path",
    [
        "transfer/importrun/add/",
        "transfer/importrun/paste/",
        "accounts/user/{host}/password/",
        "figures/",
        "posts/",
    ],
)
def test_every_page_of_the_admin_is_below_the_dashboard(host, signed_in, path):
    host.is_superuser = True
    host.save()
    page = signed_in(host).get(f"/admin/{path.format(host=host.pk)}")
    assertContains(page, '<a href="/admin/">Dashboard</a>', html=True)
    assertNotContains(page, '<a href="/admin/">Home</a>', html=True)
