"""Checks wherever a text or link becomes public: names, profiles, links, edits. test_attack.py tries all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Introduction, User
from accounts.services.profile import add_link
from comments.models import Comment
from comments.services.writing import publish_comment
from moderation.services.decisions import decide, split, undo
from posts.models import Post
from posts.services.trash import purge_post, trash_post
from tests.factories import make_comment, make_member

pytestmark = pytest.mark.django_db

SPAM = [
    "Best online casino with a 200% welcome bonus and free spins: https://lucky-spin777.bet join now",
    "Cheap generic Viagra and Cialis without prescription, order here http://pills-express24.top",
    "I lost my bitcoin to a scam and an expert got it all back. Text him on WhatsApp +1 202 555 0147",
    "Join my Telegram channel for daily trading signals, 95% accuracy: t.me/profit_signals_vip",
    "Need an urgent loan at 2% interest rate without collateral? Write to quickloan.office@gmail.com",
    "Hot girls in your area want to meet tonight, free registration http://meet-tonight.cam",
    "We offer SEO services and 5000 high quality backlinks for $29, see https://rank-me-fast.site",
    "Get your ex back with a powerful love spell, the spell caster is on WhatsApp +234 803 000 0000",
    "{Great|Nice|Superb} post, {visit|see} {my|our} %LINK% for http://luxury-replica-store.shop replica watches",
    "Bestes Online Casino mit Freispielen und Willkommensbonus, jetzt anmelden: http://gluecksspiel777.bet",
]
HARMLESS = "We walked there in May and the bridge was closed, so take the other bank."


@pytest.fixture
def newcomer():
    return make_member("nia", date_joined=timezone.now() - timedelta(hours=1))


@pytest.fixture
def slow_burner(post):
    """Five harmless comments in nine days: level 2."""
    member = make_member("milo")
    for number in range(5):
        make_comment(
            post=post,
            author=member,
            body=f"{HARMLESS} {number}",
            published_at=timezone.now() - timedelta(days=9),
            created_at=timezone.now() - timedelta(days=9),
        )
    return member


def create(post: Post) -> str:
    return f"/posts/{post.slug}/comments/"


def seen_by_all(*paths: str) -> str:
    visitor = Client()
    return "".join(visitor.get(path).content.decode() for path in paths)


def assert_unseen(spam: str, *paths: str) -> None:
    page = seen_by_all(*paths)
    for word in (word for word in spam.split() if len(word) > 12):
        assert word not in page


def test_the_form_with_hard_evidence_from_an_account_that_was_patient(post, slow_burner, signed_in):
    signed_in(slow_burner).post(create(post), {"body": SPAM[8]})
    assert Comment.objects.latest("pk").status == "held"


def test_an_edit_days_after_publication(post, newcomer, signed_in):
    comment = make_comment(
        post=post, author=newcomer, body=HARMLESS, created_at=timezone.now() - timedelta(days=2)
    )
    assert comment.is_public
    signed_in(newcomer).post(f"/comments/{comment.pk}/edit/", {"body": SPAM[0]})
    comment.refresh_from_db()
    assert (comment.body, comment.status) == (SPAM[0], "held")
    assert_unseen(SPAM[0], post.get_absolute_url())


def profile(**fields: str) -> dict[str, str]:
    return {
        "display_name": "",
        "tagline": "",
        "bio": "",
        "birthday_seen_by": "nobody",
        "links-TOTAL_FORMS": "1",
        "links-INITIAL_FORMS": "0",
        "links-MIN_NUM_FORMS": "0",
        "links-MAX_NUM_FORMS": "1000",
        "links-0-url": "",
        "links-0-label": "",
    } | fields


@pytest.mark.parametrize(("field", "words"), [("bio", SPAM[2]), ("tagline", SPAM[0][:90])])
def test_a_profile(field, words, post, newcomer, signed_in):
    make_comment(post=post, author=newcomer, body=HARMLESS)
    signed_in(newcomer).post("/members/me/edit/", profile(**{field: words}))
    newcomer.refresh_from_db()
    assert (getattr(newcomer, field), newcomer.profile_hidden) == (words.strip(), True)
    assert_unseen(words, "/members/nia/", "/members/", post.get_absolute_url())


@pytest.mark.parametrize("field", ["avatar_alt", "cover_alt", "help_with", "look_for"])
def test_descriptions_of_pictures_and_topics_of_a_profile(field, post, newcomer, signed_in):
    make_comment(post=post, author=newcomer, body=HARMLESS)
    words = "buy cheap viagra online casino bonus, viagra-casino777.bet"
    signed_in(newcomer).post("/members/me/edit/", profile(**{field: words}))
    newcomer.refresh_from_db()
    assert newcomer.profile_hidden
    assert_unseen("viagra-casino777.bet", "/members/nia/", "/members/", post.get_absolute_url())


@pytest.mark.parametrize("name", ["Best SEO Agency London", "Cheap Casino Bonus", "Buy Viagra Online"])
def test_a_name(name, post, newcomer, signed_in):
    make_comment(post=post, author=newcomer, body=HARMLESS)
    signed_in(newcomer).post("/members/me/edit/", profile(display_name=name))
    assertNotContains(Client().get(post.get_absolute_url()), name)
    assertContains(Client().get(post.get_absolute_url()), "nia")
    later = make_comment(post=post, author=User.objects.get(pk=newcomer.pk), body="I agree with the others.")
    assert later.author_name == "nia"


@pytest.mark.parametrize(("name", "is_advert"), [("casino-bonus-online", True), ("rosa-keeps-bees", False)])
def test_a_username_chosen_at_sign_up(name, is_advert):
    """The directory lists members before they have written anything."""
    fields = {"email": "new@example.org", "username": name, "password1": "wooden spoons for seven"}
    Client().post("/accounts/signup/", fields)
    assert User.objects.get(username=name).profile_hidden is is_advert
    assert (name in seen_by_all("/members/")) is not is_advert


def test_links_of_a_profile(post, newcomer, signed_in):
    make_comment(post=post, author=newcomer, body=HARMLESS)
    signed_in(newcomer).post(
        "/members/me/edit/", profile(**{"links-0-url": "https://best-casino-slots777.bet/"})
    )
    newcomer.refresh_from_db()
    assert (newcomer.links.count(), newcomer.profile_hidden) == (1, True)
    assert_unseen("https://best-casino-slots777.bet/", "/members/nia/", "/members/", post.get_absolute_url())


def test_the_profile_of_a_patient_account(post, slow_burner, signed_in):
    """Five comments that stood do not buy a casino's link."""
    signed_in(slow_burner).post(
        "/members/me/edit/", profile(**{"links-0-url": "https://best-casino-slots777.bet/"})
    )
    slow_burner.refresh_from_db()
    assert slow_burner.profile_hidden is True
    assert_unseen("https://best-casino-slots777.bet/", "/members/milo/")


