"""No one in the admin exceeds their own permissions: only superusers may change members with a role."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from tests.factories import PASSWORD, make_host, make_member, make_moderator

pytestmark = pytest.mark.django_db

NEW = "a quite new password 7"


@pytest.fixture
def clerk(db) -> User:
    """A staff user with every permission, who is no superuser."""
    clerk = make_member("clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.all())
    return clerk


@pytest.fixture
def clerk_client(clerk, signed_in) -> Client:
    return signed_in(clerk)


def make_with_permission(name: str) -> User:
    user = make_member(name)
    user.user_permissions.add(Permission.objects.get(codename="change_post"))
    return user


PEOPLE = {
    "host": make_host,
    "superuser without the admin": lambda name: make_member(name, is_superuser=True),
    "staff": lambda name: make_member(name, is_staff=True),
    "moderator": make_moderator,
    "somebody with one permission": make_with_permission,
}


def typed(user: User, **more: object) -> dict[str, object]:
    inline = {f"links-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    return {"username": user.username, "display_name": user.display_name, "is_active": "on", **inline} | more


@pytest.mark.parametrize("kind", PEOPLE)
def test_staff_cannot_change_or_delete_who_has_an_office(clerk_client, kind):
    user = PEOPLE[kind]("vera")
    before = User.objects.values().get(pk=user.pk)
    base = f"/admin/accounts/user/{user.pk}"
    passwords = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    answers = [
        clerk_client.post(f"{base}/change/", typed(user, display_name="Mine now", is_active="")),
        clerk_client.get(f"{base}/password/"),
        clerk_client.post(f"{base}/password/", passwords),
        clerk_client.post(f"{base}/password/", {"usable_password": "false"}),
        clerk_client.get(f"{base}/delete/"),
        clerk_client.post(f"{base}/delete/", {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert User.objects.values().get(pk=user.pk) == before
    assert clerk_client.get(f"{base}/change/").status_code == 200  # read-only


def test_staff_look_after_ordinary_members_as_before(clerk_client, member):
    base = f"/admin/accounts/user/{member.pk}"
    assert clerk_client.post(f"{base}/change/", typed(member, display_name="Alice A.")).status_code == 302
    assert (
        clerk_client.post(
            f"{base}/password/", {"password1": NEW, "password2": NEW, "usable_password": "true"}
        ).status_code
        == 302
    )
    member.refresh_from_db()
    assert (member.display_name, member.check_password(NEW)) == ("Alice A.", True)
    assert clerk_client.post(f"{base}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("whose", ["their own", "a member's", "somebody new's"])
def test_staff_lend_no_rights(clerk_client, clerk, member, whose):
    moderators = Group.objects.get(name="moderators").pk
    rights = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [moderators],
        "user_permissions": [Permission.objects.first().pk],
    }
    if whose == "somebody new's":
        data = {
            "username": "newby",
            "email": "newby@example.org",
            "password1": NEW,
            "password2": NEW,
            "usable_password": "true",
        }
        assert clerk_client.post("/admin/accounts/user/add/", data | rights).status_code == 302
        user = User.objects.get(username="newby")
    else:
        user = clerk if whose == "their own" else member
        answer = clerk_client.post(f"/admin/accounts/user/{user.pk}/change/", typed(user, **rights))
        assert answer.status_code == (403 if user == clerk else 302)
    user.refresh_from_db()
    assert (user.is_superuser, user.is_staff, user.groups.count()) == (False, user == clerk, 0)
    assert user.user_permissions.count() == (Permission.objects.count() if user == clerk else 0)


def test_staff_with_every_permission_read_and_write_nothing_that_opens_an_account(clerk_client, host):
    key = Authenticator.objects.create(user=host, type="totp", data={"secret": "x"})
    address = EmailAddress.objects.get(user=host)
    session = UserSession.objects.create(user=host, ip="192.0.2.1", session_key="x", user_agent="")
    rows = {
        "account/emailaddress": address,
        "mfa/authenticator": key,
        "usersessions/usersession": session,
        "auth/group": Group.objects.first(),
    }
    for model, row in rows.items():
        for path in ("", "add/", f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/history/"):
            assert (model, path, clerk_client.get(f"/admin/{model}/{path}").status_code) == (model, path, 403)
        assert clerk_client.post(f"/admin/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (
        clerk_client.post(
            f"/admin/account/emailaddress/{address.pk}/change/",
            {"user": host.pk, "email": "x@example.org", "verified": "on"},
        ).status_code
        == 403
    )
    group = Group.objects.get(name="moderators")
    assert (
        clerk_client.post(
            f"/admin/auth/group/{group.pk}/change/",
            {"name": group.name, "permissions": [Permission.objects.first().pk]},
        ).status_code
        == 403
    )
    # Emails with codes are queued there.
    assert clerk_client.get("/admin/django_tasks_database/dbtaskresult/").status_code == 403
    assert DBTaskResult._meta.label_lower == "django_tasks_database.dbtaskresult"
    front = clerk_client.get("/admin/").content.decode()
    assert [model for model in rows if f"/admin/{model}/" in front] == []


def test_a_superuser_does_all_of_it(signed_in, host):
    other = make_host("olga")
    host_client = signed_in(host)
    for model in (
        "account/emailaddress",
        "mfa/authenticator",
        "usersessions/usersession",
        "auth/group",
        "django_tasks_database/dbtaskresult",
    ):
        assert host_client.get(f"/admin/{model}/").status_code == 200
    base = f"/admin/accounts/user/{other.pk}"
    assert (
        host_client.post(
            f"{base}/password/", {"password1": NEW, "password2": NEW, "usable_password": "true"}
        ).status_code
        == 302
    )
    assert (
        host_client.post(f"{base}/change/", typed(other, is_staff="on", display_name="Olga")).status_code
        == 302
    )
    other.refresh_from_db()
    assert (
        other.check_password(NEW),
        other.check_password(PASSWORD),
        other.is_superuser,
        other.display_name,
    ) == (True, False, False, "Olga")


def test_groups_and_permissions_are_ticked_and_links_have_no_empty_heading(host, signed_in, member):
    nora = signed_in(host)
    group = Group.objects.get(name="moderators")
    member.links.create(url="https://alice.example/")
    for path, name in (
        (f"accounts/user/{member.pk}/change/", "groups"),
        (f"auth/group/{group.pk}/change/", "permissions"),
    ):
        page = nora.get(f"/admin/{path}").content.decode()
        assert re.search(rf'<input type="checkbox" name="{name}"', page)
        assert not re.search(r"selectfilter|<th[^>]*></th>", page)
    permission = Permission.objects.first()
    nora.post(f"/admin/auth/group/{group.pk}/change/", {"name": group.name, "permissions": [permission.pk]})
    assert [*group.permissions.all()] == [permission]
