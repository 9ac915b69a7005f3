"""A host's actions in the post editor, for several tests."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.factories import make_picture

BOX = ".sheet .words"
# A paste or a drop as the browser would send it. files: {name: base64}.
BRING = """([selector, kind, texts, files]) => {
  const box = document.querySelector(selector);
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  for (const [name, content] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    data.items.add(new File([bytes], name, {type: "image/jpeg"}));
  }
  const last = box.lastElementChild.getBoundingClientRect();
  const options = {bubbles: true, cancelable: true, clientX: last.left + 5, clientY: last.top + 5};
  const event = kind === "paste"
    ? new ClipboardEvent("paste", {...options, clipboardData: data})
    : new DragEvent("drop", {...options, dataTransfer: data});
  box.dispatchEvent(event);
}"""


def bring(
    page: Page, kind: str, texts: dict[str, str] | None = None, files: dict[str, str] | None = None
) -> None:
    """Paste or drop something at the end of the text."""
    to_end(page)
    page.evaluate(BRING, [BOX, kind, texts or {}, files or {}])


def paste(page: Page, texts: dict[str, str] | None = None, files: dict[str, str] | None = None) -> None:
    """Paste something at the cursor, as Ctrl+V does."""
    page.evaluate(BRING, [f"{BOX}:focus", "paste", texts or {}, files or {}])


def faults(host: Visitor) -> list[str]:
    """Return the page's faults, except those of Django's own tag field and of axe's own console messages."""
    before = [*host.complaints]
    found = [fault for fault in host.faults() if "help-tooltip" not in fault]
    host.complaints[:] = before
    return found


def to_end(page: Page) -> None:
    page.evaluate("selector => document.querySelector(selector).editor.commands.focus('end')", BOX)
    # The editor gets the focus with the next frame; text typed before that is lost.
    page.wait_for_function("selector => document.activeElement.matches(selector)", arg=BOX)


def clear(page: Page) -> None:
    """Empty the editor, as when it was opened."""
    page.evaluate("selector => { document.querySelector(selector).editor.commands.clearContent(true) }", BOX)
    expect(page.locator("#id_body")).to_have_value("")


def new_line(page: Page) -> None:
    """Add an empty paragraph at the end of the text, with the cursor in it."""
    to_end(page)
    if page.evaluate("selector => document.querySelector(selector).lastElementChild.textContent !== ''", BOX):
        page.keyboard.press("Enter")


def slash(page: Page, words: str) -> None:
    """Choose from the menu that "/" opens, with the keyboard only."""
    page.keyboard.type(f"/{words}")
    expect(page.locator(".insertmenu[role=listbox] [aria-selected=true]")).to_be_visible()
    page.keyboard.press("Enter")


def picture_file(folder: Path, name: str, size: tuple[int, int] = (1800, 1000)) -> Path:
    file = folder / name
    file.write_bytes(make_picture(size).read())
    return file
