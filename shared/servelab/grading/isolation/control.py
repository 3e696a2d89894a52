"""The grader's end of the line to the first process of a sandbox: one order at a time, with descriptors.

Source: unix(7), SCM_RIGHTS.
"""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

ANSWER_S = 10.0
_CHUNK_BYTES = 65536
_END_S = 6.0


class SandboxEndedError(Exception):
    """The sandbox is gone: it was ended, or it never began."""


class Control:
    """Gives orders to the first process of a sandbox."""

    def __init__(self, line: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        self._line = line
        self._process = process
        self._lock = threading.Lock()
        self._said: str | None = None
        line.settimeout(ANSWER_S)
        if process.stderr is not None:
            os.set_blocking(process.stderr.fileno(), False)

    def ask(self, order: dict[str, Any], descriptors: Sequence[int] = ()) -> tuple[dict[str, Any], list[int]]:
        """Give an order, and return the answer with the descriptors that come with it.

        Raises:
            SandboxEndedError: there is nobody any more who would answer.
        """
        with self._lock:
            try:
                socket.send_fds(self._line, [json.dumps(order).encode() + b"\n"], list(descriptors))
                line, given, _, _ = socket.recv_fds(self._line, _CHUNK_BYTES, 1)
            except OSError:
                # An answer that comes late would be taken for that to the next order.
                self.hang_up()
                line, given = b"", []
        if not line:
            raise SandboxEndedError(self._last_words())
        return json.loads(line), given

    def hang_up(self) -> None:
        """End the line, on which the first process ends everything below it, and itself."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Release the line; nobody answers any more."""
        with self._lock:
            self._line.close()

    def _last_words(self) -> str:
        if self._said is None:
            self._said = self._read_last_words()
        return self._said

    def _read_last_words(self) -> str:
        stderr = self._process.stderr
        with suppress(subprocess.TimeoutExpired, ValueError, BlockingIOError):
            self._process.wait(_END_S)
            said = os.read(stderr.fileno(), _CHUNK_BYTES).decode("utf-8", "replace") if stderr else ""
            return said.strip().rpartition("\n")[2] or f"it ended with code {self._process.returncode}"
        return "it does not answer"
