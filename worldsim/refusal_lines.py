"""What is logged of a refused request: one line. Of a failure, all of it is kept."""

import logging
from typing import Final

_SERVER_ERROR: Final = 500


class RefusalsInOneLine(logging.Filter):
    """Takes the traceback off the lines of requests that were refused, and not failed at.

    A page that may not be seen, or a form that cannot be read, is no fault of ours: where the code
    noticed it helps nobody, and hides the lines that would.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through."""
        status = getattr(record, "status_code", _SERVER_ERROR)
        if isinstance(status, int) and status < _SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True
