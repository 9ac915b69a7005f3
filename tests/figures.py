"""The size of large tests: a small figure in `make test`, the full one in `make test-all` (`pytest --full`).

The assertions are the same. Small figures must still cover every case that the test is about.
"""

import os

VARIABLE = (
    "TEST_FIGURES"  # in the environment, so that workers and processes started by tests have the same figures
)


def is_full() -> bool:
    return os.environ.get(VARIABLE) == "full"


def figure(small: int, full: int) -> int:
    return full if is_full() else small
