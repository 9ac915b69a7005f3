"""The thread on a post's page: order, visibility, query counts."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Mute, ProfileLink
from accounts.services.profile import save_profile
from comments.models import Comment
from comments.services.writing import edit_comment, set_status
from posts.models import Post
from posts.services.publishing import set_comments_open
from tests.factories import make_host, make_member, make_post, put_comment
from tests.figures import figure
from tests.shared_rows import made_once

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

VOID = {"meta", "link", "input", "img", "br", "hr", "use", "path", "circle", "rect", "source", "wbr"}


class Page(HTMLParser):
    """The comments of a page: ids in order, nesting depths, and whether all tags are closed."""

    def __init__(self, response) -> None:
        super().__init__()
        self.open: list[str] = []
        self.comments: list[tuple[int, int, int]] = []
        self.feed(response.content.decode())
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "article" and attrs.get("class") == "comment":
            self.comments.append(
                (int(attrs["id"].removeprefix("comment-")), int(attrs["data-level"]), self.open.count("ol"))
            )

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def read(client, post, query=""):
    return Page(client.get(f"/posts/{post.slug}/{query}")).comments


def chain(post, length):
    comments = [put_comment(post)]
    while len(comments) < length:
        comments.append(put_comment(post, parent=comments[-1]))
    return comments


def test_a_tree_is_shown_as_a_tree(client, post):
    first = put_comment(post)
    second = put_comment(post)
    answer = put_comment(post, parent=first)
    deeper = put_comment(post, parent=answer)
    another = put_comment(post, parent=first)
    assert read(client, post) == [
        (first.pk, 0, 1),
        (answer.pk, 1, 2),
        (deeper.pk, 2, 3),
        (another.pk, 1, 2),
        (second.pk, 0, 1),
    ]


def test_newest_first_turns_the_branches_round_and_leaves_each_as_it_is(client, post):
    first, second = put_comment(post), put_comment(post)
    answer = put_comment(post, parent=first)
    assert [pk for pk, *_ in read(client, post, "?sort=newest")] == [second.pk, first.pk, answer.pk]


def test_very_deep_replies_are_in_the_last_list_and_name_their_parents_author(client, post, settings):
    settings.RATE_LIMITS = False
    comments = chain(post, 42)
    shown = read(client, post)
    assert [pk for pk, *_ in shown] == [comment.pk for comment in comments]
    assert [level for _pk, level, _lists in shown] == list(range(42))
    assert max(lists for *_, lists in shown) == 7
    assertContains(client.get(f"/posts/{post.slug}/"), f'<a href="#comment-{comments[40].pk}">', count=1)


def test_a_comment_has_its_author_its_text_and_a_permalink(client, post):
    author = make_member("dora", display_name="Dora Lind")
    ProfileLink.objects.create(user=author, label="XeeMe", url="https://xeeme.com/dora")
    comment = put_comment(post, author=author, body="A *word*.")
    page = client.get(f"/posts/{post.slug}/").content.decode()
    article = re.search(
        rf'<article class="comment" id="comment-{comment.pk}" data-level="0".*?</article>', page, re.DOTALL
    )[0]
    assert (
        len(re.findall(r'class="[^"]*comment-author', article))
        == len(re.findall(r'class="[^"]*comment-body', article))
        == 1
    )
    assert '<a href="/members/dora/">Dora Lind</a></h3>' in article
    assert '<div class="words comment-body" dir="auto"><p>A <em>word</em>.</p></div>' in article
    assert 'href="https://xeeme.com/dora" rel="me ugc nofollow noopener"' in article
    assert re.search(rf'href="/comments/{comment.pk}/"[^>]*><time datetime="', article)


def test_guests_of_an_import_keep_their_name_and_link(client, post):
    comment = put_comment(post)
    Comment.objects.filter(pk=comment.pk).update(
        author=None, guest_name="Marita <b>", guest_url="http://xeeme.com/maritar"
    )
    page = client.get(f"/posts/{post.slug}/")
    assertContains(
        page,
        '<a href="http://xeeme.com/maritar" rel="nofollow ugc noopener" title="xeeme.com/maritar">Marita &lt;b&gt;</a>',
    )


def test_the_hosts_own_comments_are_marked(client, post, host):
    put_comment(post)
    assertNotContains(client.get(f"/posts/{post.slug}/"), '<span class="badge">Host</span>')
    put_comment(post, author=host)
    assertContains(client.get(f"/posts/{post.slug}/"), '<span class="badge">Host</span>', count=1)


@pytest.mark.parametrize("kind", Post.Kind.values)
def test_a_post_that_is_a_members_makes_no_host_of_them(client, member, host, kind):
    """A birthday and an event belong to members; a host has a badge on these, too."""
    post = make_post(member, kind=kind)
    marked = {
        who.username: client.get(f"/api/v1/comments/{put_comment(post, author=who).pk}").json()["is_by_host"]
        for who in (member, host)
    }
    assert marked == {member.username: kind in {"post", "page"}, host.username: True}


class TestWhoSeesWhat:
    @pytest.fixture
    def held(self, post, member):
        comment = put_comment(post, author=member, body="Waiting words.", status="held")
        Comment.objects.filter(pk=comment.pk).update(
            hold_reasons=[{"code": "x", "values": {"text": "A reason in words."}}]
        )
        return comment

    def test_a_waiting_comment_is_seen_by_its_author_marked_as_such(self, post, member, held, signed_in):
        page = signed_in(member).get(f"/posts/{post.slug}/")
        assertContains(page, f'id="comment-{held.pk}" data-level="0" data-status="held"')
        assertContains(page, "Waiting words.")
        assertContains(page, "A reason in words.")

    def test_a_waiting_comment_is_seen_by_moderators_and_the_host(
        self, post, moderator, host, held, signed_in
    ):
        for user in (moderator, host):
            assertContains(signed_in(user).get(f"/posts/{post.slug}/"), "Waiting words.")

    def test_nobody_else_sees_it(self, post, other_member, held, signed_in, client):
        for reader in (client, signed_in(other_member)):
            page = reader.get(f"/posts/{post.slug}/")
            assertNotContains(page, "Waiting words.")
            assertNotContains(page, f"comment-{held.pk}")

    @pytest.mark.parametrize(
        ("status", "shown"), [("removed", "removed"), ("spam", "removed"), ("deleted", "deleted")]
    )
    def test_hidden_comments_are_shown_to_no_one_and_replies_stay(
        self, post, member, moderator, signed_in, client, status, shown
    ):
        comment = put_comment(post, author=member, body="Hidden words.")
        answer = put_comment(post, parent=comment)
        Comment.objects.filter(pk=comment.pk).update(status=status)
        for reader in (client, signed_in(member), signed_in(moderator)):
            page = reader.get(f"/posts/{post.slug}/")
            assertNotContains(page, "Hidden words.")
            assertContains(page, f'id="comment-{comment.pk}" data-level="0" data-status="{shown}"')
            assertContains(page, f'id="comment-{answer.pk}"')

    def test_without_answers_a_hidden_comment_leaves_nothing(self, post, client):
        comment = put_comment(post, status="removed")
        assertNotContains(client.get(f"/posts/{post.slug}/"), f"comment-{comment.pk}")

    @pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
    def test_hidden_comments_are_nowhere_else(self, post, client, status):
        comment = put_comment(post, author=make_member("eve"), body="Hidden words.", status=status)
        put_comment(post, parent=None)
        for path in (
            "/",
            "/posts/",
            f"/posts/{post.slug}/",
            "/feed/",
            "/feed/comments/",
            f"/posts/{post.slug}/feed/",
            "/members/eve/",
            "/members/",
        ):
            assertNotContains(client.get(path), "Hidden words.")
        assert client.get(f"/comments/{comment.pk}/history/").status_code == 404


class TestPaging:
    @pytest.fixture(scope="class")
    @classmethod
    def talk(cls, request):
        """A post, and seven branches of three comments under it."""

        def make():
            post, branches = make_post(), []
            for _ in range(7):
                root = put_comment(post)
                branches.append(
                    [root.pk, put_comment(post, parent=root).pk, put_comment(post, parent=root).pk]
                )
            return post, branches

        yield from made_once(make, request)

    @pytest.fixture
    def post(self, db, talk):
        return talk()[0]

    @pytest.fixture
    def branches(self, talk, settings):
        """On pages of at least six comments."""
        settings.COMMENTS_PER_PAGE = 6
        return talk()[1]

    def follow(self, client, post, rel, query=""):
        """Return all pages from this one on, by their rel links, as lists of comment ids."""
        pages = []
        while query is not None:
            response = client.get(f"/posts/{post.slug}/{query}")
            pages.append([pk for pk, *_ in Page(response).comments])
            link = re.search(
                rf'rel="{rel}" href="/posts/{post.slug}/([^"#]*)#talk"', response.content.decode()
            )
            query = link[1].replace("&amp;", "&") if link else None
        return pages

    def test_pages_are_whole_branches_and_miss_nothing(self, client, post, branches):
        flat = [[*branches[i], *(branches[i + 1] if i + 1 < 7 else [])] for i in range(0, 7, 2)]
        assert self.follow(client, post, "next") == flat

    def test_one_can_walk_back(self, client, post, branches):
        last = branches[6][0]
        back = self.follow(client, post, "prev", f"?page={Comment.objects.get(pk=last).tree_id}")
        assert [pk for page in reversed(back) for pk in page] == [pk for branch in branches for pk in branch]

    def test_newest_first_pages_as_well(self, client, post, branches):
        pages = self.follow(client, post, "next", "?sort=newest")
        assert [pk for page in pages for pk in page] == [pk for branch in reversed(branches) for pk in branch]

    def test_a_permalink_opens_the_page_that_holds_the_comment(self, client, post, branches):
        for branch in branches:
            for pk in branch:
                place = client.get(f"/comments/{pk}/")["Location"]
                path, _hash, anchor = place.partition("#")
                assert anchor == f"comment-{pk}"
                assert pk in [shown for shown, *_ in Page(client.get(path)).comments]

    @pytest.mark.parametrize(
        "query",
        [
            "?page=x",
            "?page=-1",
            "?page=" + "9" * 40,
            "?page=1.5",
            "?page=٣",
            "?sort=worst",
            "?reply=x",
            "?reply=" + "9" * 25,
        ],
    )
    def test_strange_addresses_show_the_first_page(self, client, post, branches, query):
        response = client.get(f"/posts/{post.slug}/{query}")
        assert [pk for pk, *_ in Page(response).comments] == branches[0] + branches[1]

    def test_answering_opens_the_page_that_holds_what_is_answered(self, client, post, branches):
        target = branches[6][1]
        response = client.get(f"/posts/{post.slug}/?reply={target}")
        assert target in [pk for pk, *_ in Page(response).comments]
        assertContains(response, f'name="parent" value="{target}"')


class TestLongBranches:
    """A branch that is longer than a page is shown in part, and continues where that part ends."""

    @pytest.fixture(scope="class")
    @classmethod
    def talk(cls, request):
        """A post, and under it a branch of 130 comments, three levels and more deep, before one of two."""

        @override_settings(RATE_LIMITS=False)
        def make():
            post, people = make_post(), [make_member() for _ in range(5)]
            comments = [put_comment(post, author=people[0])]
            for number in range(1, 130):
                comments.append(put_comment(post, author=people[number % 5], parent=comments[number // 3]))
            after = put_comment(post, author=people[1])
            put_comment(post, author=people[2], parent=after)
            return post, list(
                Comment.objects.filter(tree_id=comments[0].tree_id)
                .order_by("lft")
                .values_list("pk", flat=True)
            )

        yield from made_once(make, request)

    @pytest.fixture
    def post(self, db, talk):
        return talk()[0]

    @pytest.fixture
    def long(self, talk):
        return talk()[1]

    def continued(self, response):
        return re.search(r'href="/posts/[^/]+/(\?branch=[^"#]*)#talk"', response.content.decode())[1].replace(
            "&amp;", "&"
        )

    def test_the_page_shows_its_beginning_and_the_way_on(self, client, post, long):
        first = client.get(f"/posts/{post.slug}/")
        assert [pk for pk, *_ in Page(first).comments] == long[:30]
        assertContains(first, "Show about 100 more replies")
        assert [
            level
            for _pk, level, _lists in Page(client.get(first.request["PATH_INFO"] + "?sort=newest")).comments
        ][:2] == [0, 1]

    def test_its_parts_together_are_the_whole_branch(self, client, post, long):
        response = client.get(f"/posts/{post.slug}/")
        seen, query = [pk for pk, *_ in Page(response).comments], self.continued(response)
        while query:
            response = client.get(f"/posts/{post.slug}/{query}")
            part = [pk for pk, *_ in Page(response).comments]
            assert 0 < len(part) <= 50
            seen += part
            link = re.search(r'rel="next" href="/posts/[^/]+/([^"#]*)#talk"', response.content.decode())
            query = link[1].replace("&amp;", "&") if link else ""
        assert seen == long

    def test_a_part_that_begins_in_the_middle_says_what_it_answers(self, client, post, long):
        response = client.get(f"/posts/{post.slug}/?branch={long[60]}")
        comment = Comment.objects.get(pk=long[60])
        assert Page(response).comments[0][:2] == (comment.pk, comment.level)
        assertContains(response, f'class="plainlink" href="/comments/{comment.parent_id}/"')

    @pytest.mark.parametrize("sort", ["", "?sort=newest", "?sort=thanked"])
    def test_a_permalink_leads_into_it_in_every_order(self, member, signed_in, post, long, sort):
        reader = signed_in(member)
        reader.get(f"/posts/{post.slug}/{sort}")
        for pk in (long[0], long[29], long[30], long[90], long[-1]):
            path, _hash, anchor = reader.get(f"/comments/{pk}/")["Location"].partition("#")
            assert anchor == f"comment-{pk}"
            assert pk in [shown for shown, *_ in Page(reader.get(path)).comments]

    def test_the_part_before_is_one_link_away(self, client, post, long):
        query = self.continued(client.get(f"/posts/{post.slug}/"))
        second = client.get(f"/posts/{post.slug}/{query}")
        back = re.search(r'rel="prev" href="/posts/[^/]+/([^"#]*)#talk"', second.content.decode())[1].replace(
            "&amp;", "&"
        )
        assert [pk for pk, *_ in Page(client.get(f"/posts/{post.slug}/{back}")).comments] == long[:50]

    @pytest.mark.parametrize(
        "query", ["?branch=0", "?branch=x", "?branch=" + "9" * 30, "?branch=1&page=x", "?branch=999999"]
    )
    def test_strange_addresses_show_the_first_page(self, client, post, long, query):
        assert [pk for pk, *_ in Page(client.get(f"/posts/{post.slug}/{query}")).comments][:3] == long[:3]

    def test_answering_in_the_middle_of_it_opens_the_part_that_holds_the_comment(self, client, post, long):
        response = client.get(f"/posts/{post.slug}/?reply={long[100]}")
        assert long[100] in [pk for pk, *_ in Page(response).comments]
        assertContains(response, f'name="parent" value="{long[100]}"')


class TestOrders:
    @pytest.fixture
    def branches(self, post, settings):
        """Nine comments; the third, sixth and ninth were thanked for, the sixth most."""
        settings.COMMENTS_PER_PAGE = 3
        comments = [put_comment(post) for _ in range(9)]
        for index, thanks in ((2, 1), (5, 4), (8, 1)):
            Comment.objects.filter(pk=comments[index].pk).update(thanks_count=thanks)
        return [comment.pk for comment in comments]

    def walk(self, client, post, rel, query):
        pages = []
        while query is not None:
            response = client.get(f"/posts/{post.slug}/{query}")
            pages.append([pk for pk, *_ in Page(response).comments])
            link = re.search(
                rf'rel="{rel}" href="/posts/{post.slug}/([^"#]*)#talk"', response.content.decode()
            )
            query = link[1].replace("&amp;", "&") if link else None
        return pages

    def test_the_most_thanked_come_first_and_the_oldest_among_equals(self, client, post, branches):
        order = [branches[index] for index in (5, 2, 8, 0, 1, 3, 4, 6, 7)]
        pages = self.walk(client, post, "next", "?sort=thanked")
        assert pages == [order[:3], order[3:6], order[6:]]
        last = Comment.objects.get(pk=order[6])
        back = self.walk(client, post, "prev", f"?sort=thanked&page=0-{last.tree_id}")
        assert [pk for page in reversed(back) for pk in page] == order

    def test_a_member_gets_the_order_they_chose_last(self, member, signed_in, client, post, branches):
        reader = signed_in(member)
        assert [pk for pk, *_ in read(reader, post)] == branches[:3]
        reader.get(f"/posts/{post.slug}/?sort=newest")
        assert [pk for pk, *_ in read(reader, post)] == branches[:-4:-1]
        assert [pk for pk, *_ in read(reader, post, "?sort=oldest")] == branches[:3]
        assert [pk for pk, *_ in read(reader, post)] == branches[:3]
        client.get(f"/posts/{post.slug}/?sort=newest")
        assert [pk for pk, *_ in read(client, post)] == branches[:3]

    def test_in_their_order_all_pages_can_be_walked(self, member, signed_in, post, branches):
        reader = signed_in(member)
        reader.get(f"/posts/{post.slug}/?sort=newest")
        assert [pk for page in self.walk(reader, post, "next", "") for pk in page] == branches[::-1]
        assert [pk for page in self.walk(reader, post, "next", "?sort=oldest") for pk in page] == branches


class TestPagesThatAreKept:
    """A page is cached for each version of the post. No one may see an old one, or someone else's."""

    def test_an_unchanged_page_is_not_sent_again(self, client, post):
        put_comment(post)
        client.get(f"/posts/{post.slug}/")  # receives the cookie
        first = client.get(f"/posts/{post.slug}/")
        again = client.get(f"/posts/{post.slug}/", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head(f"/posts/{post.slug}/").status_code == 200

    def test_after_each_change_the_page_is_new(self, client, post, member, moderator):
        comment = put_comment(post, author=member, body="First words.")

        def look():
            return client.get(f"/posts/{post.slug}/").content.decode()

        look()
        etags = [client.get(f"/posts/{post.slug}/")["ETag"]]

        def changed():
            etags.append(client.get(f"/posts/{post.slug}/")["ETag"])
            return (
                etags[-1] != etags[-2]
                and client.get(f"/posts/{post.slug}/", headers={"If-None-Match": etags[-2]}).status_code
                == 200
            )

        assert "First words." in look()
        edit_comment(comment, body="Second words.", by=member)
        assert changed()
        assert "Second words." in look()
        set_status(comment, Comment.Status.REMOVED)
        assert changed()
        assert "Second words." not in look()
        set_status(comment, Comment.Status.PUBLIC)
        assert changed()
        assert "Second words." in look()
        member.display_name = "Alice Newname"
        save_profile(member, [ProfileLink(url="https://alice.example/")], fields=["display_name"])
        assert changed()
        assert "Alice Newname" in look()
        assert "https://alice.example/" in look()
        set_comments_open(post, False, by=post.author)
        assert changed()
        assert "Comments are closed." in look()
        make_post(title="A later post")
        assert changed()
        assert "A later post" in look()

    def test_what_one_member_sees_is_no_part_of_anothers_page(
        self, client, post, member, other_member, signed_in
    ):
        comment = put_comment(post, author=member)
        mine, theirs = signed_in(member), signed_in(other_member)
        for _ in range(2):
            own = mine.get(f"/posts/{post.slug}/").content.decode()
            other = theirs.get(f"/posts/{post.slug}/").content.decode()
            visitor = client.get(f"/posts/{post.slug}/").content.decode()
            assert [f"/comments/{comment.pk}/edit/" in page for page in (own, other, visitor)] == [
                True,
                False,
                False,
            ]
            assert [f"/comments/{comment.pk}/report/" in page for page in (own, other, visitor)] == [
                False,
                True,
                True,
            ]
            assert ['/members/alice/">Profile' in own, '/members/bob/">Profile' in other] == [True, True]
            assert "Edit profile" not in visitor

    def test_thanks_are_shown_as_each_reader_left_them(self, client, post, member, other_member, signed_in):
        comment = put_comment(post, author=member)
        theirs = signed_in(other_member)
        theirs.post(f"/comments/{comment.pk}/thanks/", {"thanks": "1"})
        for _ in range(2):
            page = theirs.get(f"/posts/{post.slug}/").content.decode()
            assert re.search(rf'id="thanks-{comment.pk}"[^>]* value="0" aria-pressed="true".*? · 1<', page)
            page = client.get(f"/posts/{post.slug}/").content.decode()
            assert re.search(rf'id="thanks-{comment.pk}"[^>]* value="1" aria-pressed="false".*? · 1<', page)
            page = signed_in(member).get(f"/posts/{post.slug}/").content.decode()
            assert f'id="thanks-{comment.pk}"' not in page
            assert re.search(r"Thanks: </span>1<", page)

    def test_colours_are_the_readers_own(self, client, post):
        client.get(f"/posts/{post.slug}/")
        client.cookies["theme"] = "dark"
        assertContains(client.get(f"/posts/{post.slug}/"), 'data-theme="dark"')
        assertNotContains(Client().get(f"/posts/{post.slug}/"), "data-theme=")

    def test_the_text_of_a_comment_cannot_pose_as_a_placeholder(self, client, post):
        put_comment(post, body="x0. {{ gaps.me }} {% gap 'acts' comment %}")
        assertContains(client.get(f"/posts/{post.slug}/"), "{{ gaps.me }} {% gap")


def test_a_long_comment_is_folded_and_whole(client, post):
    body = "\n\n".join(" ".join(["word"] * 60) + f" {number}." for number in range(8))
    comment = put_comment(post, body=body)
    page = client.get(f"/posts/{post.slug}/").content.decode()
    article = re.search(rf'id="comment-{comment.pk}".*?</article>', page, re.DOTALL)[0]
    assert article.count('<details class="readon"><summary') == 1
    assert all(f"word {number}.</p>" in article for number in range(8))
    assert article.index("<details") > article.index("word 1.</p>")


def test_a_muted_member_is_folded_for_the_one_who_muted_and_for_nobody_else(
    client, signed_in, post, member, other_member
):
    comment = put_comment(post, author=other_member, body="Loud words.")
    answer = put_comment(post, parent=comment)
    Mute.objects.create(member=member, muted=other_member)
    page = signed_in(member).get(f"/posts/{post.slug}/").content.decode()
    assert page.count("Hidden: from someone you muted") == 1
    assert '<details class="replies">' in page
    assert f'id="comment-{answer.pk}"' in page
    for reader in (client, signed_in(other_member)):
        page = reader.get(f"/posts/{post.slug}/").content.decode()
        assert "you muted" not in page
        assert '<details class="replies" open>' in page


@pytest.mark.parametrize(("replies", "authors"), [(1, 1), (16, 5), (figure(24, 60), figure(8, 20))])
def test_the_page_costs_the_same_queries_however_long_the_thread(
    client, signed_in, settings, django_assert_num_queries, replies, authors
):
    settings.RATE_LIMITS = False
    post = make_post()
    members = [make_member() for _ in range(authors)]
    for one in members:
        ProfileLink.objects.create(user=one, url=f"https://example.org/{one.pk}")
    root = put_comment(post, author=members[0])
    for number in range(replies):
        put_comment(post, parent=root if number % 3 else None, author=members[number % authors])
    # The version, the post, its tags, two neighbours, branches, comments, authors, links, pinned comments,
    # the host's badge, the moderators, two for replies to several comments. Two more for page numbers if
    # there are several pages.
    with django_assert_num_queries(14 if replies < 50 else 16):
        client.get(f"/posts/{post.slug}/")
    client.get(f"/posts/{post.slug}/")  # with its cookie it is another page
    with django_assert_num_queries(1):
        response = client.get(f"/posts/{post.slug}/")
    assert len(Page(response).comments) == min(replies + 1, 50)
    client = signed_in(members[0])
    client.get(f"/posts/{post.slug}/")
    client.get(f"/posts/{post.slug}/")
    # The session, the user, the version, and the reader's personal data for it.
    with django_assert_num_queries(3):
        client.get(f"/posts/{post.slug}/")


def test_structured_data_names_authors_texts_and_parents(client, host, settings):
    post = make_post(author=host)
    dora = make_member("dora", display_name="Dora </script><b>")
    comment = put_comment(post, author=dora, body="A word.", created_at=timezone.now() - timedelta(days=1))
    answer = put_comment(post, author=host, parent=comment, body="Another.")
    page = client.get(f"/posts/{post.slug}/").content.decode()
    graph = next(
        json.loads(data)["@graph"]
        for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        if "@graph" in data
    )
    base = settings.SITE_URL
    assert graph[0] == {
        "@type": "Comment",
        "@id": f"{base}/comments/{comment.pk}/",
        "url": f"{base}/comments/{comment.pk}/",
        "about": {"@id": f"{base}/posts/{post.slug}/"},
        "author": {"@type": "Person", "name": "Dora </script><b>", "url": f"{base}/members/dora/"},
        "datePublished": comment.created_at.isoformat(),
        "text": "<p>A word.</p>",
    }
    assert graph[1]["parentItem"] == {"@id": f"{base}/comments/{comment.pk}/"}
    assert graph[1]["@id"] == f"{base}/comments/{answer.pk}/"


def test_an_empty_discussion_invites_comments(client, post):
    assertContains(client.get(f"/posts/{post.slug}/"), "No comments yet. Be the first.")


def test_a_closed_discussion_says_so_and_has_no_form(client):
    post = make_post(author=make_host("zoe"), comments_open=False)
    page = client.get(f"/posts/{post.slug}/")
    assertContains(page, "Comments are closed.")
    assertNotContains(page, "comment-form")
