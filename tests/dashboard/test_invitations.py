"""Who may sign up: everyone, invited people, no one."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import User
from core.services.site_settings import save_settings
from dashboard.models import Invitation, InvitationUse
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"


def typed(name: str) -> dict[str, str]:
    return {"email": f"{name}@example.org", "username": name, "password1": PASSWORD}


@pytest.fixture
def by_invitation(host):
    save_settings({"sign_up": "invited"}, by=host)


@pytest.fixture
def invitation(host, by_invitation) -> Invitation:
    return Invitation.objects.create(created_by=host)


def sign_up_with(invitation: Invitation, name: str) -> Client:
    client = Client()
    assertRedirects(client.get(invitation.get_absolute_url()), SIGN_UP)
    client.post(SIGN_UP, typed(name))
    return client


def test_without_an_invitation_sign_up_is_closed(client, by_invitation):
    assertContains(client.get(SIGN_UP), "Sign-up is closed")
    client.post(SIGN_UP, typed("wanda"))
    assert not User.objects.filter(username="wanda").exists()


def test_with_one_they_sign_up_and_the_host_sees_who_came(invitation, host, signed_in):
    sign_up_with(invitation, "wanda")
    wanda = User.objects.get(username="wanda")
    assert list(InvitationUse.objects.values_list("invitation", "member")) == [(invitation.pk, wanda.pk)]
    assertContains(signed_in(host).get(f"/admin/dashboard/invitation/{invitation.pk}/change/"), "wanda")


def test_it_is_good_for_as_many_as_it_says(invitation, client):
    sign_up_with(invitation, "wanda")
    assertContains(client.get(invitation.get_absolute_url(), follow=True), "New members join by invitation.")


def test_two_who_opened_the_last_one_at_the_same_time_are_not_both_let_in(invitation):
    slow = Client()
    slow.get(invitation.get_absolute_url())
    sign_up_with(invitation, "wanda")
    response = slow.post(SIGN_UP, typed("simon"))
    assert response.status_code == 403
    assert not User.objects.filter(username="simon").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(use_count=2)


def test_it_ends_on_its_day(invitation, client):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assertContains(client.get(invitation.get_absolute_url(), follow=True), "New members join by invitation.")


def test_closed_means_closed_for_invitations_too(invitation, host, client):
    save_settings({"sign_up": "closed"}, by=host)
    client.get(invitation.get_absolute_url())
    assertContains(client.get(SIGN_UP), "Sign-up is closed")


def test_a_visitor_who_writes_first_gets_no_account_without_an_invitation(by_invitation, client, post):
    """The emailed code confirms the address; without an account and an invitation it publishes nothing."""
    client.post(
        f"{post.get_absolute_url()}comments/", {"body": "Hello.", "name": "Vera", "email": "vera@example.org"}
    )
    assert not User.objects.filter(emailaddress__email="vera@example.org").exists()
    assert len(mail.outbox) <= 1


def test_members_sign_in_as_before(by_invitation, member, client):
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(member.pk)


def test_the_host_makes_a_link_for_many(host, signed_in, by_invitation):
    browser = signed_in(host)
    data = {"note": "Book club", "max_uses": "20", "expires_at_0": "2030-01-31", "expires_at_1": "12:00:00"}
    form = browser.get("/admin/dashboard/invitation/add/").content.decode()
    assert re.findall(r'name="(expires_at_\d)"[^>]*aria-label="(\w+)"', form) == [
        ("expires_at_0", "Date"),
        ("expires_at_1", "Time"),
    ]
    browser.post("/admin/dashboard/invitation/add/", data)
    invitation = Invitation.objects.get()
    assert (invitation.created_by, invitation.max_uses) == (host, 20)
    assertContains(
        browser.get("/admin/dashboard/invitation/"), f"http://testserver{invitation.get_absolute_url()}"
    )


@pytest.mark.parametrize("number", ["0", "1001", "-1", "many"])
def test_a_number_that_cannot_be_is_refused(host, signed_in, number):
    data = {"max_uses": number, "expires_at_0": "2030-01-31", "expires_at_1": "12:00:00"}
    assert signed_in(host).post("/admin/dashboard/invitation/add/", data).context["errors"]
