"""A client with a token, as used by a member's program."""

import json
from typing import Any

from django.test import Client

from accounts.models import User
from api.models import Token, hash_of, make_key


def make_token(member: User, *scopes: str, **fields: Any) -> str:
    """Create a token; return its key."""
    key = make_key()
    flags = {f"may_{scope}": True for scope in scopes}
    Token.objects.create(
        member=member, key_hash=hash_of(key), begins_with=key[:11], **{"name": key[-8:]} | flags | fields
    )
    return key


class Program:
    """A JSON client, with a key authenticated as its member."""

    def __init__(self, key: str = "", client: Client | None = None) -> None:
        self.client = client or Client()
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        sent = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, method)(f"/api/v1/{path}", headers=given, **sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("get", path, **headers)

    def post(self, path: str, data: Any) -> Any:
        return self.ask("post", path, data)

    def patch(self, path: str, data: Any) -> Any:
        return self.ask("patch", path, data)

    def delete(self, path: str) -> Any:
        return self.ask("delete", path)


def program_of(member: User, *scopes: str) -> Program:
    return Program(make_token(member, *scopes))
