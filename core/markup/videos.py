"""Parses URLs of videos on YouTube, Vimeo and the PeerTube servers of the settings, without any requests.

A link to one becomes a card (core.markup.comments), which static/js/videos.js replaces by the site's player
on a click.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.utils.decorators import method_decorator

# The hosts that pages with cards may frame; other pages may frame only this site.
PLAYERS = [
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    *(f"https://{host}" for host in settings.PEERTUBE_HOSTS),
]
may_play_videos = method_decorator(csp_update({"frame-src": PLAYERS}), name="dispatch")

YOUTUBE_HOSTS = {
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "music.youtube.com",
    "youtube-nocookie.com",
    "www.youtube-nocookie.com",
}
VIMEO_HOSTS = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
YOUTUBE_KEY = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v|e)/([A-Za-z0-9_-]{11})/?", re.ASCII)
# The second part is the key of an unlisted video: /123456/abcdef0123.
VIMEO_PATH = re.compile(
    r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/|(?:album|showcase)/\d{1,12}/video/|ondemand/[\w-]+/)?(\d{1,12})(?:/([0-9a-f]{6,20}))?/?",
    re.ASCII,
)
PEERTUBE_PATH = re.compile(r"/(?:w|videos/(?:watch|embed))/([A-Za-z0-9-]{16,40})/?", re.ASCII)
VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}", re.ASCII)
START = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?", re.ASCII)


@dataclass(frozen=True)
class Video:
    """A video on one of these sites.

    `key` contains only letters, digits, _ and -, and a colon before the second part that Vimeo (for unlisted
    videos) and PeerTube (host:video) have; `start` is in seconds.
    """

    site: str
    key: str
    start: int = 0

    @property
    def site_name(self) -> str:
        return {"youtube": "YouTube", "vimeo": "Vimeo", "peertube": "PeerTube"}[self.site]

    @property
    def player_key(self) -> str:
        """The key from which static/js/videos.js makes the URL of the player."""
        return f"{self.site}:{self.key}"


def video_at(url: str) -> Video | None:
    """The video of a URL in one of the forms that these sites use, or None."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or "@" in parts.netloc or parts.port is not None:
            return None
        query = parse_qs(parts.query, max_num_fields=20)
    except ValueError:
        return None
    read = (
        {"youtu.be": _short_youtube}
        | dict.fromkeys(YOUTUBE_HOSTS, _youtube)
        | dict.fromkeys(VIMEO_HOSTS, _vimeo)
        | dict.fromkeys(settings.PEERTUBE_HOSTS, _peertube)
    )
    reader = read.get(parts.netloc.lower())
    if reader is None or not (key := reader(parts, query)):
        return None
    # YouTube has t and start in the query, Vimeo t in the fragment; people mix them.
    wish = next(
        (query[name][0] for name in ("t", "start", "time_continue") if name in query), ""
    ) or parts.fragment.removeprefix("t=")
    site = {_vimeo: "vimeo", _peertube: "peertube"}.get(reader, "youtube")
    return Video(site, key, _seconds(wish))


def _short_youtube(parts: SplitResult, _query: dict[str, list[str]]) -> str:
    key = parts.path.strip("/")
    return key if YOUTUBE_KEY.fullmatch(key) else ""


def _youtube(parts: SplitResult, query: dict[str, list[str]]) -> str:
    if parts.path in {"/watch", "/watch/"}:
        key = query.get("v", [""])[0]
        return key if YOUTUBE_KEY.fullmatch(key) else ""
    place = YOUTUBE_PATH.fullmatch(parts.path)
    return place[1] if place else ""


def _vimeo(parts: SplitResult, query: dict[str, list[str]]) -> str:
    place = VIMEO_PATH.fullmatch(parts.path)
    if place is None:
        return ""
    unlisted = place[2] or query.get("h", [""])[0]
    return f"{place[1]}:{unlisted}" if VIMEO_HASH.fullmatch(unlisted) else place[1]


def _peertube(parts: SplitResult, _query: dict[str, list[str]]) -> str:
    place = PEERTUBE_PATH.fullmatch(parts.path)
    return f"{parts.netloc.lower()}:{place[1]}" if place else ""


def _seconds(wish: str) -> int:
    time = START.fullmatch(wish)
    hours, minutes, seconds = (int(part or 0) for part in time.groups()) if time else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds
