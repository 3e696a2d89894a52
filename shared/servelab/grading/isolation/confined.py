"""A running, confined program with all that it has started: its output, its use of the machine, its end.

One thread reads the output, caps it and waits for the exit code; another watches time,
memory and processes. Both end with the program.
"""

import os
import select
import signal
import threading
import time

from servelab.grading.isolation.limit import MIB, Breach, Limits
from servelab.grading.isolation.program import Program
from servelab.grading.isolation.usage import Usage

_POLL_S = 0.05
_KEEP_BYTES = 64 * 1024
_CHUNK_BYTES = 65536
_END_S = 6.0
_ABORT_S = 0.5
_KILLED = 137


class Confined:
    """A program under limits.

    Args:
        program: how it is reached.
        output: descriptor from which what it prints is read.
        status: descriptor on which its supervisor tells the exit code.
        limits: what it may use.
    """

    def __init__(self, program: Program, output: int, status: int, limits: Limits) -> None:
        self._program = program
        self._limits = limits
        self._started = time.monotonic()
        self._head = bytearray()
        self._tail = bytearray()
        self._seen = 0
        self._lock = threading.Lock()
        self._ending = threading.Lock()
        self._code: int | None = None
        self._ended = threading.Event()
        self._closed = threading.Event()
        self.breach: Breach | None = None
        self._reader = threading.Thread(target=self._read, args=(output, status), daemon=True)
        self._reader.start()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def code(self) -> int | None:
        """Exit code, 128 + n for signal n, or None while it runs."""
        return self._code

    @property
    def output(self) -> str:
        """What the program has printed so far, stdout and stderr together, its middle left out when long."""
        return self.output_since(0)

    @property
    def printed(self) -> int:
        """How many bytes the program has printed so far."""
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
        if not self._ended.wait(timeout_s) or self._code is None:
            msg = f"still running after {timeout_s:g} s"
            raise TimeoutError(msg)
        self._reader.join(1.0)
        return self._code

    def terminate(self) -> None:
        """Ask the program itself to stop in order (SIGTERM)."""
        self._program.signal(signal.SIGTERM)

    def abort(self) -> None:
        """End the program itself so that it prints where it stands: SIGABRT, for faulthandler."""
        if self._code is None:
            self._program.signal(signal.SIGABRT)
            self._ended.wait(_ABORT_S)

    def kill(self) -> None:
        """Kill the program with all that it has started, and wait until it is gone."""
        with self._ending:
            if self._code is None:
                self._program.end()
                if not self._ended.wait(_END_S):
                    self._program.destroy()
                    self._ended.wait(_END_S)
        self._closed.wait(1.0)

    def usage(self) -> Usage:
        """Measure the program now."""
        return self._program.usage()

    def _watch(self) -> None:
        try:
            while not self._ended.wait(_POLL_S):
                found = self._breach_now()
                # The reader may have found one meanwhile.
                self.breach = self.breach or found
                if self.breach:
                    self.kill()
                    break
        except BaseException:
            # Nobody watches it any more.
            self._program.destroy()
            raise
        finally:
            self._reader.join()
            self._program.close()
            self._closed.set()

    def _breach_now(self) -> Breach | None:
        limits, usage = self._limits, self.usage()
        if time.monotonic() - self._started > limits.wall_s:
            return Breach("wall time", f"it still ran after its limit of {limits.wall_s:g} s")
        if usage.cpu_s > limits.cpu_s:
            return Breach("CPU time", f"it used more than {limits.cpu_s} s of processor time")
        # Before memory: forks share theirs, and without a cgroup it is counted for each.
        if usage.processes > limits.processes:
            return Breach("processes", f"it had {usage.processes} processes; the limit is {limits.processes}")
        if usage.threads > limits.threads:
            return Breach("threads", f"it had {usage.threads} threads; the limit is {limits.threads}")
        return self._memory_breach(usage)

    def _memory_breach(self, usage: Usage) -> Breach | None:
        allowed = self._limits.memory_mib
        if self._program.counts_memory:
            # Files that were read count, too, and go first: only the kernel knows when it is too much.
            if not self._program.ran_out_of_memory():
                return None
            wanted = f"it wanted more than {allowed} MiB of memory; the limit is {allowed} MiB"
            return Breach("memory", wanted)
        if usage.memory_bytes > allowed * MIB:
            used = usage.memory_bytes // MIB
            return Breach("memory", f"it held {used} MiB of memory; the limit is {allowed} MiB")
        return None

    def _read(self, output: int, status: int) -> None:
        """Take what it prints until it has ended."""
        poll = select.poll()
        poll.register(output, select.POLLIN)
        poll.register(status, select.POLLIN)
        os.set_blocking(output, False)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if output in ready and not self._take(output):
                poll.unregister(output)
            if status in ready:
                break
        told = os.read(status, 20)
        self._drain(output)
        for descriptor in (output, status):
            os.close(descriptor)
        if self.breach is None and self._program.counts_memory and self._program.ran_out_of_memory():
            self.breach = self._memory_breach(Usage(0.0, 0, 0, 0))
        if not told and self._program.alone:
            # Killed without a word, so what it has started may be just being killed.
            self._program.destroy()
        # Without a word its supervisor was killed, or the whole sandbox.
        self._code = int(told or _KILLED)
        self._ended.set()

    def _drain(self, output: int) -> None:
        while self._take(output):
            pass

    def _take(self, output: int) -> bool:
        """Read once what is there; return whether there may be more."""
        try:
            chunk = os.read(output, _CHUNK_BYTES)
        except BlockingIOError:
            return False
        with self._lock:
            self._seen += len(chunk)
            room = _KEEP_BYTES - len(self._head)
            self._head += chunk[:room] if room > 0 else b""
            self._tail = (self._tail + (chunk[room:] if room > 0 else chunk))[-_KEEP_BYTES:]
        if self._seen > self._limits.output_mib * MIB and self.breach is None:
            # The watcher kills; until then what comes is read and dropped.
            self.breach = Breach("output", f"it printed more than {self._limits.output_mib} MiB")
        return bool(chunk)
