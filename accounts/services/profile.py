"""Saving profiles: text, pictures, links, topics; and repeated sign-ups."""

from collections.abc import Iterable, Mapping
from typing import cast

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ChosenPicture, LinkFollowed, MemberTopic, ProfileLink, Topic, User
from accounts.models.images import SHAPES, DrawnPicture, discard_files, remove_picture
from accounts.models.names import validate_display_name
from accounts.services.permissions import until_when
from accounts.signals import profile_changed
from accounts.tasks import check_link
from core.markup.links import tidy_address
from core.models import SiteSettings
from core.utils.locks import lock_row, lock_word
from core.utils.ratelimit import check_rates
from core.utils.text import one_line, search_key, skeleton

# A check applies to one URL: a link that is changed to another starts unverified.
NOT_VERIFIED = {
    "state": ProfileLink.State.NOT_VERIFIED,
    "verified_at": None,
    "checked_at": None,
    "check_asked_at": None,
    "next_check_at": None,
    "failed_checks": 0,
    "problem": "",
    "problem_detail": "",
}
# The profile fields with text or pictures that others see.
SPOKEN_FIELDS = ["display_name", "tagline", "bio", "avatar", "avatar_alt", "cover", "cover_alt"]


def forget_unfinished_signup(session: SessionBase) -> None:
    """Delete this session's unfinished sign-up, so that a mistyped address does not block the username.

    Only an account that never signed in, and whose address no one has confirmed, is deleted.
    """
    state = session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None) or {}
    if user_id := state.get("user_id"):
        User.objects.never_signed_in().filter(pk=user_id).delete()


