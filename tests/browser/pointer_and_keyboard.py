"""Operating a page with a pointer, or with the keyboard only. Both have the same methods."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.editing import BOX, new_line, paste, picture_file, slash
from tests.browser.test_illustrated_post import FROM_A_PAGE, WORD_LIST, write_it
from tests.factories import make_picture

HAS_FOCUS = "(found) => found.includes(document.activeElement)"
STOP = """() => {
  const {tagName, title, value, labels, textContent, ariaLabel} = document.activeElement;
  return `${tagName} ${ariaLabel || title || labels?.[0]?.textContent.trim() || value || textContent.trim().slice(0, 40)}`;
}"""


class Pointer:
    """A mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, role: Any, name: Any) -> None:
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"[name={name}][value={value}]").check()

    def fill(self, selector: str, words: str) -> None:
        self.page.fill(selector, words)

    def write(self, folder: Path) -> None:
        write_it(self.page, folder)

    def add_line(self, words: str) -> None:
        new_line(self.page)
        self.page.keyboard.type(words)


class Keys:
    """The keyboard only: no click, and no focus that was not set by the page or the Tab key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # With a listener, file dialogs are passed to the test. It is added early, because a key may open one
        # faster.
        page.on("filechooser", lambda _: None)

    def go_to(self, place: Locator, *, key: str = "Tab", at_most: int = 60) -> None:
        """Press a key until the element has the focus."""
        expect(place.first).to_be_attached()  # once the page with it is loaded
        stops = []
        while not place.evaluate_all(HAS_FOCUS):
            assert len(stops) < at_most, f"{place} is not reached: {stops}"
            self.page.keyboard.press(key)
            stops.append(self.page.evaluate(STOP))

    def press(self, role: Any, name: Any, **way: Any) -> None:
        self.go_to(self.page.get_by_role(role, name=name, exact=True), **way)
        self.page.keyboard.press("Enter")

    def choose(self, name: str, value: str) -> None:
        """Choose a radio button: the group is one tab stop, and the arrow keys move within it."""
        self.go_to(self.page.locator(f"[name={name}]"))
        self.go_to(self.page.locator(f"[name={name}][value={value}]"), key="ArrowDown", at_most=4)
        expect(self.page.locator(f"[name={name}][value={value}]")).to_be_checked()

    def fill(self, selector: str, words: str) -> None:
        self.go_to(self.page.locator(selector))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)
        expect(self.page.locator(selector)).to_have_value(words)

    def to_end(self) -> None:
        """Move to the last line of the text; from the tools of a block, first back to the text."""
        self.go_to(self.page.locator(BOX), key="Shift+Tab", at_most=12)
        self.page.keyboard.press("Control+End")

    def new_line(self) -> None:
        self.to_end()
        if self.page.locator(f"{BOX} > :last-child").inner_text().strip():
            self.page.keyboard.press("Enter")

    def add_line(self, words: str) -> None:
        self.go_to(self.page.locator(BOX))
        self.new_line()
        self.page.keyboard.type(words)

    def write(self, folder: Path) -> None:
        """Write what write_it writes with a pointer; instead of dropping a file, use the menu behind "/"."""
        page, keyboard = self.page, self.page.keyboard
        self.fill("[name=title]", "What the ferry timetable leaves out")
        self.go_to(page.locator(BOX), at_most=4)
        keyboard.type("I counted twelve crossings. ")
        slash(page, "foot")
        keyboard.type("See https://example.org/quay for the list.")
        self.press("button", "Done", at_most=2)

        self.new_line()
        self.add_pictures(folder)
        self.to_end()
        paste(page, {"text/html": FROM_A_PAGE, "text/plain": "x"})
        self.new_line()
        paste(page, {"text/html": WORD_LIST, "text/plain": "x"})
        self.to_end()
        for _ in range(3):
            keyboard.press("Enter")
        paste(page, {"text/plain": "https://youtu.be/dQw4w9WgXcQ"})
        expect(page.locator(".sheet .card.video")).to_be_visible()
        self.new_line()
        slash(page, "pull")
        keyboard.type("A timetable is a promise.")
        keyboard.press("Enter")
        keyboard.press("Enter")
        with page.expect_file_chooser() as chooser:
            slash(page, "gall")
        chooser.value.set_files([picture_file(folder, f"g{width}.jpg", (width, 400)) for width in (601, 602)])
        expect(page.locator(".gallerygrid .cell")).to_have_count(2)

    def add_pictures(self, folder: Path) -> None:
        """Add images through the menu (with alt text, width and caption), by paste, and with the toolbar."""
        page, keyboard = self.page, self.page.keyboard
        pictures = page.locator(".sheet figure.picture > img")
        with page.expect_file_chooser() as chooser:
            slash(page, "pict")
        chooser.value.set_files(picture_file(folder, "menu.jpg", (1000, 500)))
        expect(pictures).to_have_count(1)
        self.press("button", "Wide", at_most=3)
        self.go_to(page.locator(".sheet").get_by_label("Alt text"), at_most=8)
        keyboard.type("A ferry")
        self.go_to(page.locator(BOX), key="Shift+Tab", at_most=9)
        keyboard.press("ArrowUp")
        keyboard.type("The 22:10, waiting")
        self.new_line()
        paste(page, files={"paste.jpg": base64.b64encode(make_picture((900, 500)).read()).decode()})
        expect(pictures).to_have_count(2)
        self.new_line()
        self.go_to(page.get_by_role("toolbar").get_by_role("button"), key="Shift+Tab", at_most=1)
        button = page.get_by_role("toolbar").get_by_role("button", name="Picture", exact=True)
        self.go_to(button, key="ArrowRight", at_most=12)
        with page.expect_file_chooser() as chooser:
            keyboard.press("Enter")
        chooser.value.set_files(picture_file(folder, "button.jpg", (800, 500)))
        expect(pictures).to_have_count(3)
        self.go_to(page.locator(BOX), at_most=20)
