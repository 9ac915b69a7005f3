"""Which thanks are told: those of people whom the reader muted, before or after, are not."""

from django.apps import apps
from django.db.models import Exists, OuterRef, Q


def is_heard(model: str, what: str) -> Q:
    """The condition for notifications of thanks: somebody thanked whom the reader has not muted.

    model: of the thanks, in the app of comments, which is read after this. what: its field, and the notification's.
    """
    muted = apps.get_model("accounts", "Mute").objects.filter(
        member=OuterRef(OuterRef("member")), muted=OuterRef("member")
    )
    thanks = apps.get_model("comments", model).objects.filter(**{what: OuterRef(what)})
    return Q(Exists(thanks.exclude(Exists(muted))))