@transaction.atomic
def save_profile(
    member: User,
    links: Iterable[ProfileLink],
    gone: Iterable[ProfileLink] = (),
    *,
    fields: Iterable[str],
    topics: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Save a whole profile: text, pictures, topics, and the links in the given order.

    links: those that stay, changed or new; gone: those to delete; fields: the columns to save, as the form
    names them; topics: by kind, the complete lists.

    Raises ValidationError and saves nothing if there is no room for a picture (for its field), if someone
    else has just taken a name that looks like this one, or (code "may_not_write") if a suspended member adds
    something.
    """
    links, topics = list(links), {kind: list(names) for kind, names in (topics or {}).items()}
    if not member.may_write:
        check_adds_nothing(member, links, topics)
    former = User.objects.values("display_name", *SHAPES).get(pk=member.pk)
    if one_line(member.display_name) != former.pop("display_name"):
        lock_word(skeleton(member.display_name))
        validate_display_name(member.display_name, but=member)
    _save_columns(member, fields, former_pictures=former)
    for field, name in former.items():
        if name != getattr(member, field).name:
            remove_picture(name)
    store_links(member, links, gone)
    member.chosen_pictures.filter(file__in=[getattr(member, field).name for field in SHAPES]).delete()
    for kind, names in topics.items():
        store_topics(member, kind, names)
    profile_changed.send(sender=User, member=member)


def _save_columns(member: User, fields: Iterable[str], *, former_pictures: Mapping[str, str]) -> None:
    """Save these columns. If there is no room for a picture, its other sizes are deleted.

    former_pictures: the stored files by field. Raises ValidationError for the field of the picture.
    """
    in_use = {*former_pictures.values(), *member.chosen_pictures.values_list("file", flat=True)}
    try:
        member.save(update_fields=list(fields))
    except ValidationError:  # another of the new pictures may be stored already
        for field, name in former_pictures.items():
            if getattr(member, field).name not in in_use:
                discard_files(getattr(member, field).name)
                setattr(member, field, name)
        raise


def free_display_name(name: str) -> str:
    """The name for a new member, or "" if a similar one was taken after validation. Needs a transaction."""
    name = one_line(name)
    if name:
        lock_word(skeleton(name))
        try:
            validate_display_name(name)
        except ValidationError:
            return ""
    return name


@transaction.atomic
def store_chosen_picture(member: User, field: str, drawn: DrawnPicture) -> ChosenPicture:
    """Store a picture for a profile form that is not saved yet, replacing an earlier one.

    field: "avatar" or "cover". Raises ValidationError if there is no room for it.
    """
    lock_row(User.objects, member.pk)
    for former in member.chosen_pictures.filter(field=field):
        remove_picture(former.file.name)
        former.delete()
    chosen = ChosenPicture(user=member, field=field)
    column = cast(models.FileField, User._meta.get_field(field))
    chosen.file.save(f"{column.upload_to}{drawn.name}", drawn)
    return chosen


def check_adds_nothing(
    member: User, links: Iterable[ProfileLink], topics: Mapping[str, Iterable[str]]
) -> None:
    """Raise ValidationError if a suspended member adds something to their profile.

    They can remove things, as they can delete comments.
    """
    before = User.objects.get(pk=member.pk)
    has_text = any(
        getattr(member, name) and getattr(member, name) != getattr(before, name) for name in SPOKEN_FIELDS
    )
    known_links = set(member.links.values_list("pk", "label", "url"))
    linked = any((link.pk, link.label, link.url) not in known_links for link in links)
    known_topics = set(member.topics.values_list("kind", "topic__key"))
    named = any(
        (kind, search_key(name)) not in known_topics for kind, names in topics.items() for name in names
    )
    if has_text or linked or named:
        when = until_when(member)
        raise ValidationError(
            _("%(when)s You can remove things from your profile, but not add anything.") % {"when": when},
            code="may_not_write",
        )


def store_topics(member: User, kind: str, names: Iterable[str]) -> None:
    """Store what a member can help with or looks for, in this order.

    A topic is one row, however members spell it.
    """
    wanted = {search_key(name): name for name in names}
    topics = {
        key: Topic.objects.get_or_create(key=key, defaults={"name": wanted[key]})[0] for key in sorted(wanted)
    }
    member.topics.filter(kind=kind).delete()
    rows = [
        MemberTopic(user=member, topic=topics[key], kind=kind, position=place)
        for place, key in enumerate(wanted)
    ]
    MemberTopic.objects.bulk_create(rows)


def store_links(member: User, links: Iterable[ProfileLink], gone: Iterable[ProfileLink] = ()) -> None:
    """Store a member's links in the given order.

    The verification state is kept as long as the URL is the same.
    """
    lock_row(User.objects, member.pk)
    links = list(links)
    member.links.filter(pk__in=[link.pk for link in gone]).delete()
    before = dict(member.links.values_list("pk", "url"))
    changed = [link for link in links if link.pk and before.get(link.pk, link.url) != link.url]
    # Move them out of the way first, so that two URLs can be swapped.
    for link in changed:
        ProfileLink.objects.filter(pk=link.pk).update(url=f"https://moving.invalid/{link.pk}", **NOT_VERIFIED)
    LinkFollowed.objects.filter(link__in=changed).delete()
    for position, link in enumerate(links):
        link.user, link.position = member, position
    ProfileLink.objects.bulk_update([link for link in links if link.pk], ["label", "url", "position"])
    ProfileLink.objects.bulk_create([link for link in links if not link.pk])


def link_key(url: str) -> str:
    """A key that is equal for URLs that lead to the same place."""
    return tidy_address(url).rstrip("/").lower() + url.partition("?")[2]


def has_link(member: User, url: str) -> bool:
    """Whether a link to the same place is on the member's profile already."""
    return link_key(url) in {link_key(link.url) for link in member.links.all()}


@transaction.atomic
def add_link(member: User, url: str) -> None:
    """Append a link to a profile, unless it is there, the profile is full or the member is suspended."""
    if not lock_row(User.objects, member.pk).may_write:
        return
    links = list(member.links.all())
    if len(links) < ProfileLink.MAX_PER_MEMBER and not has_link(member, url):
        ProfileLink.objects.create(user=member, url=url, position=links[-1].position + 1 if links else 0)
        profile_changed.send(sender=User, member=member)


@transaction.atomic
def request_check(link: ProfileLink) -> None:
    """Enqueue a check of a link for its owner. Rate limited: raises TooFast."""
    lock_row(User.objects, link.user_id)
    check_rates(ProfileLink.objects.filter(pk=link.pk), settings.LINK_CHECK_RATES["link"], "check_asked_at")
    check_rates(
        ProfileLink.objects.filter(user=link.user_id), settings.LINK_CHECK_RATES["member"], "check_asked_at"
    )
    ProfileLink.objects.filter(pk=link.pk).update(check_asked_at=timezone.now())
    check_link.enqueue(link.pk)


def count_following(link: ProfileLink) -> None:
    """Add one click to today's count of a link."""
    day = timezone.localdate(timezone=SiteSettings.current().zone)  # not the reader's day
    today = LinkFollowed.objects.filter(link=link, day=day)
    if not today.update(count=F("count") + 1):
        LinkFollowed.objects.get_or_create(link=link, day=day)
        today.update(count=F("count") + 1)
