"""Every page of ours, as each role sees it: nothing that axe finds, nothing that scrolls sideways, narrow and wide, light and dark."""

import pytest

from tests.figures import figure
from tests.test_permissions import READING, make_rows

# Two seconds a page: in `make test` every twelfth of each role, another for each.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Roles in the order of READING's columns. Django's own pages of the admin are looked at in test_dashboard.py.
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


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shuts_anybody_out(visit, site, role):
    people, numbers = make_rows()
    reader = visit(width=320, scheme="dark")
    if role != "visitor":
        reader.sign_in(people[role].username)
    found, seen = {}, 0
    for path in pages_of(role, numbers)[ROLES.index(role) :: figure(12, 1)]:
        answer = reader.page.request.get(f"{site}/{path}", max_redirects=0)
        if "/static/css/base.css" not in answer.text() or path == "sw.js":  # a feed, a file, a part of a page
            continue
        reader.open(f"/{path}")
        seen += 1
        if faults := reader.faults():
            found[path] = faults
    assert found == {}
    assert seen >= figure(2, 30)
