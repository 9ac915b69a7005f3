"""Why a message was not sent, as text for the host. The log stores codes, which are translated when shown."""

from django.utils.translation import gettext, gettext_lazy

from api.models import Delivery
from core.utils.http_client import FetchError

# Texts of a code by itself, and with the server that it is about.
WORDS = {
    FetchError.NOT_HTTPS: gettext_lazy("The address doesn’t start with https://."),
    FetchError.NOT_PUBLIC: gettext_lazy("The address isn’t on the public web."),
    FetchError.NO_HOST: gettext_lazy("The server can’t be found."),
    FetchError.TOO_MANY_REDIRECTS: gettext_lazy("The address redirects too many times."),
    FetchError.BAD_CERTIFICATE: gettext_lazy("The server’s certificate isn’t valid for this address."),
    FetchError.TOO_SLOW: gettext_lazy("The server took too long to respond."),
    FetchError.NO_ANSWER: gettext_lazy("The server didn’t respond, or not over HTTP."),
    FetchError.NOT_REACHED: gettext_lazy("The server couldn’t be reached."),
}
WORDS_WITH_SERVER = {
    FetchError.NOT_PUBLIC: gettext_lazy("%(server)s isn’t on the public web."),
    FetchError.NO_HOST: gettext_lazy("%(server)s can’t be found."),
    FetchError.NOT_REACHED: gettext_lazy("%(server)s couldn’t be reached."),
}


def failure_of(delivery: Delivery) -> str:
    """What went wrong, in a sentence; "" if nothing did."""
    if delivery.state == Delivery.State.DROPPED:
        return gettext("What it was about is no longer public.")
    if delivery.error:
        code, _space, server = delivery.error.partition(" ")
        if server and code in WORDS_WITH_SERVER:
            return str(WORDS_WITH_SERVER[code]) % {"server": server}
        return str(WORDS.get(code, gettext("The message couldn’t be sent.")))
    if delivery.status_code and not 200 <= delivery.status_code < 300:
        return gettext("The server responded with an error (%(code)d).") % {"code": delivery.status_code}
    return ""
