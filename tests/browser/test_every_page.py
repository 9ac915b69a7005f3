"""Every page in each role: no axe violations, no sideways scrolling; narrow and wide, light and dark."""

import re

import pytest

from tests.figures import figure, is_full
from tests.test_permissions import READING, Readers, make_rows

# A second for each page, and most are covered by the tests of their app: `make test` checks every 24th of
# each role.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Roles in the order of READING's columns. Django's own admin pages are covered by test_dashboard.py.
ROLES = ("visitor", "member", "moderator", "host")


def pages_of(role: str, numbers: dict[str, object]) -> list[str]:
    column = 1 + ROLES.index(role)
    paths = []
    for name, row in READING.items():
        if name.startswith("admin:") or row[column] not in {200, 403, 404}:
            continue
        path = row[0]
        for key, pk in numbers.items():
            path = path.replace(key, str(pk))
        paths.append(path)
    return paths


class Pages:
    """The page that each role gets at a URL, without its name: pages that are the same are checked once."""

    def __init__(self, people: dict) -> None:
        self.readers = Readers(people)
        self.names = {who: person.username for who, person in people.items()}

    def main_of(self, path: str, role: str) -> str:
        """Return the page between its header and footer; "" for a feed, a file or a fragment."""
        with self.readers.come(role) as client:
            answer = client.get(f"/{path}")
        page = b"" if answer.streaming else answer.content
        if b"/static/css/base.css" not in page or path == "sw.js":
            return ""
        main = page.decode().partition("<main")[2].partition("</main>")[0] or page.decode()
        # Each form has a different token.
        main = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", main)
        return (
            re.sub(rf"\b{self.names[role]}\b", "NAME", main, flags=re.IGNORECASE)
            if role in self.names
            else main
        )

    def is_seen_by_another(self, path: str, role: str, main: str) -> bool:
        """Return whether an earlier role gets the same page at this URL."""
        return any(self.main_of(path, other) == main for other in ROLES[: ROLES.index(role)])


@pytest.mark.journey
@pytest.mark.parametrize("role", ROLES)
def test_no_page_shuts_anybody_out(visit, site, role):
    people, numbers = make_rows()
    reader, pages = visit(width=320, scheme="dark"), Pages(people)
    if role != "visitor":
        reader.sign_in(people[role].username)
    found, seen = {}, {""}
    for path in pages_of(role, numbers)[ROLES.index(role) :: figure(24, 1)]:
        main = pages.main_of(path, role)
        # "Not found" is the same at many URLs. In `make test` each role checks different URLs.
        if main in seen or (is_full() and pages.is_seen_by_another(path, role, main)):
            continue
        seen.add(main)
        reader.open(f"/{path}")
        if faults := reader.faults():
            found[path] = faults
    assert found == {}
    assert len(seen) > figure(1, 15)
