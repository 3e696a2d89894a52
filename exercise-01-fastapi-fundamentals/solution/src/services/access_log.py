"""One JSON line for each request, on a stream that somebody else collects.

Source: The Twelve-Factor App, XI "Logs".
Leaves out: files, rotation and shipping, which are the business of whatever runs the service.
"""

import json
from datetime import UTC, datetime
from typing import TextIO


class AccessLog:
    """Write events as JSON, one on each line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, message: str, **fields: str | float | None) -> None:
        """Write one line: time, level, message, and the given fields."""
        event = {"time": datetime.now(UTC).isoformat(), "level": "info", "message": message, **fields}
        # One write for the whole line: lines of other threads can't end up inside of it.
        self._stream.write(json.dumps(event) + "\n")
        self._stream.flush()
