"""What this app exports about a member (accounts/services/export.py).

Private acts of others, such as following and muting, are never included.
"""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import CalendarAddress, DataExport, Introduction, LinkFollowed, User
from accounts.models.images import SHAPES, files_of
from accounts.services.export import Part, Row


def _profile(member: User) -> Iterator[Row]:
    own = User.objects.get(pk=member.pk)
    yield {
        "username": own.username,
        "name": own.display_name,
        "one_line": own.tagline,
        "more": own.bio,
        "picture": own.avatar.name,
        "picture_shows": own.avatar_alt,
        "wide_picture": own.cover.name,
        "wide_picture_shows": own.cover_alt,
        "pictures": [getattr(own, shape).name for shape in SHAPES if getattr(own, shape)],
        "birthday": "-".join(
            f"{part:02}"
            for part in (own.birthday_year, own.birthday_month, own.birthday_day)
            if part is not None
        ),
        "birthday_seen_by": own.get_birthday_seen_by_display() if own.birthday_day else "",
        "birthday_in_march": own.birthday_in_march,
        "birthday_told": own.birthday_told,
        "wants_party": own.wants_party,
        "takes_introductions": own.takes_introductions,
        "found_by_expertise": own.found_by_expertise,
        "address": own.email,
        "time_zone": own.time_zone,
        "language": own.language,
        "follows_by_commenting": own.follows_by_commenting,
        "mails_when_away": own.mails_when_away,
        "summary_after_weeks": own.summary_after_weeks,
        "last_active_at": own.last_active_at,
        "joined_at": own.date_joined,
        "last_signed_in_at": own.last_login,
        "has_password": own.has_usable_password(),
        "talks_sorted": own.thread_order,
        "former_usernames": list(own.merged_accounts.order_by("pk").values_list("username", flat=True)),
        "groups": list(own.groups.order_by("name").values_list("name", flat=True)),
        "rights": [str(right) for right in Permission.objects.filter(user=own)],
    }


def _profile_files(member: User) -> Iterator[str]:
    own = User.objects.get(pk=member.pk)
    for shape in SHAPES:
        if name := getattr(own, shape).name:
            yield from {files_of(name)[0], files_of(name)[-1]}


def _links(member: User) -> Iterator[Row]:
    for link in member.links.all():
        yield {
            "label": link.label,
            "address": link.url,
            "state": link.get_state_display(),
            "verified_at": link.verified_at,
            "checked_at": link.checked_at,
            "what_we_found": link.problem_text,
            "followed": [
                {"day": row.day, "times": row.count}
                for row in LinkFollowed.objects.filter(link=link).order_by("day")
            ],
        }


def _topics(member: User) -> Iterator[Row]:
    for row in member.topics.select_related("topic").order_by("kind", "position"):
        yield {"topic": row.topic.name, "kind": row.get_kind_display()}


def _people(member: User) -> Iterator[Row]:
    for follow in member.follows.select_related("followed").order_by("pk"):
        yield {
            "what": _("followed"),
            "member": follow.followed.get_display_name(),
            "username": follow.followed.username,
            "since": follow.created_at,
        }
    for mute in member.mutes.select_related("muted").order_by("pk"):
        yield {
            "what": _("muted"),
            "member": mute.muted.get_display_name(),
            "username": mute.muted.username,
            "since": mute.created_at,
        }


def _introductions(member: User) -> Iterator[Row]:
    State = Introduction.State
    for introduction in member.introductions_asked.select_related("asked").order_by("pk"):
        # A refusal is not revealed.
        said_yes = introduction.state == State.ACCEPTED
        yield {
            "what": _("Requests you sent"),
            "member": introduction.asked.get_display_name(),
            "at": introduction.created_at,
            "words": introduction.words,
            "state": introduction.get_state_display() if said_yes else State.WAITING.label,
            "answer": introduction.answer if said_yes else "",
        }
    for came in member.introductions_received.select_related("asker").order_by("pk"):
        yield {
            "what": _("Requests you received"),
            "member": came.asker.get_display_name(),
            "at": came.created_at,
            "words": came.words,
            "state": came.get_state_display(),
            "answer": came.answer,
        }


