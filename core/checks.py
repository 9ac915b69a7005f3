"""System checks: `manage.py check` reports missing and insecure settings."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register
from django.utils.translation import gettext as _


@register(Tags.security, deploy=True)
def check_rate_limits(**_kwargs: Any) -> list[CheckMessage]:
    if settings.RATE_LIMITS:
        return []
    return [
        Warning(
            # Also shown on the dashboard, in its reader's language.
            _("RATE_LIMITS is off: anyone can guess passwords and flood threads."),
            hint=_("Remove RATE_LIMITS=off from the environment. It is for load tests only."),
            id="core.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mail(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.EMAIL_BACKEND.endswith(("filebased.EmailBackend", "console.EmailBackend")):
        return []
    return [
        Info(
            "Emails are written to files or to the screen instead of being sent, so no one can confirm an address.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.org:587.",
            id="core.I001",
        )
    ]


@register(Tags.security, deploy=True)
def check_proxy(**_kwargs: Any) -> list[CheckMessage]:
    if settings.TRUSTED_PROXY_COUNT or not settings.HTTPS:
        return []
    return [
        Info(
            "No proxy is trusted. Behind a proxy, all visitors would share one IP address and one rate limit for sign-in attempts.",
            hint="Set TRUSTED_PROXY_COUNT to the number of your own proxies in front of the site (usually 1).",
            id="core.I002",
        )
    ]


@register(Tags.files)
def check_runtime_folder(**_kwargs: Any) -> list[CheckMessage]:
    folder = settings.VAR_DIR
    writable = os.access(folder, os.W_OK) if folder.exists() else os.access(folder.parent, os.W_OK)
    if writable:
        return []
    return [
        Warning(
            f"{folder} is not writable.",
            hint="Make it writable for the user that runs the site, or set VAR_DIR.",
            id="core.W002",
        )
    ]
