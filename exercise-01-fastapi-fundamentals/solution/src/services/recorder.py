"""The record of predictions: a file that must never be in anybody's way.

Requests put lines into a bounded queue and go on. One thread of its own takes them out and writes.
When the disk is full, slow or gone, lines are dropped and counted, and clients notice nothing.
The thread is a daemon: even a file that blocks for ever can't keep the process alive.
Leaves out: delivery guarantees; a record that must not be lost belongs in a database or a log
such as Kafka, within the request.
"""

import json
import queue
from pathlib import Path
from threading import Thread

from src.services.metrics import Metrics
from src.services.prediction import Prediction
from src.services.request_context import current_request

CLOSE_TIMEOUT_S = 1.0


class Recorder:
    """Write predictions to a file, one JSON line each, in the background."""

    def __init__(self, path: Path, *, capacity: int, metrics: Metrics) -> None:
        """Make a recorder; nothing is opened and no thread runs before `start`.

        Args:
            path: the file that lines are appended to.
            capacity: how many lines may wait for the disk.
            metrics: count the lines that are lost.
        """
        self._path = path
        self._metrics = metrics
        # None is the last thing that goes through the queue.
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=capacity)
        self._thread = Thread(target=self._write_lines, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def record(self, prediction: Prediction) -> None:
        """Queue a prediction to be written; never wait, never fail.

        The line is a JSON object with id, model, version, label, request_id and time.
        """
        # task 1.10: put the line into the queue, or count it as dropped
        line = json.dumps(
            {
                "id": prediction.id,
                "model": prediction.model,
                "version": prediction.model_version,
                "label": prediction.label,
                "request_id": current_request().request_id,
                "time": prediction.created_at.isoformat(),
            }
        )
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._metrics.dropped.inc()
        # end task 1.10

    def close(self) -> None:
        """Write what is queued, but wait no longer than about two seconds for a file that blocks."""
        try:
            self._lines.put(None, timeout=CLOSE_TIMEOUT_S)
        except queue.Full:
            return
        self._thread.join(timeout=CLOSE_TIMEOUT_S)

    def _write_lines(self) -> None:
        while (line := self._lines.get()) is not None:
            self._write(line)

    def _write(self, line: str) -> None:
        """Append a line to the file; one that can't be written is counted as dropped, and that is all."""
        # task 1.10: open the file, append the line, close it; count an OSError as dropped
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError:
            self._metrics.dropped.inc()
        # end task 1.10
