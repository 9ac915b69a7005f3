"""Django's sessions in the database, with a prepared query: each request of a member reads the row."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core import signing
from django.utils import timezone

from core.prepared import A_MOMENT, A_WORD, Prepared

_data: Prepared[AbstractBaseSession] = Prepared(
    lambda key, now: (
        DatabaseSessionStore.get_model_class()
        .objects.filter(session_key=key, expire_date__gt=now)
        .values_list("session_data")
    ),
    key=A_WORD,
    now=A_MOMENT,
)


class _AsStored:
    """A serializer that leaves the data as it was signed."""

    def dumps(self, obj: bytes) -> bytes:
        return obj

    def loads(self, data: bytes) -> bytes:
        return data


@lru_cache(maxsize=1024)
def _signed_by_us(data: Any, salt: str, _key: str | bytes) -> bytes:
    """The content of a session, once its signature was verified. Raises BadSignature.

    Members read many pages with the same session. What the same row says needs one verification; whether
    there is such a row, and until when, is read each time. `_key`: a signature is not valid with another one.
    """
    content: bytes = signing.loads(data, salt=salt, serializer=_AsStored)
    return content


class SessionStore(DatabaseSessionStore):
    def load(self) -> dict[str, Any]:
        # PostgreSQL raises an error for NUL, which a quoted cookie can contain.
        key = self.session_key
        rows = _data.rows(key=key, now=timezone.now()) if key and "\x00" not in key else []
        if not rows:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(rows[0][0])
        return data

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            content = _signed_by_us(session_data, self.key_salt, settings.SECRET_KEY)
        except signing.BadSignature:
            found: dict[str, Any] = super().decode(session_data)  # logs it
            return found
        # Decoded again, as views change what is in it.
        decoded: dict[str, Any] = self.serializer().loads(content)
        return decoded
