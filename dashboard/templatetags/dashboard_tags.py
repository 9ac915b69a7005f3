"""Template tags of the dashboard."""

from datetime import timedelta, tzinfo
from urllib.parse import urlsplit

from django.template import Library
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from dashboard.services.waiting import Waiting, WaitingList

register = Library()


@register.simple_tag
def named(sentence: str, name: str) -> str:
    """A translated sentence with %(name)s filled in."""
    return sentence % {"name": name}


@register.filter
def host_name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.")
    except ValueError:
        return address


@register.filter
def duration(wait: timedelta) -> str:
    """A duration with at most two units: "3 hours, 20 minutes"."""
    now = timezone.now()
    return timesince(now - wait, now) if wait >= timedelta(minutes=1) else _("a minute")


@register.filter
def zone_name(zone: tzinfo | str) -> str:
    """ "Europe/Lisbon" becomes "Lisbon"."""
    return str(zone).rpartition("/")[2].replace("_", " ")


@register.filter
def unlocalised(number: float) -> str:
    """A number with a decimal point, for SVG attributes."""
    return str(number)


@register.filter
def also_waiting(waiting: WaitingList, each: Waiting) -> list[Waiting]:
    """Other people waiting under the same post, who could be answered in the same comment."""
    return [
        other
        for other in waiting.shown
        if other.comment.post_id == each.comment.post_id and other.comment.pk != each.comment.pk
    ][:10]
