"""The first process of a sandbox: it starts and ends programs and hands out sockets, as the grader orders.

    python -E -s -S sandbox.py '{"control": 5, "uid": 64001}'

Orders and answers are JSON, a line each, on one socket pair; descriptors travel with them:

    {"start": {"argv": …, "env": …, "cwd": …, "limits": …, "cgroups": 1, "alone": false}} and descriptors
                                          {"pid": 3, "supervisor": 2}
    {"signal": 15, "pid": 3}              {}
    {"end": 2}                            {}    the supervisor kills its program with all that is below it
    {"connect": 8080}  {"connect": "/tmp/x.sock"}    {} and a socket, or {"refused": "…"}
    {"listen": 6379}                      {} and a socket, or {"refused": "…"}

Nothing passes through it: a test outside talks on a socket that was connected in here,
and who listens in here for a service outside is the grader, by a socket from here.
Its own memory and descriptors are closed to the programs, which are the same user's;
the end of the socket pair, when the grader ends, is the end of the sandbox.
Source: the init of a container; descriptors over a socket, unix(7) SCM_RIGHTS.
Leaves out: UDP.
"""

import contextlib
import ctypes
import errno
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from typing import Any

from process_tree import (
    LINUX,
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    adopt_orphans,
    children,
    close_to_neighbours,
    kill_descendants,
    prctl,
    send,
)
from program import supervise

CAPABILITY_VERSION_3 = 0x20080522
MAX_DESCRIPTORS = 64
CHUNK_BYTES = 65536
BACKLOG = 128
START_S = 5.0
ORPHANS_S = 3.0
LOOPBACK = "127.0.0.1"

Answer = tuple[dict[str, Any], list[int]]


def main() -> None:
    """Enter the confinement that the first argument describes, and serve the grader."""
    config = json.loads(sys.argv[1])
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))  # the session's own limit is not for this process
    if config["uid"] is not None:
        _take_uid(config["uid"])
    if LINUX:
        prctl(PR_SET_NO_NEW_PRIVS, 1)
    close_to_neighbours()
    adopt_orphans()
    os.umask(0o077)
    try:
        Sandbox(socket.socket(fileno=config["control"])).serve()
    finally:
        # The grader has hung up in the middle of an answer, say.
        _end()


def _take_uid(uid: int) -> None:
    """Become a user that nobody else is, without any capability, inheritable or in the bounding set."""
    for capability in range(64):
        with contextlib.suppress(OSError):  # the kernel has fewer of them
            prctl(PR_CAPBSET_DROP, capability)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) != 0:
        os._exit(126)


class Sandbox:
    """Carries out orders until the grader hangs up."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._programs: dict[int, int] = {}  # supervisor -> program
        self._alone: int | None = None  # the supervisor with whose end everything ends
        self._wake, wake = os.pipe()
        for descriptor in (self._wake, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Answer one order after the other, and reap what ends in between."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while True:
            ready = dict(poll.poll())
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, CHUNK_BYTES)
                self._reap()
            if self._control.fileno() in ready:
                order, descriptors = self._receive()
                answer, given = self._carry_out(order, descriptors)
                socket.send_fds(self._control, [json.dumps(answer).encode() + b"\n"], given)
                for descriptor in {*descriptors, *given}:
                    os.close(descriptor)

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        line, descriptors = b"", []
        while not line.endswith(b"\n"):
            part, received, _, _ = socket.recv_fds(self._control, CHUNK_BYTES, MAX_DESCRIPTORS)
            if not part:
                _end()
            line += part
            descriptors += received
        return json.loads(line), descriptors

    def _carry_out(self, order: dict[str, Any], descriptors: list[int]) -> Answer:
        if "start" in order:
            return self._start(order["start"], descriptors)
        if "signal" in order:
            # Only what still runs: the number of a program that has ended may be another process's.
            if order["pid"] > 0 and order["pid"] in self._programs.values():
                send(order["pid"], order["signal"])
            return {}, []
        if "end" in order:
            if order["end"] in self._programs:
                send(order["end"], signal.SIGUSR1)
            return {}, []
        try:
            made = _connect(order["connect"]) if "connect" in order else _listen(order["listen"])
        except OSError as error:
            return {"refused": str(error.strerror or error)}, []
        return {}, [made.detach()]

    def _start(self, order: dict[str, Any], descriptors: list[int]) -> Answer:
        told, tell = os.pipe()
        try:
            supervisor = os.fork()
        except OSError as error:
            for descriptor in (told, tell):
                os.close(descriptor)
            return {"refused": str(error.strerror)}, []
        if supervisor == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (self._control.detach(), self._wake, told):
                os.close(descriptor)
            supervise(order, descriptors, tell)
        os.close(tell)
        # A neighbour, which is the same user's, may have stopped it.
        if not select.select([told], [], [], START_S)[0]:
            send(supervisor, signal.SIGKILL)
        program = int(os.read(told, 20) or b"0")
        os.close(told)
        self._programs[supervisor] = program
        if order["alone"]:
            self._alone = supervisor
        return {"pid": program, "supervisor": supervisor}, []

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self._programs.pop(pid, None) is None:
                continue
            # It may have been killed by a program, or have given up on one that forks faster than it kills.
            self._kill_orphans()
            if pid == self._alone:
                _end()

    def _kill_orphans(self) -> None:
        deadline = time.monotonic() + ORPHANS_S
        while orphans := [pid for pid in children(os.getpid()) if pid not in self._programs]:
            if time.monotonic() > deadline:
                _end()  # with the first process of a namespace the kernel ends all others
            for pid in orphans:
                send(pid, signal.SIGKILL)
            for pid in orphans:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


def _end() -> None:
    kill_descendants()
    os._exit(0)


def _connect(target: int | str) -> socket.socket:
    """Return a socket that is connected, or about to be: who listens must not hold this process up."""
    made = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
    made.setblocking(False)  # noqa: FBT003 - the standard library's signature
    try:
        made.connect(target if isinstance(target, str) else (LOOPBACK, target))
    except BlockingIOError as error:
        if error.errno != errno.EINPROGRESS:  # the queue of a Unix socket is full
            made.close()
            raise
    except BaseException:
        made.close()
        raise
    return made


def _listen(port: int) -> socket.socket:
    return socket.create_server((LOOPBACK, port), backlog=BACKLOG)


if __name__ == "__main__":
    main()
