"""Every table with personal data is part of the site archive, of members' data exports, and of erasure.

If you add a table or column, these tests ask whose data it is. Keys to members have tests of their own, which
also cover all tables: tests/accounts/test_exports.py (data exports), tests/accounts/test_leaving.py
(erasure), and tests/transfer/test_site_archive.py (the archive).
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from accounts.models import EmailCode, User
from comments.models import Comment, PendingComment
from comments.services.guest_data import erase_guest, rows_of_guest
from comments.services.guest_parts import other_data
from decisions.models import Guest, NoInvitations
from events.models import Answer, GuestRequest
from events.services.planning import propose_event
from notifications.models import EmailSuppression, GuestConsent, Notification, OutgoingEmail, Subscriber
from tests.decisions.factories import make_poll
from tests.events.plans import a_plan
from tests.factories import make_host, make_member, make_post, put_comment, switch_on
from transfer.site.tables import LEFT_OUT, kept_models

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

ADDRESS = "gus@walrus.example"

# Tables with personal data but no key to a member: what deletes their rows, in the export and in erasure.
THROUGH_ANOTHER = {
    "account.EmailConfirmation": "the address, with whose row it goes",
    "accounts.LinkFollowed": "a link of the profile: how often it was followed",
    "decisions.Choice": "the vote: it is in the file with it, and stays without a name as the vote does",
    "comments.LinkedPageUse": "a comment",
    "events.Event": "a post, whose author proposed it",
    "events.Occurrence": "an event",
    "memorials.Book": "a memorial",
    "memorials.FamilyChoice": "a comment: whether its author gives it to the family",
    "moderation.Assessment": "a comment, and what the spam filter found in it",
    "moderation.TracedKey": "an assessment",
    "moderation.TracedMark": "an assessment",
    "moderation.TrainingSample": "an assessment: numbers that no text can be read from",
    "notifications.AdditionalParent": "a comment that answers several",
    "notifications.FanOut": "a comment or post whose notifications are being written",
    "notifications.Push": "a device, for minutes",
    "socialaccount.SocialToken": "a sign-in elsewhere, with which it goes",
    "webmention.Mention": "a comment to come, from a public page elsewhere",
}
# Tables without personal data, or whose rows cannot be attributed to a person.
ABOUT_NOBODY = {
    **dict.fromkeys(
        [
            "api.Webhook",
            "board.Board",
            "comments.Discussion",
            "comments.DiscussionDefaults",
            "core.SiteSettings",
            "decisions.DecisionSettings",
            "embed.EmbeddedPage",
            "giving.GivingSettings",
            "giving.Way",
            "moderation.CommentRule",
            "moderation.ModerationSettings",
            "moderation.RemovalReason",
            "party.PartyDay",
            "rooms.Room",
            "socialaccount.SocialApp",
        ],
        "what the host chose and entered",
    ),
    **dict.fromkeys(
        ["auth.Group", "auth.Group_permissions", "auth.Permission", "contenttypes.ContentType"],
        "which kinds of rights there are",
    ),
    **dict.fromkeys(
        ["dashboard.PageDay", "dashboard.ReferrerDay", "dashboard.SearchDay", "moderation.LearnerState"],
        "sums of many",
    ),
    **dict.fromkeys(
        [
            "api.Delivery",
            "core.CacheEntry",
            "core.Worker",
            "dashboard.DayReader",
            "dashboard.DaySalt",
            "dashboard.SetupLink",
            "django_tasks_database.DBTaskResult",
            "sessions.Session",
            "transfer.Backup",
            "transfer.SiteExport",
        ],
        "work of this site, which ends by itself",
    ),
    **dict.fromkeys(
        [
            "comments.LinkedPage",
            "decisions.Option",
            "notifications.Mailing",
            "posts.OldAddress",
            "posts.Post_tags",
            "posts.Tag",
            "webmention.SentMention",
        ],
        "public texts and addresses of pages",
    ),
    "accounts.CodeTry": "hashes that count for limits",
    "accounts.RetiredUsername": "hashes of names that nobody may take again",
    "accounts.Topic": "names of topics; who has them is another table",
    "giving.Gift": "sums that came in, by the host; the name that may be thanked is what the giver asked the host to show",
    "giving.InvoicePayment": "numbers of the payment service, without names",
}
# Columns with an address of someone who may not be a member.
OF_GUESTS = {
    "accounts.EmailCode.email",
    "comments.Comment.guest_email",
    "comments.PendingComment.email",
    "decisions.Guest.email",
    "decisions.NoInvitations.email",
    "events.Answer.guest_email",
    "events.GuestRequest.email",
    "notifications.EmailSuppression.email",
    "notifications.GuestConsent.email",
    "notifications.Notification.guest_email",
    "notifications.OutgoingEmail.address",
    "notifications.OutgoingEmail.guest_email",
    "notifications.Subscriber.email",
}
# Columns with an address of a member or of the site: they are deleted with the account, or belong to the
# host.
OF_MEMBERS = {
    "account.EmailAddress.email",
    "accounts.User.email",
    "comments.CommentClaim.email",
    "core.SiteSettings.reply_to",
}
# What remains after a guest had their data erased, and why.
STAYS = {
    "accounts.EmailCode.email": "counts for the limits of codes, and ends by itself",
    "comments.PendingComment.email": "waits a week for its code, then it is deleted; it was never shown",
    "decisions.NoInvitations.email": "that this address wants no invitations",
    "notifications.EmailSuppression.email": "that this address must not be written to",
    "notifications.Subscriber.email": "a subscription of its own, which each email has a link to end",
}


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def points_at_a_member(model: type[models.Model]) -> bool:
    return model is User or any(field.related_model is User for field in model._meta.local_fields)


def columns_with_addresses() -> Iterator[tuple[str, type[models.Model], str]]:
    for model in tables():
        for field in model._meta.local_fields:
            if isinstance(field, models.EmailField):
                yield f"{model._meta.label}.{field.name}", model, field.name


def where_it_is(address: str) -> set[str]:
    return {
        key
        for key, model, name in columns_with_addresses()
        if model._base_manager.filter(**{f"{name}__iexact": address}).exists()
    }


def test_of_every_table_it_is_said_whose_rows_it_has():
    others = {model._meta.label for model in tables() if not points_at_a_member(model)}
    with_addresses = {key.rpartition(".")[0] for key in OF_GUESTS | OF_MEMBERS}
    said = [set(THROUGH_ANOTHER), set(ABOUT_NOBODY), with_addresses & others]
    assert others - set().union(*said) == set()
    assert set(THROUGH_ANOTHER) | set(ABOUT_NOBODY) <= others
    assert set(THROUGH_ANOTHER) & set(ABOUT_NOBODY) == set()
    assert {key for key, _model, _name in columns_with_addresses()} == OF_GUESTS | OF_MEMBERS


def test_tables_that_go_with_another_refer_to_it_and_go_with_it():
    """To a member, to a row that refers to one, and so on: deleting that deletes all of these rows."""
    reached = {model for model in tables() if points_at_a_member(model)}
    while more := {
        model
        for model in set(tables()) - reached
        if any(
            field.related_model in reached and field.remote_field.on_delete is models.CASCADE
            for field in model._meta.local_fields
            if field.is_relation
        )
    }:
        reached |= more
    assert set(THROUGH_ANOTHER) - {model._meta.label for model in reached} == set()


def test_whatever_is_about_a_person_is_in_the_archive_or_has_a_reason_there():
    personal = {model._meta.label for model in tables() if model._meta.label not in ABOUT_NOBODY}
    kept = {model._meta.label for model in kept_models()}
    assert personal - kept - set(LEFT_OUT) == set()
    assert all(LEFT_OUT[label] for label in personal & set(LEFT_OUT))


@pytest.fixture
def everywhere(db) -> None:
    """Store one address in each column that can contain that of a guest."""
    switch_on("decisions", "events")
    host = make_host()
    said = put_comment(make_post(host), author=make_member())
    Comment.objects.filter(pk=said.pk).update(author=None, guest_name="Gus", guest_email=ADDRESS)
    PendingComment.objects.create(post=said.post, body="Soon.", name="Gus", email=ADDRESS)
    EmailCode.objects.create(email=ADDRESS, sender="x", digest="y")
    poll = make_poll(by=host)
    Guest.objects.create(decision=poll, email=ADDRESS, name="Gus", invited_by=host)
    NoInvitations.objects.create(email=ADDRESS)
    time = propose_event(a_plan(), by=host).occurrences.get()
    Answer.objects.create(occurrence=time, guest_email=ADDRESS, guest_name="Gus", says="maybe")
    GuestRequest.objects.create(occurrence=time, says="yes", name="Gus", email=ADDRESS)
    EmailSuppression.objects.create(email=ADDRESS, cause="bounce")
    GuestConsent.objects.create(email=ADDRESS)
    Subscriber.objects.create(email=ADDRESS)
    OutgoingEmail.objects.create(guest_email=ADDRESS, address=ADDRESS, message_id="<1@testserver>")
    Notification.objects.create(
        comment=said, guest_email=ADDRESS, kind="replies", way="mail", due_at=said.created_at
    )


def test_of_a_guest_only_what_protects_them_stays_after_erasure(everywhere):
    assert where_it_is(ADDRESS) == OF_GUESTS
    shown = {part.key for part, _rows in other_data(ADDRESS)}
    assert (len(list(rows_of_guest(ADDRESS))), shown) == (1, {"events", "polls"})
    erase_guest.func(ADDRESS, True)
    assert where_it_is(ADDRESS) == set(STAYS)
    assert other_data(ADDRESS) == []
    assert list(rows_of_guest(ADDRESS)) == []
