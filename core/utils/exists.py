"""EXISTS for lists of which a page shows the first rows."""

from typing import Any

from django.db.models import Exists


class ExistsForEach(Exists):
    """An EXISTS that PostgreSQL looks up for each row it comes to, instead of making a join of it.

    For conditions that nearly every row meets, in a list that ends after a few rows. Before PostgreSQL has statistics it takes
    any condition for a rare one, begins at what is asked for here, and sorts all that it finds: a second instead of a millisecond.
    """

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        # A subquery with an OFFSET is what its planner leaves as it is written.
        return self.as_sql(compiler, connection, template="EXISTS(%(subquery)s OFFSET 0)")
