"""Django's sessions in the database, with a prepared query: each request of a member reads the row."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
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
