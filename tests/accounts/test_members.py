"""The member directory and a member's profile, by role."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import ProfileLink, User
from accounts.services.profile import store_topics
from comments.models import Comment
from comments.services.writing import set_status
from tests.factories import make_host, make_member, make_moderator, put_comment
from tests.figures import figure

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

LIST = "/members/"


def names(response) -> list[str]:
    return [member.username for member in response.context["members"]]


# --- profiles ---


def test_the_page_shows_who_somebody_is(client):
    member = make_member("alice", display_name="Alice Ames", tagline="Talks on trains.", bio="I **sail**.")
    link = ProfileLink.objects.create(user=member, url="https://xeeme.com/alice/", label="My XeeMe")
    response = client.get("/members/alice/")
    assertContains(response, '<h1 id="who" class="p-name">Alice Ames</h1>', html=True)
    assertContains(response, "Talks on trains.")
    assertContains(response, "<strong>sail</strong>")
    assertContains(
        response,
        f'<a href="https://xeeme.com/alice/" class="u-url" rel="me ugc nofollow noopener" data-link="{link.pk}">',
    )
    assertContains(response, "<b>My XeeMe</b><small>xeeme.com/alice/</small><small>closed</small>")
    assertContains(
        response, '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="2.5"/>'
    )


def test_a_link_without_a_label_shows_its_address(client, member):
    ProfileLink.objects.create(user=member, url="https://blog.example/")
    assertContains(client.get("/members/alice/"), "<b>blog.example</b></span>")


def test_a_link_to_a_known_network_bears_its_name_and_sign(client, member):
    ProfileLink.objects.create(user=member, url="https://bsky.app/profile/ada.example")
    ProfileLink.objects.create(user=member, url="https://plus.google.com/1")
    page = client.get("/members/alice/")
    assertContains(page, "<b>Bluesky</b><small>bsky.app/profile/ada.example</small></span>")
    assertContains(page, 'stroke="none">Bs</text>')
    assertContains(page, "<b>Google+</b><small>plus.google.com/1</small><small>closed in 2019</small></span>")


def test_the_page_names_no_mail_address(client, member, other_member, signed_in):
    for visitor in (client, signed_in(other_member)):
        assertNotContains(visitor.get("/members/alice/"), "alice@example.org")
        assertNotContains(visitor.get(LIST), "alice@example.org")


def test_only_the_owner_is_asked_to_add_links(client, member, other_member, signed_in):
    words = "Add links to your other sites"
    assertContains(signed_in(member).get("/members/alice/"), words)
    for visitor in (client, signed_in(other_member)):
        assertNotContains(visitor.get("/members/alice/"), words)
        assertNotContains(visitor.get("/members/alice/"), "Links of ")


def test_the_page_shows_what_was_said_lately(client, post, member):
    put_comment(post=post, author=member, body="A word about trains.")
    assertContains(client.get("/members/alice/"), "A word about trains.")


def test_what_was_said_is_paged_by_key_newest_first(client, post, member, settings):
    settings.RATE_LIMITS = False
    comments = [put_comment(post=post, author=member, body=f"Word number {number}.") for number in range(23)]
    seen, response = [], client.get("/members/alice/")
    for _page in range(3):
        seen.append([int(number) for number in re.findall(r"Word number (\d+)", response.content.decode())])
        query = re.search(r'href="(\?before=[^"#]+)#said-h" rel="next"', response.content.decode())
        if query:
            # A newer comment is gone, and the next page is the same.
            set_status(comments[22], Comment.Status.REMOVED)
            response = client.get(f"/members/alice/{query[1]}")
    assert seen == [list(range(22, 12, -1)), list(range(12, 2, -1)), [2, 1, 0]]
    assertContains(response, "Newest")
    assertContains(response, '<meta name="robots" content="noindex, follow">')


def test_the_list_of_comments_names_the_author_replied_to_if_everyone_may_read_it(
    client, post, member, other_member
):
    question, gone = (
        put_comment(post=post, author=other_member),
        put_comment(post=post, author=other_member),
    )
    put_comment(post=post, parent=question, author=member, body="An answer.")
    put_comment(post=post, parent=gone, author=member, body="Another.")
    set_status(gone, Comment.Status.REMOVED)
    page = client.get("/members/alice/")
    assertContains(page, f'in reply to <a href="/comments/{question.pk}/">bob</a>', html=False)
    assertContains(page, "in reply to", count=1)


@pytest.mark.parametrize("before", ["", "x", "1-1", "-1", "9" * 17 + "-1", "9" * 40, "1-" + "9" * 30, "²-1"])
def test_a_place_in_what_was_said_that_makes_no_sense_still_gives_a_page(client, post, member, before):
    put_comment(post=post, author=member)
    assert client.get("/members/alice/", {"before": before}).status_code == 200


@pytest.mark.parametrize("comments", [1, 8])
def test_a_page_costs_the_same_queries_however_much_was_said(
    client, post, member, comments, django_assert_num_queries
):
    for _number in range(comments):
        put_comment(parent=put_comment(post=post), author=member)
    # The member, links, topics, whether they have a public comment, permissions for the badge "Moderator",
    # comments.
    with django_assert_num_queries(6):
        assertContains(client.get("/members/alice/"), "in reply to", count=comments)


def test_a_closed_account_has_no_page(client, member, moderator, signed_in):
    User.objects.filter(pk=member.pk).update(is_active=False)
    for visitor in (client, signed_in(moderator)):
        assert visitor.get("/members/alice/").status_code == 404
        assertNotContains(visitor.get(LIST), "/members/alice/")


@pytest.mark.parametrize("path", ["/members/nobody/", "/members/a%00b/", "/members/" + "x" * 300 + "/"])
def test_nobody_is_at_an_address_that_nobody_has(client, path):
    assert client.get(path).status_code in {400, 404}


def test_capitals_in_the_address_lead_to_the_same_page(client, member):
    assert client.get("/members/ALICE/").context["member"] == member


def test_me_is_the_way_to_the_own_page(client, member, signed_in):
    assertRedirects(signed_in(member).get("/members/me/"), "/members/alice/")
    assertRedirects(client.get("/members/me/"), "/accounts/login/?next=/members/me/")


def test_roles_are_named(client):
    make_host("nora")
    make_moderator("carol")
    assertContains(client.get("/members/nora/"), '<span class="badge">Host</span>', html=True)
    assertContains(client.get("/members/carol/"), '<span class="badge quiet">Moderator</span>', html=True)


@pytest.mark.parametrize("links", [1, figure(5, 15)])
def test_a_page_costs_the_same_queries_however_many_links(client, links, member, django_assert_num_queries):
    ProfileLink.objects.bulk_create(
        ProfileLink(user=member, url=f"https://example.org/{number}") for number in range(links)
    )
    # The member, links, topics, whether they have a public comment, permissions for the badge "Moderator",
    # comments.
    with django_assert_num_queries(6):
        client.get("/members/alice/")


# --- the directory ---


def test_the_directory_goes_by_name_and_pages_by_key(client, settings):
    settings.MEMBERS_PER_PAGE = 2
    for username, name in [("a1", "zoë"), ("b2", ""), ("c3", "Ada"), ("d4", "Ada"), ("e5", "Émile | 7")]:
        make_member(username, display_name=name)
    seen, response = [], client.get(LIST)
    for _page in range(3):
        seen.append(names(response))
        if query := response.context["next_query"]:
            response = client.get(f"{LIST}?{query}")
    assert seen == [["c3", "d4"], ["b2", "e5"], ["a1"]]
    assertContains(response, "Back to the start")


@pytest.mark.parametrize(
    "after", ["", "|", "x", "x|", "|7", "x|-1", "x|1e9", "x|" + "9" * 40, "x|²", "x|٣", "'; --|1"]
)
def test_an_address_that_makes_no_sense_still_gives_a_page(client, member, after):
    assert client.get(LIST, {"after": after}).status_code == 200


def test_the_end_of_the_directory_says_so(client, member):
    assertContains(client.get(LIST, {"after": "zzz|1"}), "No more members.")


def test_an_empty_directory_says_so(client):
    assertContains(client.get(LIST), "No members yet.")


@pytest.mark.parametrize("members", [1, figure(6, 30)])
def test_the_directory_costs_the_same_queries_however_many_members(
    client, members, django_assert_num_queries
):
    for number in range(members):
        member = make_member(f"m{number}")
        ProfileLink.objects.create(user=member, url="https://example.org/")
        store_topics(member, "help", ["bread", "bikes"])
    # The members, their links and topics, moderators, and two for the topic filter.
    with django_assert_num_queries(6):
        assertContains(client.get(LIST), 'class="person"', count=members)


def test_a_large_directory_is_not_counted_to_its_end(client, settings, monkeypatch):
    settings.MEMBERS_PER_PAGE = 2
    monkeypatch.setattr("accounts.views.directory.MAX_COUNTED", 3)
    for number in range(4):
        make_member(f"m{number}")
    assertContains(client.get(LIST), "More than 3 members")
    assertContains(client.get(LIST, {"q": "m"}), "More than 3 members found.")
    assertContains(client.get(LIST, {"q": "m1"}), "1 member found.")


# --- in the admin ---


def admin_form(client: Client, member: User) -> dict[str, str]:
    form = client.get(reverse("admin:accounts_user_change", args=[member.pk])).context["adminform"].form
    data = {
        name: value
        for name, value in form.initial.items()
        if value not in (None, "", []) and name not in {"password", "avatar"}
    }
    return data | {f"links-{key}": 0 for key in ("TOTAL_FORMS", "INITIAL_FORMS")}


def test_the_host_finds_members_and_sees_who_moderates(
    signed_in, host, member, moderator, django_assert_max_num_queries
):
    client = signed_in(host)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("admin:accounts_user_changelist"))
    assertContains(response, "alice@example.org")
    moderates = {row.username: row.in_moderators for row in response.context["cl"].result_list}
    assert moderates == {"nora": False, "alice": False, "carol": True}
    assert response.context["action_form"] is None


def test_the_host_closes_an_account(signed_in, host, member):
    client = signed_in(host)
    data = admin_form(client, member)
    del data["is_active"]
    assert client.post(reverse("admin:accounts_user_change", args=[member.pk]), data).status_code == 302
    member.refresh_from_db()
    assert (member.is_active, member.email, member.username) == (False, "alice@example.org", "alice")


def test_the_host_adds_a_member(signed_in, host):
    data = {"username": "newcomer", "email": "new@example.org", "usable_password": "false"}
    assert signed_in(host).post(reverse("admin:accounts_user_add"), data).status_code == 302
    assert User.objects.get(username="newcomer").has_usable_password() is False


def test_staff_who_may_change_members_cannot_lend_themselves_more(signed_in, db):
    clerk = make_member("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client = signed_in(clerk)
    client.post(
        reverse("admin:accounts_user_change", args=[clerk.pk]),
        admin_form(client, clerk) | {"is_superuser": "on", "groups": "1"},
    )
    clerk.refresh_from_db()
    assert (clerk.is_superuser, clerk.groups.count()) == (False, 0)


@pytest.mark.parametrize("role", ["visitor", "member", "moderator"])
def test_nobody_else_sees_members_in_the_admin(role, client, member, moderator, signed_in):
    visitor = {"visitor": client, "member": signed_in(member), "moderator": signed_in(moderator)}[role]
    assert visitor.get(reverse("admin:accounts_user_change", args=[member.pk])).status_code == 302
