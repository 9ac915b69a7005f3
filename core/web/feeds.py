"""Base class of Atom feeds."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator

from core.utils.site_locale import offered_language
from core.utils.urls import absolute_url
from core.web.conditional import answer_conditionally
from core.web.languages import is_in

# XML 1.0 cannot contain these characters, not even escaped.
NOT_FOR_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _for_xml(value: Any) -> Any:
    if isinstance(value, list):
        return [_for_xml(one) for one in value]
    return NOT_FOR_XML.sub("", value) if isinstance(value, str) else value


def lasting_id(row: Any) -> str:
    """A tag URI (RFC 4151) for a row, which stays the same if its URL changes."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},{row.created_at:%Y-%m-%d}:{row._meta.model_name}/{row.pk}"


class AtomWithContent(Atom1Feed):
    """Atom with the whole text and a picture in each entry, and with a date of its own when it is empty.

    Paging is as in RFC 5005 (3), pictures as in Media RSS.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*map(_for_xml, args), **{name: _for_xml(value) for name, value in kwargs.items()})

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:media": "http://search.yahoo.com/mrss/"}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        if self.feed.get("next_page"):
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["next_page"]})

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **{name: _for_xml(value) for name, value in kwargs.items()})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item.get("content"):
            # xml:base: links and pictures inside may be paths of this site.
            handler.addQuickElement(
                "content", item["content"], {"type": "html", "xml:base": absolute_url("/")}
            )
        if item.get("picture"):
            handler.addQuickElement("media:content", "", {"url": item["picture"], "medium": "image"})

    def latest_post_date(self) -> datetime:
        changed_at: datetime | None = self.feed.get("changed_at")
        return changed_at or (super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC))


class SiteFeed(Feed):
    """An Atom feed with absolute URLs from SITE_URL and conditional responses.

    A subclass defines `changed_at(obj)`: when an entry was last changed, added or removed; None if unknown.
    """

    feed_type = AtomWithContent
    # Feeds contain only what everyone may see.
    everybody = AnonymousUser()

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = self.get_object(request, *args, **kwargs)
        language = offered_language(self.language_chosen_by(obj))
        with translation.override(language):
            # Django's Last-Modified is the newest date in the feed, which does not reflect removals.
            feed = self.get_feed(obj, request)
            response = is_in(language, HttpResponse(content_type=self.feed_type.content_type))
            feed.write(response, "utf-8")
        return answer_conditionally(request, response, changed_at=self.changed_at(obj))

    def language_chosen_by(self, obj: Any) -> str:
        """The language of the feed. "" is the site's, as in all feeds that many readers share."""
        return ""

    def changed_at(self, obj: Any) -> datetime | None:
        raise NotImplementedError

    def feed_extra_kwargs(self, obj: Any) -> dict[str, Any]:
        return {"changed_at": self.changed_at(obj)}

    def item_title(self, item: Any) -> str:
        return str(item)  # Atom titles are text: Django's own escaping would show twice

    def item_link(self, item: Any) -> str:
        return absolute_url(item.get_absolute_url())

    def item_guid(self, item: Any) -> str:
        return lasting_id(item)
