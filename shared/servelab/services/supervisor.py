"""Guards one server: starts it in a scratch folder, and leaves nothing of either when it is no longer wanted.

    python supervisor.py NAME

It speaks in lines of JSON: on standard output `{"scratch": …}`, then, if the server
ends on its own, `{"ended": exit code, "last": …}`; on standard input it gets the plan,
and later perhaps `{"stay": path}`, answered by `{"stays": true}` or, when it can't, by
`{"refused": why}`. The server is no longer wanted when

- standard input ends, which it also does when the process that asked is killed;
- SIGTERM comes;
- after `stay`, from when on the end of standard input means nothing: when somebody says
  `stop` at the Unix socket of that path, who reads its end when nothing is left.

On Linux the supervisor adopts whatever descendant loses its parent, so that also a daemon
as Erlang's epmd, which leaves the session, is found and killed. There the kernel also
kills the server when the supervisor is killed itself.
Source: prctl(2) PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG; the lifeline pipe of process supervisors.
Leaves out: after SIGKILL of itself, the folder and what the server has started; daemons elsewhere
than on Linux, which the clean-up commands of the plan must stop. The standard library
alone: it must start in a blink.
"""

import contextlib
import ctypes
import io
import json
import os
import pwd
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOG = "server.log"
LAST_CHARACTERS = 2000
CLEAN_UP_TIMEOUT_S = 60.0
CALLER_TIMEOUT_S = 5.0
STOP = b"stop"


def main() -> None:
    """Supervise one server until it is no longer wanted."""
    signal.signal(signal.SIGTERM, terminate)
    adopt_orphans()
    scratch = Path(tempfile.mkdtemp(prefix=f"servelab-{sys.argv[1]}-"))
    supervised = SupervisedServer(scratch)
    try:
        tell(scratch=str(scratch))
        if plan := supervised.orders.readline():
            supervised.start(json.loads(plan))
            supervised.watch()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        supervised.listener.close()  # first: who cleans up has no service that could be had any more
        supervised.stop()
        shutil.rmtree(scratch)


def terminate(*_: object) -> None:
    """End in order, once: a second signal must not interrupt the cleaning up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


class SupervisedServer:
    """The server, its descendants and its folder.

    Args:
        scratch: the folder.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.plan: dict[str, Any] = {}
        self.server: subprocess.Popen[bytes] | None = None
        self.caller: socket.socket | None = None
        self.listener = socket.socket(socket.AF_UNIX)
        # Without a buffer: a second line that came with the first would lie in it, where no selector looks.
        self.orders = io.FileIO(sys.stdin.fileno(), closefd=False)
        # Python writes a byte here for each signal that comes: what waits for events sees children end.
        self.children, writing = socket.socketpair()
        writing.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writing.detach())

    def start(self, plan: dict[str, Any]) -> None:
        """Start the server, if the plan has one."""
        self.plan = plan
        if not plan["command"]:
            return
        account: dict[str, Any] = {}
        if plan["user"]:
            shutil.chown(self.scratch, plan["user"])
            account = {"user": plan["user"], "group": pwd.getpwnam(plan["user"]).pw_gid, "extra_groups": ()}
        with (self.scratch / LOG).open("ab") as log:
            try:
                self.server = subprocess.Popen(  # noqa: S603 - the command of whoever started us
                    plan["command"],
                    cwd=self.scratch,
                    env=plan["environment"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=die_with_parent if LINUX else None,  # noqa: PLW1509 - there is one thread
                    **account,
                )
            except OSError as error:
                tell(ended=127, last=f"{plan['command'][0]}: {error.strerror}")
                sys.exit()

    def watch(self) -> None:
        """Return when the server is no longer wanted, or has ended."""
        with selectors.DefaultSelector() as events:
            events.register(self.orders, selectors.EVENT_READ, self.hear)
            events.register(self.children, selectors.EVENT_READ, self.reap)
            while True:
                for key, _ in events.select():
                    key.data(events, key.fileobj)

    def hear(self, events: selectors.BaseSelector, _: object) -> None:
        """Hear that the server is to stay, or that nobody wants it any more."""
        line = self.orders.readline()
        events.unregister(self.orders)
        if not line:
            sys.exit()
        path = json.loads(line)["stay"]
        try:
            self.listener.bind(path)
        except OSError as error:  # the system allows about a hundred characters
            tell(refused=f"can't listen at {path} ({error}); set TMPDIR to a folder with a shorter path")
            sys.exit()
        self.listener.listen()
        events.register(self.listener, selectors.EVENT_READ, self.answer)
        tell(stays=True)

    def answer(self, _: object, listener: socket.socket) -> None:
        """Hear whoever connects; who says `stop` keeps the connection until nothing is left."""
        connection, _address = listener.accept()
        connection.settimeout(CALLER_TIMEOUT_S)
        with contextlib.suppress(OSError):
            if connection.recv(len(STOP)) == STOP:
                self.caller = connection
                sys.exit()
        connection.close()

    def reap(self, _: object, children: socket.socket) -> None:
        """Take in all children that have ended; the server's end is everybody's."""
        children.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if self.server and ended[0] == self.server.pid:
                    self.server.returncode = os.waitstatus_to_exitcode(ended[1])
                    self.tell_end(self.server.returncode)
                    sys.exit()

    def tell_end(self, code: int) -> None:
        """Tell that the server has ended on its own, with the last that it printed."""
        text = (self.scratch / LOG).read_text(encoding="utf-8", errors="replace")
        tell(ended=code, last=text[-LAST_CHARACTERS:].strip())

    def stop(self) -> None:
        """Stop the server as it likes best, then whatever is left of it as nothing can refuse."""
        if self.server and self.server.returncode is None:
            if (code := self.server.poll()) is not None:
                self.tell_end(code)
            self.server.send_signal(self.plan["signal"])
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.server.wait(self.plan["grace_s"])
        self.kill()
        for command in self.plan.get("clean_up", ()):
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(  # noqa: S603 - the command of whoever started us
                    command,
                    env=self.plan["environment"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=CLEAN_UP_TIMEOUT_S,
                    check=False,
                )
        self.kill()

    def kill(self) -> None:
        """Kill all descendants; when this returns, none of them is left."""
        if not LINUX and self.server:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.server.pid, signal.SIGKILL)
        while LINUX and (pids := descendants(os.getpid())):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, 0)  # orphans become our children, so one of them always ends here


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process with its parent, even when it runs another program later.

    Called after a change of the account, which would undo it.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """Return the pids of all processes that descend from one."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            # The name of the program stands in parentheses and may hold anything.
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found[1:]


def tell(**message: object) -> None:
    """Write a line to whoever asked for the server, who may be gone."""
    with contextlib.suppress(OSError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
