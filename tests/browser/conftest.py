"""Chromium, driven by Playwright, with a running site on SQLite."""

import base64
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from accounts.models import User
from tests.browser.fonts import make_font

# Playwright's synchronous API runs an event loop, in which Django's ORM would otherwise refuse to work.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Timeout in milliseconds: a busy machine is slow, which is not an error.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium without windows, tabs and address bar: a third less processor time. It shows no notifications.
SHELL = "chromium-headless-shell"
# Only one such option counts, so the first lines repeat what Playwright itself disables with it.
SWITCHED_OFF = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    # The address bar's suggestions are a page of their own, loaded by every window: 0.6 s of processor time,
    # twice that of a test.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    # A spare renderer for each window, which our tests never use: 0.09 s.
    "SpareRendererForSitePerProcess",
]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Features that our pages never need and every window pays for: an eighth of the processor time.
    "--disable-extensions",
    "--disable-gpu-compositing",
    "--disable-software-rasterizer",
    "--mute-audio",
    "--num-raster-threads=1",
    "--js-flags=--single-threaded-gc",
    "--in-process-gpu",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("journey") is None:
                item.add_marker(pytest.mark.full)


# The width of every character, in thousandths of the font size, and other settings of readers. Arial is about
# 500 on average, Verdana and DejaVu Sans 580. The spacing is that of WCAG 1.4.12.
SPACING = "letter-spacing: .12em !important; word-spacing: .16em !important; line-height: 1.5 !important"
LOOKS = {"in a narrow font": (400, ""), "in a wide font": (620, ""), "with text spacing": (560, SPACING)}
# The stylesheet is created by script, because the content security policy refuses a style element. Each font
# is loaded once for a page, and the page keeps the last one between two measurements.
TRY_ON = """async (looks) => {
  const page = document.documentElement;
  const found = [];
  const sheet = new CSSStyleSheet();
  const before = [...document.adoptedStyleSheets];
  document.adoptedStyleSheets = [...before, sheet];
  window.triedOn ??= new Set();
  for (const {look, width, font, more} of looks) {
    if (!window.triedOn.has(width)) {
      const face = new FontFace(`test${width}`, Uint8Array.from(atob(font), (char) => char.charCodeAt(0)).buffer);
      document.fonts.add(await face.load());
      window.triedOn.add(width);
    }
    sheet.replaceSync(`* { font-family: test${width} !important; ${more} }`);
    if (page.scrollWidth <= innerWidth) continue;
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5);
    found.push(`${look}: ${page.scrollWidth} > ${innerWidth}: ${wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 90))}`);
  }
  document.adoptedStyleSheets = before;
  return found;
}"""


def looks(*names: str) -> list[dict[str, Any]]:
    """Return the argument of TRY_ON for the looks of these names."""
    return [
        {"look": name, "width": width, "font": base64.b64encode(make_font(width)).decode(), "more": more}
        for name, (width, more) in LOOKS.items()
        if name in names
    ]


# From the start, pages use a font of ours, about as wide as common ones, so that sizes do not depend on this
# machine.
SET_IN_OURS = """(() => {
  const face = new FontFace("ours", Uint8Array.from(atob("%s"), (char) => char.charCodeAt(0)).buffer);
  document.fonts.add(face);
  const sheet = new CSSStyleSheet();
  // Not shown before the font is there: a page that changes its font moves.
  const ours = "* { font-family: ours !important }";
  sheet.replaceSync(`${ours} html { visibility: hidden }`);
  face.loaded.then(() => sheet.replaceSync(ours));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})()"""