def _sign_in(member: User) -> Iterator[Row]:
    for address in EmailAddress.objects.filter(user=member).order_by("pk"):
        yield {
            "what": _("address"),
            "is": address.email,
            "confirmed": address.verified,
            "we_write_here": address.primary,
        }
    for key in Authenticator.objects.filter(user=member).order_by("pk"):
        yield {
            "what": _("two-step verification or passkey"),
            "is": key.get_type_display(),
            "since": key.created_at,
            "last_used_at": key.last_used_at,
        }
    for elsewhere in SocialAccount.objects.filter(user=member).order_by("pk"):
        yield {
            "what": _("connected account"),
            "is": elsewhere.provider,
            "number_there": elsewhere.uid,
            "from_there": elsewhere.extra_data,
            "since": elsewhere.date_joined,
            "last_used_at": elsewhere.last_login,
        }
    for session in UserSession.objects.filter(user=member).order_by("pk"):
        yield {
            "what": _("device"),
            "is": session.user_agent,
            "network_address": session.ip,
            "since": session.created_at,
            "last_used_at": session.last_seen_at,
        }


def _calendars(member: User) -> Iterator[Row]:
    yield from map(dict, CalendarAddress.objects.filter(member=member).values("secret", "created_at"))


def _exports(member: User) -> Iterator[Row]:
    yield from map(
        dict, DataExport.objects.filter(member=member).order_by("pk").values("asked_at", "ready_at", "size")
    )


PARTS = [
    Part(
        "profile",
        _("Profile"),
        _profile,
        {
            "name": _("Name"),
            "username": _("Username"),
            "one_line": _("Tagline"),
            "more": _("About you"),
            "birthday": _("Birthday"),
            "birthday_seen_by": _("Visible to"),
            "address": _("Address"),
            "time_zone": _("Time zone"),
            "language": _("Language"),
            "follows_by_commenting": _("Follows posts by commenting"),
            "mails_when_away": _("Emails only while away"),
            "summary_after_weeks": _("Summary after weeks away"),
            "last_active_at": _("Last active"),
            "joined_at": _("Member since"),
            "last_signed_in_at": _("Last signed in"),
            "former_usernames": _("Former usernames"),
            "groups": _("Groups"),
            "rights": _("Permissions"),
        },
        frozenset(
            {"accounts.User.merged_into", "accounts.User_groups.user", "accounts.User_user_permissions.user"}
        ),
        _profile_files,
    ),
    Part(
        "links",
        _("Your links"),
        _links,
        {
            "label": _("Label"),
            "address": _("Address"),
            "state": _("Status"),
            "what_we_found": _("Result"),
            "followed": _("Clicks"),
        },
        frozenset({"accounts.ProfileLink.user"}),
    ),
    Part(
        "topics",
        _("Your topics"),
        _topics,
        {"topic": _("Topic"), "kind": _("Kind")},
        frozenset({"accounts.MemberTopic.user"}),
    ),
    Part(
        "people",
        _("Following and muted"),
        _people,
        {"member": _("Who"), "what": _("What"), "since": _("Since")},
        frozenset({"accounts.Follow.follower", "accounts.Mute.member"}),
    ),
    Part(
        "introductions",
        _("Introductions"),
        _introductions,
        {
            "what": _("What"),
            "member": _("Who"),
            "at": _("When"),
            "words": _("Message"),
            "state": _("Status"),
            "answer": pgettext_lazy("noun", "Reply"),
        },
        frozenset({"accounts.Introduction.asker", "accounts.Introduction.asked"}),
    ),
    Part(
        "sign_in",
        _("How you sign in"),
        _sign_in,
        {
            "what": _("What"),
            "is": _("Method"),
            "confirmed": _("Confirmed"),
            "network_address": _("From"),
            "since": _("Since"),
            "last_used_at": _("Last used"),
        },
        frozenset(
            {
                "account.EmailAddress.user",
                "mfa.Authenticator.user",
                "socialaccount.SocialAccount.user",
                "usersessions.UserSession.user",
            }
        ),
    ),
    Part(
        "calendars",
        _("Your calendar addresses"),
        _calendars,
        {"secret": _("Secret part of the address"), "created_at": _("Since")},
        frozenset({"accounts.CalendarAddress.member"}),
    ),
    Part(
        "exports",
        _("Earlier data exports"),
        _exports,
        {"asked_at": _("Requested"), "ready_at": _("Ready")},
        frozenset({"accounts.DataExport.member"}),
    ),
]
