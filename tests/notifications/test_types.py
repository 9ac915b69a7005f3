"""One class defines a type of notification; everything else reads it."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from accounts.services.export import Part
from notifications.email.tokens import Grant, make_token
from notifications.models import Notification, NotificationChannel, NotificationPreference, Reason
from notifications.models.notification_type import NotificationType
from notifications.models.types import TYPE_OF, TYPES, WORDS
from notifications.services.export import PARTS
from notifications.services.preferences import choose, preferences_of

pytestmark = pytest.mark.sql


class Anniversary(NotificationType):
    key, label, default = "anniversary", "Anniversaries of my comments", NotificationChannel.WEEKLY
    tab, words = "Anniversaries", {}


@pytest.fixture
def anniversary(monkeypatch):
    monkeypatch.setitem(TYPES, "anniversary", Anniversary())
    return TYPES["anniversary"]


@pytest.mark.django_db
class TestANewType:
    def test_can_be_chosen_in_the_settings_and_keeps_its_default_until_then(
        self, anniversary, signed_in, member
    ):
        alice = signed_in(member)
        assertContains(alice.get("/notifications/settings/"), "Anniversaries of my comments")
        assert preferences_of(member)["anniversary"] == "weekly"
        alice.post("/notifications/settings/", {"anniversary": "off"})
        assert preferences_of(member) == {key: one.default for key, one in TYPES.items()} | {
            "anniversary": "off"
        }
        assert list(NotificationPreference.objects.values_list("type", "channel")) == [("anniversary", "off")]

    def test_can_be_turned_off_with_one_click(self, anniversary, client, member):
        client.post(
            f"/unsubscribe/{make_token(Grant(member.pk, 'anniversary'))}/", {"List-Unsubscribe": "One-Click"}
        )
        assert preferences_of(member)["anniversary"] == "here"

    def test_has_its_filter_in_the_inbox(self, anniversary, signed_in, member, post):
        Notification.objects.create(
            member=member, post=post, kind="anniversary", way="here", due_at=timezone.now(), reasons=["post"]
        )
        page = signed_in(member).get("/notifications/?show=anniversary")
        assertContains(page, '<a href="?show=anniversary" aria-current="true">Anniversaries</a>', html=True)
        assertContains(page, '<p class="q" dir="auto">', count=1)

    def test_is_in_the_data_export(self, anniversary, member):
        choose(member, anniversary="daily")
        (part,) = [part for part in PARTS if isinstance(part, Part) and part.key == "alert_choices"]
        assert [(str(row["what"]), row["chosen"]) for row in part.rows(member)] == [
            ("Anniversaries of my comments", "By email, daily")
        ]


def test_each_reason_belongs_to_one_type_and_has_its_wording():
    assert set(TYPE_OF) == set(WORDS) == set(Reason)
    for reason, wording in WORDS.items():
        assert all("%(name)s" in str(words) for words in (wording.heading, wording.subject)), reason
        assert all([wording.because, wording.in_inbox]), reason


def test_keys_fit_their_columns():
    longest = min(
        Notification._meta.get_field("kind").max_length,
        NotificationPreference._meta.get_field("type").max_length,
    )
    assert all(key == one.key and len(key) <= longest for key, one in TYPES.items())
