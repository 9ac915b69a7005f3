"""The navigation of the admin: a few areas for hosts, and "System" with everything else for superusers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from moderation.services import queue


@dataclass(frozen=True)
class Area:
    """models: "app.model". The first one available is the link; the others are listed below it."""

    label: str | Promise
    icon: str
    models: tuple[str, ...]
    page: str = ""
    may_see: Callable[[Any], bool] | None = None
    count: Callable[[Any], str] | None = None
    count_means: str | Promise = ""


def may_moderate(user: Any) -> bool:
    return bool(user.is_moderator)


def awaiting_review(_user: Any) -> str:
    count = queue.count_in_short()
    return f"{queue.MAX_COUNTED - 1}+" if count == queue.MAX_COUNTED else str(count or "")


AREAS = [
    Area(_("Posts"), "pen", ("posts.post", "posts.tag", "posts.topic")),
    Area(_("Pages"), "page", ("posts.page",)),
    Area(_("Comments"), "talk", ("comments.comment",)),
    Area(_("Members"), "people", ("accounts.user", "dashboard.invitation")),
    Area(
        _("Moderation"),
        "shield",
        (
            "moderation.removalreason",
            "moderation.moderationsettings",
            "moderation.report",
            "moderation.decision",
            "moderation.restriction",
            "moderation.appeal",
            "moderation.moderationaction",
        ),
        page="moderation:queue",
        may_see=may_moderate,
        count=awaiting_review,
        count_means=_("awaiting review"),
    ),
    Area(
        _("Subscribers"),
        "mail",
        (
            "notifications.subscriber",
            "notifications.mailing",
            "notifications.guestconsent",
            "notifications.emailsuppression",
        ),
    ),
    Area(_("Uploads"), "image", ("posts.upload",)),
    Area(
        _("Settings"),
        "gear",
        (
            "core.sitesettings",
            "party.partyday",
            "rooms.room",
            "decisions.decisionsettings",
            "giving.givingsettings",
            "giving.way",
            "giving.gift",
            "giving.pledge",
            "transfer.importrun",
            "transfer.siteexport",
            "transfer.backup",
            "api.webhook",
            "api.delivery",
            "webmention.mention",
            "webmention.sentmention",
            "embed.embeddedpage",
        ),
    ),
]
IN_AREAS = {label for area in AREAS for label in area.models}


def navigation(site: admin.AdminSite, request: HttpRequest) -> dict[str, Any]:
    """The areas that this user may see; for a superuser, everything else as "System"."""
    shown: dict[str, dict[str, Any]] = {}
    for app in admin.AdminSite.get_app_list(site, request):
        for model in app["models"]:
            if model.get("admin_url"):
                label = f"{model['model']._meta.app_label}.{model['model']._meta.model_name}"
                shown[label] = {"name": capfirst(model["name"]), "url": model["admin_url"]}
    areas = [found for area in AREAS if (found := _area(area, shown, request))]
    system = []
    if request.user.is_superuser:
        system = [
            model | _state(model["url"], request) for label, model in shown.items() if label not in IN_AREAS
        ]
    return {
        "areas": areas,
        "system": system,
        "is_in_system": any(model["is_current"] for model in system),
    }


def _area(area: Area, shown: dict[str, dict[str, Any]], request: HttpRequest) -> dict[str, Any] | None:
    models = [shown[label] | _state(shown[label]["url"], request) for label in area.models if label in shown]
    if area.may_see and not area.may_see(request.user):
        return None
    try:
        url = reverse(area.page) if area.page else models[0]["url"]
    except (IndexError, NoReverseMatch):
        return None
    return {
        "label": area.label,
        "icon": area.icon,
        "url": url,
        "is_current": any(model["is_current"] for model in models),
        "is_here": request.path == url,
        "models": models if area.page else models[1:],
        "count": area.count(request.user) if area.count else "",
        "count_means": area.count_means,
    }


def _state(url: str, request: HttpRequest) -> dict[str, bool]:
    return {"is_current": request.path.startswith(url), "is_here": request.path == url}
