"""A running, confined process tree: its output, its use of the machine, its end.

One thread reads the output and caps it; another watches time, memory and
processes of the tree. Both end with the process.
Leaves out: cgroups, which are not writable on most machines that grade.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from servelab.errors import GraderFaultError
from servelab.grading.inside.enter import descendants
from servelab.grading.isolation.limit import MIB, Breach, Limits
from servelab.grading.isolation.usage import Usage, measure

_POLL_S = 0.05
_KEEP_BYTES = 64 * 1024
_END_S = 6.0
_ABORT_S = 0.5


class Confined:
    """A process tree under limits. Start it from a thread that lives on: its death ends the tree.

    Args:
        process: the wrapper of the tree; its output is read from here on.
        limits: what the tree may use.
        supervised: the wrapper is a supervisor that kills its tree on SIGUSR1.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", limits: Limits, *, supervised: bool) -> None:
        self._process = process
        self._limits = limits
        self._supervised = supervised
        self._started = time.monotonic()
        self._head = bytearray()
        self._tail = bytearray()
        self._seen = 0
        self._lock = threading.Lock()
        self._ending = threading.Lock()
        self.breach: Breach | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def code(self) -> int | None:
        """Exit code, negative for a signal, or None while it runs."""
        return self._process.poll()

    @property
    def output(self) -> str:
        """What the tree has printed so far, stdout and stderr together, its middle left out when long."""
        return self.output_since(0)

    @property
    def printed(self) -> int:
        """How many bytes the tree has printed so far."""
        return self._seen

    def output_since(self, position: int) -> str:
        """Return what it has printed after its first `position` bytes, the middle left out when long."""
        with self._lock:
            tail_begins = self._seen - len(self._tail)
            head = bytes(self._head[position:])
            tail = bytes(self._tail[max(0, position - tail_begins) :])
            cut = tail_begins - max(position, len(self._head))
            middle = f"\n… {cut} bytes left out …\n".encode() if cut > 0 else b""
            return (head + middle + tail).decode("utf-8", "replace")

    def wait(self, timeout_s: float) -> int:
        """Wait for the end and return the exit code.

        Raises:
            TimeoutError: it still runs after `timeout_s`.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            msg = f"still running after {timeout_s:g} s"
            raise TimeoutError(msg) from None
        self._reader.join(1.0)
        return code

    def terminate(self) -> None:
        """Ask the learner's own process to stop in order (SIGTERM)."""
        self._tell(signal.SIGTERM)

    def abort(self) -> None:
        """End the learner's own process so that it prints where it stands: SIGABRT, for faulthandler."""
        self._tell(signal.SIGABRT)
        with contextlib.suppress(TimeoutError):
            self.wait(_ABORT_S)

    def _tell(self, number: int) -> None:
        for pid in descendants(self._process.pid):
            if not _is_wrapper(pid):
                _send(pid, number)
                return

    def kill(self) -> None:
        """Kill the whole tree at once and wait until it is gone.

        Raises:
            GraderFaultError: the kernel does not let it go.
        """
        with self._ending:
            if self.code is None and not (self._supervised and self._ended_by_supervisor()):
                self._end()
        self._reader.join(1.0)

    def _ended_by_supervisor(self) -> bool:
        self._process.send_signal(signal.SIGUSR1)
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end(self) -> None:
        # Stopped first, so that it starts nothing which is not on the list: a wrapper that is
        # killed between its fork and the child's PR_SET_PDEATHSIG would leave the child behind.
        wrapper = self._process.pid
        _send(wrapper, signal.SIGSTOP)
        deadline = time.monotonic() + 1.0
        while not _stands_still(wrapper) and time.monotonic() < deadline:
            time.sleep(0.0005)
        for pid in descendants(wrapper):
            _send(pid, signal.SIGKILL)
        # Left alive, the wrapper reaps its child and ends by itself.
        _send(wrapper, signal.SIGCONT)
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._wait_or_fail()

    def _wait_or_fail(self) -> None:
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired as error:
            msg = f"process {self._process.pid} of a submission can't be killed"
            raise GraderFaultError(msg) from error

    def usage(self) -> Usage:
        """Measure the tree now."""
        return measure(self._process.pid)

    def _watch(self) -> None:
        while self.code is None:
            self.breach = self.breach or self._breach_now()
            if self.breach:
                self.kill()
                return
            time.sleep(_POLL_S)

    def _breach_now(self) -> Breach | None:
        limits, usage = self._limits, self.usage()
        if time.monotonic() - self._started > limits.wall_s:
            return Breach("wall time", f"it still ran after its limit of {limits.wall_s:g} s")
        if usage.cpu_s > limits.cpu_s:
            return Breach("CPU time", f"it used more than {limits.cpu_s} s of processor time")
        # Before memory: forks share theirs, and it is counted for each.
        if usage.processes > limits.processes:
            return Breach("processes", f"it had {usage.processes} processes; the limit is {limits.processes}")
        if usage.memory_bytes > limits.memory_bytes:
            used, allowed = usage.memory_bytes // MIB, limits.memory_bytes // MIB
            return Breach("memory", f"it held {used} MiB of memory; the limit is {allowed} MiB")
        return None

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - Popen was told to make one
        while chunk := os.read(pipe.fileno(), 65536):
            with self._lock:
                self._seen += len(chunk)
                room = _KEEP_BYTES - len(self._head)
                self._head += chunk[:room] if room > 0 else b""
                self._tail = (self._tail + (chunk[room:] if room > 0 else chunk))[-_KEEP_BYTES:]
            if self._seen > self._limits.output_bytes and self.breach is None:
                # The watcher kills; until then what comes is read and dropped.
                self.breach = Breach("output", f"it printed more than {self._limits.output_bytes // MIB} MiB")
        pipe.close()


def _is_wrapper(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip() == "bwrap"
    except OSError:
        return not Path("/proc/self").exists()


def _stands_still(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "TtZX"


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
