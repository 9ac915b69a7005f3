"""Sessions in the database, as Django's own; the row is read on every signed-in request, so its query is prepared."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core import signing
from django.utils import timezone

from core.prepared import A_MOMENT, A_WORD, Prepared

_session: Prepared[AbstractBaseSession] = Prepared(
    lambda key, now: DatabaseSessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now), key=A_WORD, now=A_MOMENT
)


class SessionStore(DatabaseSessionStore):
    def decode(self, session_data: Any) -> dict[str, Any]:
        """The same row is read with each request of a member: its signature is verified only once."""
        try:
            read: dict[str, Any] = json.loads(_signed_words(session_data, self.key_salt))
        except Exception:  # noqa: BLE001 - Django says what was wrong with it
            return super().decode(session_data)
        return read

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        # PostgreSQL raises an error for NUL, which a quoted cookie can contain.
        key = self.session_key
        session = _session.first(key=key, now=timezone.now()) if key and "\x00" not in key else None
        if session is None:
            self._session_key = None
        return session


@lru_cache(maxsize=1000)
def _signed_words(session_data: str, salt: str) -> str:
    """The JSON that Django's `signing.dumps(…, compress=True)` has signed. Raises BadSignature, and what broken data raise."""
    words: str = signing.loads(session_data, salt=salt, serializer=_Unread)
    return words


class _Unread(signing.JSONSerializer):
    """Leaves JSON unparsed."""

    def loads(self, data: bytes) -> str:
        return data.decode("latin-1")
