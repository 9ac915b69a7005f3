"""The admin's list of comments: the same actions through the same service, and no direct edits."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment
from moderation.models import Decision, ModerationAction, ModerationSettings, RemovalReason
from moderation.services.decisions import decide
from moderation.services.members import make_appeal, suspend
from tests.factories import make_member, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

LIST = "/admin/comments/comment/"


@pytest.fixture
def host_client(host, signed_in):
    return signed_in(host)


def act(client, action: str, comments: list[Comment]):
    return client.post(
        LIST, {"action": action, "_selected_action": [comment.pk for comment in comments]}, follow=True
    )


@pytest.mark.parametrize(
    ("action", "after", "sentence"),
    [
        ("approve_selected", "public", "2 comments: approved."),
        ("remove_selected", "removed", "2 comments: removed."),
        ("mark_selected_as_spam", "spam", "2 comments: marked as spam."),
    ],
)
def test_actions_decide_through_the_service_and_are_kept(host_client, host, post, action, after, sentence):
    comments = [make_held(post=post), make_held(post=post)]
    response = act(host_client, action, comments)
    assertContains(response, sentence)
    assert set(Comment.objects.values_list("status", flat=True)) == {after}
    assert set(Decision.objects.values_list("comment", "moderator", "status_after")) == {
        (comment.pk, host.pk, after) for comment in comments
    }
    post.refresh_from_db()
    assert post.comment_count == (2 if after == "public" else 0)


def test_what_is_so_already_is_said(host_client, post):
    assertContains(
        act(host_client, "approve_selected", [put_comment(post=post)]), "1 comment was left unchanged."
    )


def test_users_of_the_admin_are_hosts_and_have_the_last_word(post, signed_in):
    staff = make_member(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="moderate_comment"))
    own = make_report(put_comment(post=post, author=staff)).comment
    act(signed_in(staff), "approve_selected", [own])
    assert Decision.objects.count() == 1


def test_staff_without_the_permission_may_look_at_most(post, signed_in):
    held = make_held(post=post)
    staff = make_member(is_staff=True)
    assert signed_in(staff).get(LIST).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client = signed_in(staff)
    assertNotContains(client.get(LIST), "approve_selected")
    act(client, "approve_selected", [held])
    assert Comment.objects.get(pk=held.pk).status == "held"


def test_moderators_who_are_not_staff_stay_out_of_the_admin(moderator, signed_in):
    assert signed_in(moderator).get(LIST).status_code == 302


def test_nothing_is_added_changed_or_deleted_by_hand(host_client, moderator, post):
    comment = make_report(put_comment(post=post)).comment
    decision = decide(comment, "remove", by=moderator)
    rows = {
        "comments_comment": comment.pk,
        "moderation_report": decision.reports.get().pk,
        "moderation_decision": decision.pk,
    }
    for model, pk in rows.items():
        add, change, delete = (
            reverse(f"admin:{model}_{act}", args=args)
            for act, args in (("add", []), ("change", [pk]), ("delete", [pk]))
        )
        assert [
            host_client.get(add).status_code,
            host_client.post(add).status_code,
            host_client.post(change, {"body": "x"}).status_code,
        ] == [403] * 3
        assert host_client.post(delete, {"post": "yes"}).status_code == 403
        page = host_client.get(change)
        assertNotContains(page, 'name="_save"')
        assertNotContains(page, "<textarea")
        assertNotContains(host_client.get(reverse(f"admin:{model}_changelist")), "delete_selected")


def test_the_list_is_searched_and_filtered_and_leads_to_the_place(host_client, post):
    found, _other = put_comment(post=post, body="About kettles."), make_held(post=post)
    response = host_client.get(LIST, {"q": "kettles", "status__exact": "public"})
    assert list(response.context["cl"].result_list) == [found]
    assertContains(response, f'<a href="{found.get_absolute_url()}">View</a>', html=True)


def test_deleted_comments_are_gone_here_too(host_client, post):
    gone = make_report(put_comment(post=post, body="Too much was said.", status="deleted")).comment
    for url in (LIST, "/admin/moderation/report/"):
        assertNotContains(host_client.get(url), "Too much")
    assert host_client.get(f"{LIST}{gone.pk}/change/", follow=False).status_code == 302


def test_markup_in_texts_and_names_stays_text(host_client, post):
    comment = put_comment(post=post, body="<script>alert(1)</script>")
    Comment.objects.filter(pk=comment.pk).update(
        author=None, guest_name="<img src=x onerror=alert(2)>", guest_url="https://x.example/"
    )
    for url in (LIST, f"{LIST}{comment.pk}/change/"):
        page = host_client.get(url)
        assertNotContains(page, "<script>alert")
        assertNotContains(page, "<img src=x")


@pytest.mark.parametrize("number", [1, figure(4, 20)])
@pytest.mark.parametrize(
    ("url", "queries"), [(LIST, 6), ("/admin/moderation/report/", 6), ("/admin/moderation/decision/", 6)]
)
def test_lists_cost_the_same_queries_however_long_they_are(
    host_client, moderator, post, url, queries, number, django_assert_num_queries
):
    for _ in range(number):
        decide(make_report(put_comment(post=post)).comment, "approve", by=moderator)
    host_client.get(url)
    # Session, user, their permissions (twice: own and by groups), the number of rows, the rows.
    with django_assert_num_queries(queries):
        host_client.get(url)


def test_decisions_are_undone_through_the_service(host_client, host, post):
    first, second = (decide(make_held(post=post), "spam", by=host) for _ in range(2))
    decide(second.comment, "approve", by=host)
    ids = [first.pk, second.pk]
    response = host_client.post(
        "/admin/moderation/decision/", {"action": "undo_selected", "_selected_action": ids}, follow=True
    )
    assertContains(response, "1 decision undone.")
    assertContains(response, "1 decision can’t be undone: something else has happened since.")
    assert [Comment.objects.get(pk=one.comment_id).status for one in (first, second)] == ["held", "public"]
    assert Decision.objects.latest("pk").undoes == first


# --- members -----------------------------------------------------------------------------


def test_restrictions_are_lifted_through_the_same_service(host, member, moderator, signed_in):
    restriction = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    data = {"action": "lift_selected", "_selected_action": [restriction.pk]}
    assertContains(
        signed_in(host).post("/admin/moderation/restriction/", data, follow=True), "1 restriction lifted."
    )
    member.refresh_from_db()
    assert member.may_write
    assert list(ModerationAction.objects.order_by("pk").values_list("action", "moderator__username")) == [
        ("suspend", "carol"),
        ("lift", "nora"),
    ]


@pytest.mark.parametrize("model", ["moderationaction", "restriction", "appeal", "decision"])
def test_what_was_decided_is_only_read_there(host, member, moderator, signed_in, model):
    restriction = suspend(member, by=moderator, ends_at=timezone.now() + timedelta(days=1), words="Rest.")
    rows = {
        "moderationaction": ModerationAction.objects.get().pk,
        "restriction": restriction.pk,
        "appeal": make_appeal(member, restriction, "No.").pk,
    }
    rows["decision"] = decide(put_comment(), "remove", by=moderator).pk
    client = signed_in(host)
    assertNotContains(client.get(f"/admin/moderation/{model}/{rows[model]}/change/"), '<input type="submit"')
    for page in ("add/", f"{rows[model]}/delete/"):
        assert client.post(f"/admin/moderation/{model}/{page}", {"post": "yes"}).status_code == 403


def test_the_host_writes_the_texts_and_retires_them(host, moderator, member, signed_in):
    client = signed_in(host)
    client.post(
        "/admin/moderation/removalreason/add/",
        {"title": "Too long", "words": "Say it shorter.", "position": "9", "is_offered": "on"},
    )
    text = RemovalReason.objects.get(title="Too long")
    host_client = signed_in(moderator)
    assertContains(host_client.get("/moderation/people/alice/"), "Too long")
    client.post(
        f"/admin/moderation/removalreason/{text.pk}/change/",
        {"title": "Too long", "words": "Say it shorter.", "position": "9"},
    )
    assertNotContains(host_client.get("/moderation/people/alice/"), "Too long")
    assert (
        client.post(f"/admin/moderation/removalreason/{text.pk}/delete/", {"post": "yes"}).status_code == 403
    )


def test_the_list_of_settings_leads_to_the_one_row(signed_in, host):
    assertRedirects(
        signed_in(host).get("/admin/moderation/moderationsettings/"),
        "/admin/moderation/moderationsettings/1/change/",
    )
    ModerationSettings.objects.update(hold_percent=60)
    assertRedirects(
        signed_in(host).get("/admin/moderation/moderationsettings/"),
        "/admin/moderation/moderationsettings/1/change/",
    )
    assert ModerationSettings.objects.get().hold_percent == 60


def test_who_is_no_host_is_not_led_there_and_makes_no_row(signed_in, member, client):
    for browser in (client, signed_in(member)):
        assert browser.get("/admin/moderation/moderationsettings/").status_code in {302, 403}
    assert not ModerationSettings.objects.exists()


@pytest.mark.parametrize(("most", "says"), [(3, "More than 3 comments."), (4, "4 comments")])
def test_a_long_list_is_not_counted_to_its_end(host_client, post, monkeypatch, most, says):
    monkeypatch.setattr("core.web.admin.QuickPaginator.MOST", most)
    for _ in range(4):
        put_comment(post)
    page = host_client.get(LIST).content.decode()
    assert says in " ".join(page.partition('class="paginator"')[2].split())
    assert page.count('class="action-select"') == 4
