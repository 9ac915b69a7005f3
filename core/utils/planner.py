"""What PostgreSQL's planner assumes about the disk (docs/decisions/0139)."""

from typing import Any

# The planner's default of 4 is for spinning disks.
RANDOM_PAGE_COST = 1.1


def expect_cheap_lookups(sender: Any, connection: Any, **_kwargs: Any) -> None:
    """Receiver of connection_created: lower PostgreSQL's cost of random reads unless an operator has set it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'random_page_cost' AND source = 'default'",
                [str(RANDOM_PAGE_COST)],
            )
