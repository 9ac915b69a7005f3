"""The API: its parts, its errors, its OpenAPI document."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from api.v1 import comments, members, moderation, notifications, pictures, posts, reports, search
from api.v1.auth import OptionalToken
from api.v1.problems import MEDIA_TYPE, register_problem_handlers
from api.v1.schemas import ProblemOut

SCHEME = "token"
REFUSAL = {
    "description": "An error, with what is wrong",
    "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}}},
}


def _in_words(who: str) -> str:
    return " and ".join(
        f"{count} requests in {seconds} seconds" for count, seconds in settings.API_RATES[who]
    )


DESCRIPTION = f"""Read and write what members can on the site, by the same rules.

Public content can be read without a token, from other sites too. For everything else, send a token in the
header `Authorization: Bearer lt_…`. Members create tokens in their settings. A token has scopes: “read”,
“write”, “moderate” (for moderators) and “host” (for those who may write posts).

Lists are paginated: to get the next page, send the value of `next` as `after`.

Errors are problem details (RFC 9457): `detail` says what is wrong, `errors` at which fields. 401: there is no
valid token. 403: the token lacks the scope, or its owner may not do this. 404: it doesn’t exist, or you can’t
see it. 409: someone else is working on it. 410: it was deleted in the meantime. 422: a value is wrong. 429:
too many requests; the header `Retry-After` says how many seconds to wait.

Limits: {_in_words("visitor")} from one network without a token, {_in_words("token")} with one. Writing has
the same limits as on the site.

Responses have an `ETag`. Send it back in `If-None-Match`: if nothing has changed, the response is 304 without
content.
"""


class WholeTextParser(Parser):
    """Refuses lone surrogates ("\\ud800"), which JSON can contain and no database stores."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = json.loads(request.body)
        json.dumps(data, ensure_ascii=False).encode()
        return data


class Api(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Add the security scheme, which is optional where visitors may read."""
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer"}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                wanted = operation.pop("security", [])
                is_open = any(OptionalToken.__name__ in one for one in wanted)
                operation["security"] = [{}, {SCHEME: []}] if is_open else [{SCHEME: []}]
                operation["responses"]["default"] = REFUSAL
        schema["components"]["schemas"][ProblemOut.__name__] = ProblemOut.model_json_schema()
        return schema


api = Api(
    title="API",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url="/openapi.json",
    auth=OptionalToken(),
    parser=WholeTextParser(),
)
register_problem_handlers(api)
for part in (posts, comments, pictures, members, search, notifications, reports, moderation):
    api.add_router("", part.router)


def document(request: HttpRequest | None = None) -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(api.get_openapi_schema())
