"""The moderation queue: its sections, groups of related comments, claims, and counts."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment
from comments.services.checks import Opinion
from comments.services.writing import delete_comment, edit_comment
from moderation.models import Assessment, Decision, ReviewLock
from moderation.services import queue
from moderation.services.cases import open_case
from moderation.services.decisions import decide, decide_many
from moderation.services.groups import By, Group, members_of
from moderation.services.review_locks import lock, locked_by_colleagues
from moderation.spamfilter import training
from tests.factories import make_comment, make_member, make_moderator, make_post, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

CAMPAIGN = "Play at https://lucky.example/{} and win big, dear friends of the long evening, every single night of the week, number {}."
TEMPLATE = "{Hello|Hi} there, {nice|great} post, visit https://lucky.example now"


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


def make_campaign(number: int, post=None, **fields) -> list[Comment]:
    post = post or make_post()
    return [make_held(post=post, body=CAMPAIGN.format(name, name), **fields) for name in range(number)]


def make_turned_away(**fields) -> Comment:
    comment = make_held(body=TEMPLATE, **fields)
    assert comment.was_blocked
    return comment


def rows(response) -> list[Comment]:
    return response.context["page"].rows


def statuses(comments) -> list[str]:
    return list(
        Comment.objects.filter(pk__in=[comment.pk for comment in comments])
        .order_by("pk")
        .values_list("status", flat=True)
    )


# --- sections of the queue --------------------------------------------------------------


def test_blocked_comments_are_in_the_list_and_in_a_filter_of_their_own(moderator_client, post):
    turned_away = make_turned_away(post=post)
    held = make_held(post=post)
    reported = make_report(put_comment(post=post)).comment
    answers = {
        kind: moderator_client.get("/moderation/", {"kind": kind})
        for kind in ["", "held", "reported", "turned-away", "nonsense"]
    }
    everything = [turned_away, held, reported]
    assert {kind: rows(response) for kind, response in answers.items()} == {
        "": everything,
        "held": [held],
        "reported": [reported],
        "turned-away": [turned_away],
        "nonsense": everything,
    }
    summary = answers[""].context["summary"]
    assert summary == (2, held.created_at, 1, 1)
    assert [count for _kind, count in summary.kinds] == [3, 1, 1, 1]
    assertContains(answers[""], "2 comments are waiting (the oldest for")
    assertContains(answers[""], "1 was blocked as spam; its author can see this and edit it.")
    assertContains(answers["held"], 'href="/moderation/?kind=held" aria-current="page"')


AWAY, OTHER = {"code": "turned_away"}, {"code": "link"}


@pytest.mark.parametrize("reasons", [[], [OTHER], [AWAY, OTHER], [OTHER, AWAY]])
@pytest.mark.parametrize("status", Comment.Status.values)
def test_the_database_and_the_row_agree_on_how_a_comment_is_held(post, status, reasons):
    comment = put_comment(post=post)
    Comment.objects.filter(pk=comment.pk).update(status=status, hold_reasons=reasons)
    comment.refresh_from_db()
    held_as = ("turned_away" if reasons[:1] == [AWAY] else "awaited") if status == "held" else ""
    assert (comment.held_as, comment.was_blocked) == (held_as, held_as == "turned_away")
    assert (list(Comment.objects.awaited()), list(Comment.objects.turned_away())) == (
        [comment] * (held_as == "awaited"),
        [comment] * (held_as == "turned_away"),
    )


def find_other(*about) -> Opinion:
    return Opinion([OTHER])


def turn_away(*about) -> Opinion:
    return Opinion([AWAY])


def test_being_blocked_comes_before_all_other_reasons(post, settings):
    settings.COMMENT_CHECKS = [f"{__name__}.find_other", f"{__name__}.turn_away"]
    comment = make_comment(post=post)
    assert ([reason["code"] for reason in comment.hold_reasons], comment.held_as) == (
        ["turned_away", "link"],
        "turned_away",
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Other planners ask how many rows there are.")
def test_what_is_held_is_counted_by_an_index(post):
    with CaptureQueriesContext(connection) as queries:
        queue.summary()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "USING INDEX comments_held (held_as=?)" in plan


def test_a_comment_may_be_held_reported_and_counted_once(moderator_client, post):
    comment = make_report(make_held(post=post)).comment
    make_report(comment)
    response = moderator_client.get("/moderation/")
    assert (rows(response), response.context["summary"][:1]) == ([comment], (1,))


def test_paging_stays_in_its_part(moderator_client, post, settings):
    settings.REVIEW_PER_PAGE = 2
    turned_away = [make_turned_away(post=post) for _ in range(3)]
    make_held(post=post)
    first = moderator_client.get("/moderation/", {"kind": "turned-away"})
    assertContains(first, f'href="?kind=turned-away&amp;after={first.context["page"].next}"')
    second = moderator_client.get(
        "/moderation/", {"kind": "turned-away", "after": str(first.context["page"].next)}
    )
    assert [rows(first), rows(second)] == [turned_away[:2], turned_away[2:]]


def test_deciding_leads_on_to_the_next_one_of_the_part_and_undo_back_to_it(moderator_client, post):
    first, second, third = (make_held(post=post) for _ in range(3))
    page = moderator_client.get("/moderation/", {"kind": "held", "item": second.pk})
    onward = f"/moderation/?kind=held&amp;item={third.pk}#case-h"
    assertContains(page, f'<input type="hidden" name="next" value="{onward}">', html=True)
    response = moderator_client.post(
        "/moderation/decide/",
        {"comments": second.pk, "action": "remove", "next": onward.replace("&amp;", "&"), "form": "case"},
    )
    decision = Decision.objects.get()
    assertRedirects(response, f"/moderation/?kind=held&item={third.pk}&done={decision.pk}")
    page = moderator_client.get(response["Location"])
    assert (rows(page), page.context["case"].comment) == ([first, third], third)
    assertContains(page, f'name="next" value="/moderation/?kind=held&amp;item={second.pk}#case-h"')


def test_j_and_k_are_links_along_the_list(moderator_client, post):
    first, second, third = (make_held(post=post) for _ in range(3))
    page = moderator_client.get("/moderation/", {"item": second.pk})
    assert page.context["beside"] == (first.pk, third.pk)
    assertContains(page, f'rel="prev" href="?item={first.pk}#case-h" data-key="k"')
    assertContains(page, f'rel="next" href="?item={third.pk}#case-h" data-key="j"')
    for key in "asr":
        assertContains(page, f'data-key="{key}"', count=1)


# --- the case ---------------------------------------------------------------------------


def test_a_case_marks_the_text_that_its_reasons_are_about(moderator_client, post):
    held = make_held(post=post, body="Cheap **casino** bonus at [the best place](https://lucky.example/).")
    response = moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))
    assertContains(response, "<mark>casino</mark>")
    assertContains(response, '<span class="raw">https://<mark>lucky.example</mark>/</span>', html=True)
    assertContains(response, "Spam score:")
    assert response.context["case"].score_percent == round(100 * held.assessment.score)


def test_a_case_shows_near_copies_side_by_side_and_what_became_of_them(moderator_client, moderator, post):
    first, second = make_campaign(2, post)
    decide(first, "spam", by=moderator)
    response = moderator_client.get(reverse("moderation:comment-review", args=[second.pk]))
    (similar,) = response.context["case"].similar
    assert (similar.comment, [piece.words for piece in similar.pieces if piece.is_inserted]) == (
        first,
        ["0", "0"],
    )
    assertContains(response, '<span class="badge quiet">Marked as spam</span>', html=True)


def test_a_case_shows_the_comments_around_it(moderator_client, post):
    before, parent = put_comment(post=post, body="Before."), put_comment(post=post, body="Parent.")
    held = make_held(parent=parent)
    after = put_comment(parent=parent, body="After.")
    put_comment(post=make_post(), body="Elsewhere.")
    case = moderator_client.get(reverse("moderation:comment-review", args=[held.pk])).context["case"]
    assert (case.before, case.after) == ([before], [after])


def test_a_case_shows_how_well_its_author_is_known(moderator_client, post):
    held = make_held(post=post)
    assertContains(moderator_client.get("/moderation/"), "Level 0 of 3: new, every comment is checked")
    assert moderator_client.get("/moderation/").context["case"].comment == held


@pytest.mark.parametrize("action", ["approve", "spam", "remove"])
def test_a_link_that_proposes_a_decision_asks_first(moderator_client, post, action):
    held = make_held(post=post)
    url = reverse("moderation:comment-review", args=[held.pk])
    page = moderator_client.get(url, {"decide": action})
    assertContains(page, "Nothing has been decided yet.")
    assertContains(page, f'<button class="btn" name="action" value="{action}">')
    assert (statuses([held]), Decision.objects.count()) == (["held"], 0)
    seen = page.context["case_form"].initial["seen"]
    assertContains(page, f'<input type="hidden" name="seen" value="{seen}">', html=True, count=1)
    moderator_client.post("/moderation/decide/", {"comments": held.pk, "action": action, "seen": str(seen)})
    assert Decision.objects.get().action == action


@pytest.mark.parametrize("action", ["undo", "move", "", "x"])
def test_a_link_cannot_propose_nonsense(moderator_client, post, action):
    held = make_held(post=post)
    assertNotContains(
        moderator_client.get(reverse("moderation:comment-review", args=[held.pk]), {"decide": action}),
        "Nothing has been decided yet.",
    )


def test_a_link_from_yesterday_to_what_is_decided_proposes_nothing(moderator_client, post):
    held = make_held(post=post)
    decide(held, "spam", by=make_moderator("dave"))
    assertNotContains(
        moderator_client.get(reverse("moderation:comment-review", args=[held.pk]), {"decide": "approve"}),
        "Nothing has been decided yet.",
    )


# --- claims -----------------------------------------------------------------------------


def test_two_moderators_who_open_the_queue_get_different_comments(
    moderator, moderator_client, signed_in, post
):
    first, second = make_held(post=post), make_held(post=post)
    dave = signed_in(make_moderator("dave", display_name="Dave"))
    assert moderator_client.get("/moderation/").context["case"].comment == first
    page = dave.get("/moderation/")
    assert page.context["case"].comment == second
    assertContains(page, "carol is reviewing it")
    assertContains(moderator_client.get("/moderation/"), "Dave is reviewing it")


def test_what_a_colleague_has_open_is_shown_with_their_name_and_not_decided(
    moderator, moderator_client, signed_in, post
):
    held = make_held(post=post)
    moderator_client.get("/moderation/")
    dave = signed_in(make_moderator("dave"))
    page = dave.get("/moderation/", {"item": held.pk})
    assertContains(page, "<b>carol</b> opened this")
    assertNotContains(page, 'data-key="a"')
    response = dave.post("/moderation/decide/", {"comments": held.pk, "action": "spam"}, follow=True)
    assertContains(response, "One comment was left unchanged: carol is reviewing it.")
    assert (statuses([held]), Decision.objects.count()) == (["held"], 0)
    response = dave.post(
        reverse("moderation:review-lock-create", args=[held.pk]),
        {"next": f"/moderation/?item={held.pk}"},
        follow=True,
    )
    assertContains(response, "You’re now reviewing the comment by")
    assertContains(response, 'data-key="a"')
    assertContains(
        moderator_client.post("/moderation/decide/", {"comments": held.pk, "action": "spam"}, follow=True),
        "dave is reviewing it",
    )
    dave.post("/moderation/decide/", {"comments": held.pk, "action": "spam"})
    assert (statuses([held]), ReviewLock.objects.count()) == (["spam"], 0)


def test_after_a_decision_the_next_one_is_what_nobody_has_open(moderator_client, post):
    first, second, third = (
        make_held(post=post, created_at=timezone.now() - timedelta(hours=hours)) for hours in (3, 2, 1)
    )
    lock(second, by=make_moderator("dave", display_name="Dave"))
    page = moderator_client.get("/moderation/")
    assert (page.context["case"].comment, page.context["beside"].next, page.context["next_free"]) == (
        first,
        second.pk,
        third.pk,
    )
    assertContains(
        page, f'<input type="hidden" name="next" value="/moderation/?item={third.pk}#case-h">', html=True
    )
    page = moderator_client.get("/moderation/", {"item": second.pk})
    assertContains(page, "<b>Dave</b> opened this less than a minute ago")
    assert page.context["next_free"] == third.pk


def test_a_claim_ends_by_itself_by_deciding_and_by_opening_another(moderator, post, settings):
    first, second, third = (make_held(post=post) for _ in range(3))
    dave = make_moderator("dave")
    assert lock(first, by=moderator).moderator == moderator
    assert lock(first, by=dave).moderator == moderator
    assert lock(second, by=moderator).comment == second
    assert lock(first, by=dave).moderator == dave
    ReviewLock.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert locked_by_colleagues([first, second], of=make_moderator("erin")) == {}
    assert lock(first, by=moderator).moderator == moderator
    decide(first, "approve", by=moderator)
    assert list(ReviewLock.objects.values_list("comment", "moderator")) == []
    assert lock(third, by=moderator).expires_at == pytest.approx(
        timezone.now() + timedelta(minutes=settings.CLAIM_MINUTES), abs=timedelta(seconds=9)
    )


def test_looking_up_what_is_decided_claims_nothing(moderator_client, moderator, post):
    public = put_comment(post=post)
    moderator_client.get(reverse("moderation:comment-review", args=[public.pk]))
    moderator_client.head(reverse("moderation:comment-review", args=[make_held(post=post).pk]))
    assert ReviewLock.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_the_same_moment_one_has_it(post):
    comments = [make_held(post=post) for _ in range(2)]
    moderators = [make_moderator() for _ in range(4)]
    barrier = threading.Barrier(len(moderators))
    faults: list[Exception] = []

    def run(moderator, order):
        try:
            barrier.wait()
            for number in range(10):
                lock(comments[(order + number) % 2], by=moderator)
        except Exception as error:  # noqa: BLE001 - reported below
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(moderators, range(4), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    held = list(ReviewLock.objects.values_list("comment", "moderator"))
    assert 1 <= len(held) <= 2
    assert (
        len({comment for comment, _moderator in held})
        == len({moderator for _comment, moderator in held})
        == len(held)
    )


# --- groups -------------------------------------------------------------------------------


def test_a_case_names_its_groups_and_how_many_are_in_each(moderator_client, post):
    campaign = make_campaign(3, post)
    put_comment(post=post, author=campaign[0].author, body="A calm word.")
    groups = open_case(campaign[0]).groups
    assert groups == [
        Group(By.COPIES, "", waiting=3, public=0),
        Group(By.MARK, "lucky.example", waiting=3, public=0),
        Group(By.AUTHOR, "", waiting=1, public=1),
    ]
    page = moderator_client.get("/moderation/", {"item": campaign[0].pk})
    assertContains(
        page,
        f'href="/moderation/comments/{campaign[0].pk}/together/?by=copies" data-key="g">Near-identical text',
    )
    assertContains(
        page,
        f'href="/moderation/comments/{campaign[0].pk}/together/?by=mark&amp;mark=lucky.example">With lucky.example</a>',
    )


def moderator_of(client):
    return client.get("/moderation/decisions/").context["user"]


def test_of_a_very_large_campaign_no_more_is_looked_at_than_is_quick(moderator_client, post, monkeypatch):
    monkeypatch.setattr(training, "MAX_COPIES", 2)
    campaign = make_campaign(4, post)
    [copies, by_mark] = open_case(campaign[0]).groups
    assert (copies, by_mark.total) == (Group(By.COPIES, "", 3, 0, is_cut=True), 4)
    address = reverse("moderation:group-review", args=[campaign[0].pk])
    assertContains(
        moderator_client.get(reverse("moderation:comment-review", args=[campaign[0].pk])),
        "<b>3+</b>",
        html=True,
    )
    assertContains(
        moderator_client.get(address, {"by": "copies"}),
        "There are more; they’ll appear here when you’ve finished with these.",
    )


def test_places_that_everybody_links_to_make_no_group(post):
    comments = [
        make_held(post=post, body=f"{words} https://youtu.be/{words[:4]}")
        for words in ("Good night song", "What a lovely evening")
    ]
    assert members_of(comments[0], By.MARK, "youtu.be") is None
    assert open_case(comments[0]).groups == []


def test_a_campaign_is_decided_at_once_after_a_question_and_undone_at_once(moderator_client, moderator, post):
    campaign = make_campaign(12, post)
    other = make_held(post=post)
    url = reverse("moderation:group-review", args=[campaign[5].pk])
    page = moderator_client.get(url, {"by": "copies"})
    assertContains(page, "12 comments are selected.")
    ids = [comment.pk for comment in campaign]
    data = {
        "by": "copies",
        "comments": ids,
        "action": "spam",
        "seen": str(page.context["form"].initial["seen"]),
        "note": "Lucky again.",
    }
    page = moderator_client.post(url, data)
    assertContains(page, "Mark 12 comments as spam?")
    assertContains(page, "12 people wrote them.")
    assert Decision.objects.count() == 0
    page = moderator_client.post(url, data | {"sure": "spam"}, follow=True)
    assertContains(page, "Marked 12 comments as spam.")
    assert set(statuses(campaign)) == {"spam"}
    assert statuses([other]) == ["held"]
    decisions = Decision.objects.filter(action="spam")
    assert (
        decisions.count(),
        decisions.values("batch").distinct().count(),
        set(decisions.values_list("note", flat=True)),
    ) == (
        12,
        1,
        {"Lucky again."},
    )
    assertRedirects(
        moderator_client.post("/moderation/undo/", {"batch": str(decisions[0].batch)}), "/moderation/"
    )
    assert set(statuses(campaign)) == {"held"}


def test_a_group_leaves_out_what_is_unticked_and_what_a_colleague_has_open(moderator_client, signed_in, post):
    campaign = make_campaign(4, post)
    signed_in(make_moderator("dave")).get("/moderation/", {"item": campaign[1].pk})
    url = reverse("moderation:group-review", args=[campaign[0].pk])
    ids = [comment.pk for comment in campaign[:3]]
    page = moderator_client.post(
        url, {"by": "copies", "comments": ids, "action": "remove", "sure": "remove"}, follow=True
    )
    assertContains(page, "dave is reviewing it")
    assert statuses(campaign) == ["removed", "held", "removed", "held"]


def test_public_members_of_a_group_are_named_and_taken_in_only_when_asked_for(
    moderator_client, moderator, post
):
    campaign = make_campaign(3, post)
    decide(campaign[0], "approve", by=moderator)
    url = reverse("moderation:group-review", args=[campaign[1].pk])
    page = moderator_client.get(url, {"by": "mark", "mark": "lucky.example"})
    assert page.context["members"].comments == campaign[1:]
    page = moderator_client.get(url, {"by": "mark", "mark": "lucky.example", "public": "1"})
    assert page.context["members"].comments == campaign
    ids = [comment.pk for comment in campaign]
    page = moderator_client.post(
        url, {"by": "mark", "mark": "lucky.example", "public": "1", "comments": ids, "action": "spam"}
    )
    assertContains(page, "One of them is public.")


def test_a_sure_answer_to_another_question_is_asked_again(moderator_client, post):
    campaign = make_campaign(2, post)
    url = reverse("moderation:group-review", args=[campaign[0].pk])
    page = moderator_client.post(
        url,
        {
            "by": "copies",
            "comments": [comment.pk for comment in campaign],
            "action": "approve",
            "sure": "spam",
        },
    )
    assertContains(page, "Approve 2 comments?")
    assert statuses(campaign) == ["held", "held"]


@pytest.mark.parametrize("query", [{}, {"by": "x"}, {"by": "mark"}, {"by": "mark", "mark": "other.example"}])
def test_a_group_that_is_none_is_not_found(moderator_client, post, query):
    assert (
        moderator_client.get(
            reverse("moderation:group-review", args=[make_held(post=post).pk]), query
        ).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [({"action": "spam"}, "Select at least one comment."), ({"comments": "OWN"}, "Choose an action")],
)
def test_a_group_decision_that_makes_no_sense_comes_back(moderator_client, post, data, sentence):
    campaign = make_campaign(2, post)
    data = {name: str(campaign[0].pk) if value == "OWN" else value for name, value in data.items()}
    response = moderator_client.post(
        reverse("moderation:group-review", args=[campaign[0].pk]), {"by": "copies", "note": "Kept."} | data
    )
    assertContains(response, sentence, status_code=422)
    assertContains(response, 'value="Kept."', status_code=422)


@pytest.mark.parametrize("number", [2, figure(6, 40)])
def test_a_group_costs_the_same_queries_however_many_are_in_it(
    moderator_client, post, number, django_assert_num_queries
):
    campaign = make_campaign(number, post)
    url = reverse("moderation:group-review", args=[campaign[0].pk])
    moderator_client.get(url, {"by": "copies"})
    # Session, user, notifications, pending counts (two); the comment, near-copies, how many, the members, the latest decision and edit (two), claims.
    with django_assert_num_queries(13):
        response = moderator_client.get(url, {"by": "copies"})
    assert len(response.context["members"].comments) == number


def test_a_group_is_taken_in_pieces_that_can_be_looked_through(moderator_client, post, settings):
    settings.DECISION_MAX_COMMENTS = 2
    campaign = make_campaign(3, post)
    page = moderator_client.get(reverse("moderation:group-review", args=[campaign[0].pk]), {"by": "copies"})
    assert page.context["members"].comments == campaign[:2]
    assertContains(page, "There are more; they’ll appear here when you’ve finished with these.")


def test_what_is_left_of_a_large_group_opens_next(moderator_client, post, settings):
    settings.DECISION_MAX_COMMENTS = 2
    campaign = make_campaign(5, post)
    other = make_held(post=post, body="The quarry where we swam: https://quarry.example/ shows it.")
    address = reverse("moderation:group-review", args=[campaign[0].pk])
    opened = []
    for _round in range(3):
        page = moderator_client.get(address, {"by": "mark", "mark": "lucky.example"})
        data = {
            "by": "mark",
            "mark": "lucky.example",
            "comments": [comment.pk for comment in page.context["members"].comments],
        }
        data |= {"action": "spam", "sure": "spam", "seen": str(page.context["form"].initial["seen"])}
        opened.append(moderator_client.post(address, data, follow=True).context["case"].comment)
    assert (opened, set(statuses(campaign))) == ([campaign[2], campaign[4], other], {"spam"})


def test_of_a_changed_group_only_what_was_seen_is_decided(moderator_client, moderator, post):
    campaign = make_campaign(5, post)
    address = reverse("moderation:group-review", args=[campaign[0].pk])
    page = moderator_client.get(address, {"by": "copies"})
    delete_comment(campaign[0], by=campaign[0].author)
    edit_comment(
        campaign[1], body="Oh dear, I was tricked: https://lucky.example/ is a fraud.", by=campaign[1].author
    )
    decide(campaign[2], "remove", by=make_moderator("dave"))
    late = make_campaign(1, post)[0]
    data = {
        "by": "copies",
        "comments": [comment.pk for comment in campaign],
        "action": "spam",
        "seen": str(page.context["form"].initial["seen"]),
    }
    asked = moderator_client.post(address, data, follow=True)
    assertContains(
        asked,
        "Nothing was changed: these comments no longer belong together, or one of the decisions was undone.",
    )
    response = moderator_client.post(address, data | {"sure": "spam"}, follow=True)
    assertContains(
        response,
        "3 comments were left unchanged: someone else decided first, or their authors edited them while you were reading.",
    )
    assertContains(response, "Marked 2 comments as spam.")
    assert statuses([*campaign, late]) == ["deleted", "held", "removed", "spam", "spam", "held"]


# --- undo, counts ---------------------------------------------------------------------------


@pytest.mark.parametrize("data", [{"batch": "x"}, {"batch": str(uuid4())}, {"batch": ""}, {"decisions": "x"}])
def test_an_undo_of_nothing_says_so(moderator_client, data):
    response = moderator_client.post("/moderation/undo/", data)
    assert response.status_code == 422


def test_the_log_offers_to_undo_all_that_one_click_decided(moderator_client, moderator, post):
    campaign = make_campaign(3, post)
    decisions = decide_many(campaign, "spam", by=moderator)
    page = moderator_client.get("/moderation/decisions/")
    assertContains(page, f'name="batch" value="{decisions[0].batch}"')
    moderator_client.post(
        "/moderation/undo/", {"batch": str(decisions[0].batch), "next": "/moderation/decisions/"}
    )
    assert set(statuses(campaign)) == {"held"}
    assert decide_many([make_held(post=post)], "spam", by=moderator)[0].batch is None


def test_the_head_of_every_page_tells_moderators_how_much_waits(moderator_client, client, post):
    assertContains(moderator_client.get("/"), '<span class="count" id="waits" hidden>0</span>', html=True)
    make_held(post=post)
    make_turned_away(post=post)
    assertContains(moderator_client.get("/"), '<span class="count" id="waits">1</span>', html=True)
    assertNotContains(client.get("/"), "waits")


def test_the_head_of_the_page_does_not_count_for_ever(moderator_client, post, monkeypatch):
    monkeypatch.setattr(queue, "MAX_COUNTED", 2)
    make_held(post=post)
    assertContains(moderator_client.get("/"), '<span class="count" id="waits">1</span>', html=True)
    make_report(put_comment(post=post))
    assertContains(moderator_client.get("/"), '<span class="count" id="waits">1+</span>', html=True)


def test_an_open_page_learns_what_has_come(moderator_client, post):
    held = make_held(post=post)
    page = moderator_client.get("/moderation/")
    assertContains(page, 'hx-get="/moderation/count/?base=1&amp;known=1" hx-trigger="every 30s"')
    assert moderator_client.get("/moderation/count/", {"base": 1, "known": 1}).status_code == 204
    make_report(put_comment(post=post))
    make_turned_away(post=post)
    answer = moderator_client.get("/moderation/count/", {"base": 1, "known": 1})
    assertContains(answer, "2 new items.")
    assertContains(answer, "?base=1&amp;known=3")
    assertContains(answer, '<span class="count" id="waits" hx-swap-oob="true">2</span>', html=True)
    assertContains(answer, '<span id="n-turned-away" hx-swap-oob="true">1</span>', html=True)
    decide(held, "spam", by=make_moderator("dave"))
    assertNotContains(moderator_client.get("/moderation/count/", {"base": 3, "known": 3}), "come")


@pytest.mark.parametrize("query", ["base=x", "known=-1", "base=99999999999999999999999"])
def test_a_mistyped_count_is_answered(moderator_client, query, post):
    make_held(post=post)
    assert moderator_client.get(f"/moderation/count/?{query}").status_code == 200


def test_assessments_without_comments_disturb_no_case(moderator_client, post):
    Assessment.objects.create(score=0.5, outcome="hold")
    held = make_held(post=post, author=make_member(date_joined=timezone.now()))
    assert moderator_client.get("/moderation/").context["case"].comment == held
