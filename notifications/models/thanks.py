"""Which thanks are notified: not those by members whom the reader muted, before or after."""

from django.apps import apps
from django.db.models import Exists, OuterRef, Q


def is_heard(model: str, what: str) -> Q:
    """The condition for notifications of thanks: someone thanked whom the reader has not muted.

    model: the model of the thanks in the comments app, which is loaded later. what: the name of its field and
    the notification's.
    """
    muted = apps.get_model("accounts", "Mute").objects.filter(
        member=OuterRef(OuterRef("member")), muted=OuterRef("member")
    )
    thanks = apps.get_model("comments", model).objects.filter(**{what: OuterRef(what)})
    return Q(Exists(thanks.exclude(Exists(muted))))
