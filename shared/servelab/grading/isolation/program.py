"""One program in a sandbox, as the grader reaches it: signals, what it uses, its end."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from servelab.grading.isolation.cgroup import Cgroup
from servelab.grading.isolation.control import Control, SandboxEndedError
from servelab.grading.isolation.usage import Usage, measure, outer_pid


@dataclass(frozen=True)
class Program:
    """A program, and the supervisor below which it runs with all that it has started.

    Attributes:
        control: the line to the first process of its sandbox.
        pid: of the program, as the sandbox knows it.
        supervisor: pid of its supervisor, likewise.
        wrapper: pid of what holds the sandbox, or None where pids are those of the machine.
        group: its control group, if it has one.
        alone: whether with its end everything in the sandbox ends.
        destroy: ends the whole sandbox.
        release: called when the program has ended.
    """

    control: Control
    pid: int
    supervisor: int
    wrapper: int | None
    group: Cgroup | None
    alone: bool
    destroy: Callable[[], None]
    release: Callable[[], None]

    @property
    def counts_memory(self) -> bool:
        """Whether the kernel holds its limit of memory."""
        return self.group is not None

    def signal(self, number: int) -> None:
        """Send the program itself a signal."""
        with suppress(SandboxEndedError):
            self.control.ask({"signal": int(number), "pid": self.pid})

    def end(self) -> None:
        """Have it killed, with all that it has started."""
        if self.alone:
            self.destroy()
            return
        with suppress(SandboxEndedError):
            self.control.ask({"end": self.supervisor})

    def usage(self) -> Usage:
        """Measure it, with all that it has started."""
        with suppress(OSError):
            if self.group is not None:
                return self.group.usage()
            pid = self.supervisor if self.wrapper is None else outer_pid(self.wrapper, self.supervisor)
            if pid is not None:
                return measure(pid)
        return Usage(0.0, 0, 0, 0)

    def ran_out_of_memory(self) -> bool:
        """Say whether the kernel has killed a process of it for want of memory."""
        with suppress(OSError):
            return self.group is not None and self.group.ran_out_of_memory()
        return False

    def close(self) -> None:
        """Release what was needed to watch it; it has ended."""
        self.release()
        if self.group is not None:
            self.group.remove()
