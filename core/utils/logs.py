"""Log filters and formatters."""

import logging

from core.utils.text import one_line

LONGEST = 500


class OneLineFormatter(logging.Formatter):
    """One line for each record, without a stack: for forged input of visitors, which must not fill the log or imitate other lines."""

    def format(self, record: logging.LogRecord) -> str:
        bare = logging.makeLogRecord(
            record.__dict__ | {"exc_info": None, "exc_text": None, "stack_info": None}
        )
        return one_line(super().format(bare))[:LONGEST]