def test_the_link_field_of_visitors(post, newcomer):
    comment = publish_comment(
        post=post, author=newcomer, body=HARMLESS, link="https://best-casino-slots777.bet/"
    )
    add_link(newcomer, "https://best-casino-slots777.bet/")
    assert comment.is_held
    assert_unseen("https://best-casino-slots777.bet/", "/members/nia/", post.get_absolute_url())


def test_a_split_shows_nothing_that_is_held(post, newcomer, moderator):
    parent = make_comment(post=post, body=HARMLESS)
    make_comment(post=post, author=newcomer, parent=parent, body=SPAM[0])
    decision = split(parent, title="About the bridge", by=moderator)
    assert_unseen(SPAM[0], decision.to_post.get_absolute_url())


@pytest.mark.parametrize("spam", SPAM[:3])
def test_an_introduction(spam, post, newcomer, signed_in):
    asked = make_member("asta", takes_introductions=True)
    make_comment(post=post, author=asked, body=HARMLESS)
    words = spam.replace("http://", "").replace("https://", "").replace("@", " at ")
    page = signed_in(newcomer).post("/members/asta/introduction/", {"words": words})
    assertContains(page, "looks like advertising to the spam filter", status_code=422)
    assertContains(page, "Text him" if spam is SPAM[2] else words.split()[0], status_code=422)
    assert not Introduction.objects.exists()


class TestAfterConfirmedSpam:
    def test_name_text_and_links_leave_the_pages_and_an_undo_brings_them_back(self, post, moderator):
        member = make_member(
            "lola", display_name="Lola Lamps", tagline="Lamps for all", bio="All about lamps."
        )
        member.links.create(url="https://lamps.example/")
        make_comment(post=post, author=member, body=HARMLESS)
        spam = make_comment(post=post, author=member, body="Our lamps are the finest of the town.")
        paths = [post.get_absolute_url(), "/members/lola/", "/members/"]
        before = seen_by_all(*paths)
        assert all(
            word in before for word in ("Lola Lamps", "lamps.example", "Lamps for all", "All about lamps")
        )
        decision = decide(spam, "spam", by=moderator)
        after = seen_by_all(*paths)
        for word in ("Lola Lamps", "lamps.example", "Lamps for all", "All about lamps"):
            assert word not in after
        undo(decision, by=moderator)
        again = seen_by_all(*paths)
        assert all(
            word in again for word in ("Lola Lamps", "lamps.example", "Lamps for all", "All about lamps")
        )

    def test_approving_it_after_all_does_too(self, post, moderator):
        member = make_member("lola", display_name="Lola Lamps")
        spam = make_comment(post=post, author=member, body="Our lamps are the finest of the town.")
        decide(spam, "spam", by=moderator)
        member.refresh_from_db()
        assert (member.profile_hidden, member.known_since) == (True, None)
        decide(spam, "approve", by=moderator)
        member.refresh_from_db()
        assert (member.profile_hidden, member.is_known) == (False, True)


