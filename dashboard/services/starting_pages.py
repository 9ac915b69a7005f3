"""The static pages of a new site, as texts for the host to adapt."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.models import SiteSettings
from posts.models import Post


def make_starting_pages(host: User) -> None:
    """Create the initial pages in the site's language. Existing ones stay.

    "About" and the privacy page are published, because they are true already. The imprint is a draft, because
    only the host knows its contents.
    """
    with translation.override(SiteSettings.current().language_code):
        for slug, title, body, place, is_published in (
            ("about", _("About"), _about(host), Post.NavPlace.HEADER, True),
            ("privacy", _("Privacy"), _privacy(), Post.NavPlace.FOOTER, True),
            ("imprint", _("Legal notice"), _imprint(), Post.NavPlace.FOOTER, False),
        ):
            fields = {
                "title": title,
                "body": body,
                "kind": Post.Kind.PAGE,
                "nav_place": place,
                "author": host,
                # Discussions belong to posts. The host can open comments here as on any page.
                "comments_open": False,
            }
            published_at = timezone.now() if is_published else None
            Post.objects.get_or_create(slug=slug, defaults={**fields, "published_at": published_at})


def _paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _about(host: User) -> str:
    name = escape(host.get_display_name())
    return _paragraphs(
        _("%(name)s writes here.") % {"name": name},
        _(
            "Comments are welcome. There’s a form under each post; all you need is a name and an email address."
        ),
    )


def _imprint() -> str:
    return _paragraphs(
        _(
            "In many countries the law asks you to say who is responsible for this site: a name, a postal address and an email address."
        ),
    )


def _privacy() -> str:
    points = (
        _("Pages load nothing from other sites until you click. There is no advertising and no tracking."),
        _(
            "Readers are counted without cookies. Their IP addresses aren’t stored, and after a day no one can be recognised."
        ),
        _(
            "Cookies: one keeps members signed in; others remember light or dark mode, the language, and which announcement was dismissed."
        ),
        _(
            "We store what members enter: name, email address, profile, comments and settings. Email addresses are never shown."
        ),
        _(
            "If you subscribe to new posts by email, we store your address once it’s confirmed. Every email has a link to unsubscribe; ask us to delete the address."
        ),
        ngettext(
            "A comment that waits for its author to confirm it by email is deleted after %(days)d day, with the name and address.",
            "A comment that waits for its author to confirm it by email is deleted after %(days)d days, with the name and address.",
            settings.PENDING_COMMENT_DAYS,
        )
        % {"days": settings.PENDING_COMMENT_DAYS},
        _(
            "For each signed-in device we store the IP address and browser, and show them to its owner under Devices."
        ),
        _("We remove location and camera data from pictures."),
        _("Members can download everything stored about them, and delete their account."),
        _(
            'Comments imported from an earlier blog: anyone who wrote one as a guest can <a href="%(address)s">see, download and erase what is stored</a>, without an account.'
        )
        % {"address": reverse("comments:guest-data-ask")},
    )
    listed = "".join(f"<li><p>{point}</p></li>" for point in points)
    return f"<p>{_('What this site stores, and why:')}</p><ul>{listed}</ul>"
