"""Sessions in the database, as Django's own; the row is read on every signed-in request, so its query is prepared."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from core.prepared import A_MOMENT, A_WORD, Prepared

_session: Prepared[AbstractBaseSession] = Prepared(
    lambda key, now: DatabaseSessionStore.get_model_class().objects.filter(
        session_key=key, expire_date__gt=now
    ),
    key=A_WORD,
    now=A_MOMENT,
)


class SessionStore(DatabaseSessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        # PostgreSQL raises an error for NUL, which a quoted cookie can contain.
        key = self.session_key
        session = _session.first(key=key, now=timezone.now()) if key and "\x00" not in key else None
        if session is None:
            self._session_key = None
        return session