class TestAHiddenProfile:
    def test_a_moderator_shows_it_and_it_stays_so_until_it_changes(
        self, post, newcomer, signed_in, moderator
    ):
        make_comment(post=post, author=newcomer, body=HARMLESS)
        own, browser = signed_in(newcomer), signed_in(moderator)
        response = own.post("/members/me/edit/", profile(bio=SPAM[0]), follow=True)
        assertContains(response, "until a moderator has reviewed it")
        assertContains(response, "lucky-spin777.bet")
        assertContains(browser.get("/moderation/people/"), "Hidden profiles to review")
        assertContains(browser.get("/moderation/people/nia/"), "Mentions betting or casinos like an advert.")
        browser.post("/moderation/people/nia/profile/", {"decision": "show"})
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is False
        own.post("/members/me/edit/", profile(bio=SPAM[0]))
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is False
        own.post("/members/me/edit/", profile(bio=SPAM[1]))
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is True

    def test_its_owner_can_mend_it(self, post, newcomer, signed_in):
        make_comment(post=post, author=newcomer, body=HARMLESS)
        own = signed_in(newcomer)
        own.post("/members/me/edit/", profile(bio=SPAM[0]))
        own.post("/members/me/edit/", profile(bio="I walk along rivers."))
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is False
        assertContains(Client().get("/members/nia/"), "I walk along rivers.")

    def test_kept_hidden_it_leaves_the_list(self, post, newcomer, signed_in, moderator):
        make_comment(post=post, author=newcomer, body=HARMLESS)
        signed_in(newcomer).post("/members/me/edit/", profile(bio=SPAM[0]))
        browser = signed_in(moderator)
        browser.post("/moderation/people/nia/profile/", {"decision": "keep"})
        assertNotContains(browser.get("/moderation/people/"), "Hidden profiles to review")
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is True

    def test_a_member_is_in_the_list_once_however_often_it_was_hidden(
        self, post, newcomer, member, signed_in, moderator
    ):
        for author in (newcomer, newcomer, member):
            decide(make_comment(post=post, author=author, body=HARMLESS), "spam", by=moderator)
        page = signed_in(moderator).get("/moderation/people/")
        assert [review.member for review in page.context["hidden"]] == [newcomer, member]
        assertContains(page, '<a href="/moderation/people/nia/">@nia</a>', count=1)

    def test_it_can_still_be_shown_when_the_post_of_the_spam_is_deleted_for_good(
        self, post, newcomer, signed_in, moderator
    ):
        decide(make_comment(post=post, author=newcomer, body=HARMLESS), "spam", by=moderator)
        trash_post(post, by=post.author)
        purge_post(post)
        browser = signed_in(moderator)
        assertContains(browser.get("/moderation/people/nia/"), "Their profile is hidden")
        browser.post("/moderation/people/nia/profile/", {"decision": "show"})
        newcomer.refresh_from_db()
        assert newcomer.profile_hidden is False

    def test_a_decision_must_be_one(self, post, newcomer, signed_in, moderator):
        make_comment(post=post, author=newcomer, body=HARMLESS)
        signed_in(newcomer).post("/members/me/edit/", profile(bio=SPAM[0]))
        page = signed_in(moderator).post("/moderation/people/nia/profile/", {"decision": "perhaps"})
        assertContains(page, "Choose a decision.", status_code=422)


@pytest.mark.parametrize(
    "bio",
    [
        "I teach maths in Leeds, keep bees and write at https://annika-writes.example about both.",
        "Carpenter. You can see my chairs on my website and in the shop on Mill Lane.",
        "I walk: https://rivers-and-banks.example/me",
        "Rentner, Großvater von vier Enkeln, fotografiere Brücken.",
        "",
    ],
)
def test_an_ordinary_profile_is_shown(bio, post, newcomer, signed_in):
    make_comment(post=post, author=newcomer, body=HARMLESS)
    signed_in(newcomer).post(
        "/members/me/edit/",
        profile(display_name="Annika", bio=bio, **{"links-0-url": "https://annika.example/"}),
    )
    newcomer.refresh_from_db()
    assert newcomer.profile_hidden is False


def test_a_corrected_word_in_an_approved_comment_does_not_wait_again(post, newcomer, signed_in, moderator):
    comment = make_comment(post=post, author=newcomer, body=SPAM[0])
    decide(comment, "approve", by=moderator)
    signed_in(newcomer).post(f"/comments/{comment.pk}/edit/", {"body": SPAM[0].replace("Best", "The best")})
    comment.refresh_from_db()
    assert (comment.is_public, "The best" in comment.body) == (True, True)
