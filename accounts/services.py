"""What happens to members: the names of the house, pictures, links, a sign-up begun anew."""

from collections.abc import Iterable

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import LinkFollowed, ProfileLink, User
from accounts.signals import profile_changed
from accounts.tasks import check_link
from core.locks import lock_row
from core.ratelimit import check_rates
from core.text import look_alike_key

# What we found out about a link. It is about an address: a link that leads elsewhere begins anew.
PROOF_FIELDS = [
    ProfileLink._meta.get_field(name)
    for name in ("state", "proved_at", "checked_at", "check_asked_at", "next_check_at", "failed_checks", "problem", "problem_detail")
]


def find_members(usernames: list[str]) -> dict[str, str]:
    """Which of these names are members now, with the address of their page (core.markup.FindMembers)."""
    members = User.objects.public().filter(username__in=usernames).only("username")
    return {member.username: member.get_absolute_url() for member in members}


def is_like_a_house_name(name: str, *, but: User | None = None) -> bool:
    """Whether the name looks like that of somebody who speaks for this place: the host, staff, a moderator.

    but: a member whose own names do not count.
    """
    key = look_alike_key(name)
    if not key:
        return False
    people = User.objects.of_the_house().exclude(pk=but.pk if but else None)
    return any(
        key in {look_alike_key(username), look_alike_key(display_name)} for username, display_name in people.values_list("username", "display_name")
    )


def forget_unfinished_signup(session: SessionBase) -> None:
    """Somebody who mistyped the address signs up again in the same browser: the first try must not keep the name.

    Only a member who never came in, and whose address nobody has confirmed, is forgotten.
    """
    state = session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None) or {}
    if user_id := state.get("user_id"):
        User.objects.never_came_in().filter(pk=user_id).delete()


def remove_picture_file(name: str) -> None:
    """Remove a stored picture once the change that let go of it is certain."""
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))


@transaction.atomic
def save_profile(member: User, links: Iterable[ProfileLink], gone: Iterable[ProfileLink] = ()) -> None:
    """Store a member's page whole: words, picture, and the links in the order given.

    links: those that stay, changed or new; gone: those that go.
    """
    former_picture = User.objects.values_list("avatar", flat=True).get(pk=member.pk)
    member.save(update_fields=["display_name", "tagline", "bio", "avatar"])
    if former_picture != member.avatar.name:
        remove_picture_file(former_picture)
    store_links(member, links, gone)
    profile_changed.send(sender=User, member=member)


def store_links(member: User, links: Iterable[ProfileLink], gone: Iterable[ProfileLink] = ()) -> None:
    """The links of a member in the order given. What is known of an address is kept while the address is the same."""
    lock_row(User.objects, member.pk)
    links = list(links)
    member.links.filter(pk__in=[link.pk for link in gone]).delete()
    before = dict(member.links.values_list("pk", "url"))
    changed = [link for link in links if link.pk and before.get(link.pk, link.url) != link.url]
    # Out of each other's way first, so that two addresses may change places.
    for link in changed:
        unproved = {field.name: field.get_default() for field in PROOF_FIELDS}
        ProfileLink.objects.filter(pk=link.pk).update(url=f"https://moving.invalid/{link.pk}", **unproved)
    LinkFollowed.objects.filter(link__in=changed).delete()
    for position, link in enumerate(links):
        link.user, link.position = member, position
    ProfileLink.objects.bulk_update([link for link in links if link.pk], ["label", "url", "position"])
    ProfileLink.objects.bulk_create([link for link in links if not link.pk])


@transaction.atomic
def ask_for_check(link: ProfileLink) -> None:
    """Have the worker look whether a link's page links back. Only its owner may ask, and not all the time.

    Raises TooFast.
    """
    lock_row(User.objects, link.user_id)
    check_rates(ProfileLink.objects.filter(pk=link.pk), settings.LINK_CHECK_RATES["link"], "check_asked_at")
    check_rates(ProfileLink.objects.filter(user=link.user_id), settings.LINK_CHECK_RATES["member"], "check_asked_at")
    ProfileLink.objects.filter(pk=link.pk).update(check_asked_at=timezone.now())
    check_link.enqueue(link.pk)


def count_following(link: ProfileLink) -> None:
    """One more on today's count of a link."""
    today = LinkFollowed.objects.filter(link=link, day=timezone.localdate())
    if not today.update(count=F("count") + 1):
        LinkFollowed.objects.get_or_create(link=link, day=timezone.localdate())
        today.update(count=F("count") + 1)
