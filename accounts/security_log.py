"""The logger "security": sign-ins, failures, and changes to credentials (ASVS 5.0, V16.3).

Entries identify a member by id, never by name or address, and contain nothing that was typed. The proxy's log
has the client's address under the same request id. Refused pages and forms are logged by core.web.views under
the same logger.
"""

import logging
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest

from core.utils.logs import note_security

FAILED = {
    "wrong password": auth.user_login_failed,
    "wrong sign-in code": account.login_code_rejected,
    "wrong code for a new password": account.password_reset_code_rejected,
    "wrong code for an address": account.email_verification_code_rejected,
    "wrong second step": mfa.authentication_failed,
}
DONE = {
    "signed in": account.user_logged_in,
    "signed out": auth.user_logged_out,
    "signed up": account.user_signed_up,
    "password set": account.password_set,
    "password changed": account.password_changed,
    "password replaced by code": account.password_reset,
    "address added": account.email_added,
    "address confirmed": account.email_confirmed,
    "address removed": account.email_removed,
    "first address changed": account.email_changed,
    "second step added": mfa.authenticator_added,
    "second step removed": mfa.authenticator_removed,
    "recovery codes made": mfa.authenticator_reset,
}


def _methods(request: HttpRequest | None) -> str:
    """How they signed in: password, code, mfa, socialaccount."""
    session = getattr(request, "session", None)
    used = session.get("account_authentication_methods", []) if session is not None else []
    return ", ".join(dict.fromkeys(str(one.get("method")) for one in used))


def _listen(event: str, signal: Signal, level: int) -> None:
    def note(sender: Any, request: HttpRequest | None = None, user: Any = None, **more: Any) -> None:
        member = user or getattr(more.get("email_address"), "user", None)
        how = f" by {methods}" if event == "signed in" and (methods := _methods(request)) else ""
        note_security(level, f"{event}{how}", request, getattr(member, "pk", None))

    signal.connect(note, weak=False, dispatch_uid=f"security-log: {event}")


def listen() -> None:
    for event, signal in FAILED.items():
        _listen(event, signal, logging.WARNING)
    for event, signal in DONE.items():
        _listen(event, signal, logging.INFO)
