"""How much a big test does: a little in `make test`, all of it in `make test-all` (`pytest --full`).

What is asserted is the same. Small figures must still meet every case that the test is about.
"""

import os

VARIABLE = (
    "TEST_FIGURES"  # in the environment: the workers and the processes that tests start have the same figures
)


def is_full() -> bool:
    return os.environ.get(VARIABLE) == "full"


def figure(small: int, full: int) -> int:
    return full if is_full() else small