HEIGHT = 900
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Only violations, and of these only what is reported: axe's full result takes several times as long.
RUN_AXE = """(rules) => axe.run({
  runOnly: rules, resultTypes: ["violations"], selectors: false, preload: false,
}).then(({violations}) => violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 150)}`)))"""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def whole_chromium(django_db_setup, playwright) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    browser = playwright.chromium.launch(executable_path=path, args=QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium(request, django_db_setup) -> Iterator[Browser]:
    """The headless shell if it is installed, else the whole browser."""
    if (path := shutil.which(SHELL)) is None:
        yield request.getfixturevalue("whole_chromium")
        return
    playwright = request.getfixturevalue("playwright")
    browser = playwright.chromium.launch(executable_path=path, args=QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def kept_static_files() -> Iterator[None]:
    """Let the browser cache static files, as on a real site; otherwise every page loads them again."""
    serve = StaticFilesHandler.serve

    def serve_to_keep(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        response = serve(self, request)
        response["Cache-Control"] = "max-age=3600"
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", serve_to_keep)
        yield


@pytest.fixture
def site(chromium, kept_static_files, transactional_db, live_server, settings) -> str:
    """The URL of the running site, with the rows that migrations insert."""
    settings.SITE_URL = live_server.url
    return live_server.url


class Visitor:
    """One person at one browser. Console messages and requests to other hosts are recorded."""

    def __init__(self, context: BrowserContext, site: str, width: int = 1280, scheme: str = "light") -> None:
        self.context, self.site, self.width, self.scheme = context, site, width, scheme
        context.add_init_script(SET_IN_OURS % base64.b64encode(make_font(560)).decode())
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", self.note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "request",
            lambda request: (
                None if request.url.startswith((site, "data:", "blob:")) else self.foreign.append(request.url)
            ),
        )

    def note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def sign_in(self, username: str, password: str = "") -> None:
        """Sign in with a session cookie, as on an earlier visit; with a password, through the form."""
        if not password:
            client = Client()
            client.force_login(User.objects.get(username=username))
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            self.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.site}]
            )
            return
        page = self.open("/accounts/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)

    def faults(self) -> list[str]:
        """Return what axe finds on the page, and whether it scrolls sideways in a narrow and in a wide font.

        In this window, and then in one of the other kind (narrow or wide, dark or light) without reloading
        the page; the second time only with those rules of axe that depend on it. Only with scripts: without
        them no promise in the page is ever resolved, and axe and the fonts use promises.
        """
        self.page.evaluate(
            "document.querySelectorAll('details:not(.menu)').forEach(one => { one.open = true })"
        )
        self.page.evaluate(AXE_SCRIPT)
        found = self._faults_here(AXE_TAGS)
        other = (320 if self.width > 700 else 1280, "light" if self.scheme == "dark" else "dark")
        self._set_window(*other)
        found += [f"{other}: {fault}" for fault in self._faults_here(["color-contrast", "target-size"])]
        self._set_window(self.width, self.scheme)
        return found

    def _set_window(self, width: int, scheme: str) -> None:
        """Set the size and colour scheme, with reduced motion, because links would otherwise fade."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    def _faults_here(self, rules: list[str]) -> list[str]:
        found: list[str] = self.page.evaluate(RUN_AXE, rules)
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("it scrolls sideways")
        found += [f"it scrolls sideways {wide}" for wide in self.page.evaluate(TRY_ON, looks(*LOOKS))]
        return found


@pytest.fixture
def visit(request, chromium, site) -> Iterator[Any]:
    """visit(javascript=…, width=…, scheme=…, touch=…, offline=…, whole=…) opens a browser window.

    whole: in the whole browser, for what its headless shell lacks.
    """
    contexts = []

    def make(
        *,
        javascript: bool = True,
        width: int = 1280,
        scheme: str = "light",
        touch: bool = False,
        offline: bool = False,
        whole: bool = False,
    ) -> Visitor:
        browser = request.getfixturevalue("whole_chromium") if whole else chromium
        viewport = {"width": width, "height": HEIGHT}
        context = browser.new_context(
            java_script_enabled=javascript,
            viewport=viewport,
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
            # It would respond instead of the site, also in tests that check which requests reach the site.
            service_workers="allow" if offline else "block",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visitor(context, site, width, scheme)

    yield make
    for context in contexts:
        context.close()
