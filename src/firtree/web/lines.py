"""The log of the process: one line of JSON for each thing that is told.

What stands in a line is written as JSON, so nothing that came from outside can begin a
line of its own.  Secrets are never handed to a logger; a test looks for them.
"""

import logging
from datetime import UTC, datetime

import msgspec

_FACTS = ("request", "person", "party", "ms")


class OneLine(logging.Formatter):
    """Writes a record as JSON: when, how grave, by whom, what, and in which request."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        at = datetime.fromtimestamp(record.created, UTC)
        told: dict[str, object] = {
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {n: getattr(record, n) for n in _FACTS if hasattr(record, n)}
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told).decode()
