"""The navigation between the pages of a member's settings."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.template import Library
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.account_tags import has_accounts_elsewhere
from core.parts import is_on

register = Library()


class Page(NamedTuple):
    """A page in the settings navigation.

    views: the names of the views for which it is the current page; the link leads to the first. A name ending
    in * is a prefix. part: the part of the community it belongs to; while that is off, the page is left out.
    """

    label: str | Promise
    views: tuple[str, ...]
    part: str = ""

    @property
    def view(self) -> str:
        return self.views[0]

    def is_page_of(self, view: str) -> bool:
        return any(view == name or (name[-1] == "*" and view.startswith(name[:-1])) for name in self.views)


class Group(NamedTuple):
    label: str | Promise
    pages: Sequence[Page]


GROUPS = [
    Group(
        _("Profile"),
        [
            Page(_("About you"), ("accounts:member-edit",)),
            Page(_("Links"), ("accounts:link-list",)),
            Page(_("Following and muted"), ("accounts:people", "accounts:introduction-answer")),
            Page(_("Regular contacts"), ("closer:people",), part="closer"),
            Page(_("Bookmarks"), ("comments:bookmark-list",)),
        ],
    ),
    Group(
        _("Notifications"),
        [Page(_("Notifications"), ("notifications:settings", "notifications:*"))],
    ),
    Group(
        _("Security"),
        [
            Page(_("Email addresses"), ("account_email",)),
            Page(_("Password"), ("account_change_password", "account_set_password")),
            Page(_("Two-step verification"), ("mfa_index", "mfa_*", "accounts:mfa-setup")),
            Page(_("Connected accounts"), ("socialaccount_connections",)),
            Page(_("Devices"), ("usersessions_list",)),
            Page(_("API tokens"), ("api:token-list", "api:token-*")),
        ],
    ),
    Group(
        _("Privacy and data"),
        [
            Page(_("Your data"), ("accounts:data", "accounts:leave", "accounts:merge*")),
            Page(_("Earlier comments"), ("comments:claim-list",)),
            Page(_("Who may speak for you"), ("memorials:custodian",), part="memorials"),
        ],
    ),
    Group(_("Status"), [Page(_("Account status"), ("moderation:account-status", "moderation:*"))]),
]


@register.inclusion_tag("accounts/_settings_nav.html", takes_context=True)
def settings_nav(context: dict[str, Any]) -> dict[str, Any]:
    """Five groups with their pages. Connected accounts are listed only if there are any, or could be."""
    match = context["request"].resolver_match
    here = match.view_name if match else ""
    groups = []
    for group in GROUPS:
        pages = [(page, page.is_page_of(here)) for page in group.pages if not page.part or is_on(page.part)]
        if not has_accounts_elsewhere(context):
            pages = [entry for entry in pages if entry[0].view != "socialaccount_connections"]
        groups.append((group.label, any(is_here for _page, is_here in pages), pages))
    return {"groups": groups}
