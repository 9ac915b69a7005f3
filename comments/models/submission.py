"""How a comment was submitted, for the checks. Never stored with a comment."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from core.utils.secret_links import without_secrets
from core.utils.text import storable

MAX_FIELDS = 20


@dataclass(frozen=True)
class Submission:
    """The sender's IP address and browser, all fields of the form (including other apps'), and the Unix time.

    referrer: the URL of the form, for external spam checks (Akismet), without parts that would give access by
    themselves.
    """

    address: str = ""
    agent: str = ""
    referrer: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.time)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The request as the checks see it. Secrets are removed from the referrer."""
        try:
            address = get_adapter(request).get_client_ip(request)
        except PermissionDenied:  # how allauth says that there is none
            address = ""
        return cls(
            address,
            request.headers.get("User-Agent", "")[:300],
            without_secrets(request.headers.get("Referer", ""))[:300],
            request.POST.dict(),
        )

    def to_keep(self, without: Collection[str] = ()) -> dict[str, Any]:
        """A JSON value for pending comments. without: fields that are stored elsewhere."""
        small = {
            storable(name[:50]): storable(value[:300])
            for name, value in self.fields.items()
            if name not in without
        }
        values = {name: storable(getattr(self, name)) for name in ("address", "agent", "referrer")}
        return values | {"fields": dict(list(small.items())[:MAX_FIELDS]), "at": self.at}

    @classmethod
    def kept(cls, data: Mapping[str, Any]) -> Self:
        """The submission that `to_keep` stored."""
        return cls(**data)
