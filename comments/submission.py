"""How words arrived: what checks may want to know beside the words. Never stored with a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


@dataclass(frozen=True)
class Submission:
    """The sender's address and browser, and all fields of the form, those that a later app added included."""

    address: str = ""
    agent: str = ""
    referrer: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        try:
            address = get_adapter(request).get_client_ip(request)
        except PermissionDenied:  # allauth's word for "there is none"
            address = ""
        return cls(address, request.headers.get("User-Agent", "")[:300], request.headers.get("Referer", "")[:300], request.POST.dict())
