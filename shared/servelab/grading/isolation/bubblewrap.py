"""The view of the machine that bubblewrap gives a submission.

Started as root, the tree gets another real uid by `enter.py`: a process limit does
not bind a process that is root outside. Started by anyone else, it gets a user
namespace in which no further one can be made; for root the filter of `seccomp.py`
says the same.
Source: bubblewrap(1); Flatpak's sandbox.
Leaves out: hiding the paths of the binds, which /proc/self/mountinfo tells.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from servelab.course_root import COURSE_ROOT
from servelab.grading.isolation import seccomp

SUBMISSION = Path("/submission")
LIBRARY = Path("/course")
_INSIDE = Path("/course/inside")
ENTER = _INSIDE / "enter.py"

_PACKAGE = Path(__file__).parents[2]
_VISIBLE = ("__init__.py", "errors.py", "zoo", "bench")
_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/alternatives",
)


def arguments(
    root: Path, readable: Iterable[Path], scratch_bytes: int, filter_fd: int, *, as_root: bool
) -> list[str]:
    """Return the `bwrap` command line, up to the program that it runs.

    Args:
        root: the submission, bound read-only at /submission.
        readable: further paths, bound read-only where they are (sockets in them can be connected to).
        scratch_bytes: size of each writable place, which lie in memory: /tmp and /dev/shm.
        filter_fd: descriptor from which bwrap reads the filter of system calls.
        as_root: the grader runs as root.
    """
    size = str(scratch_bytes)
    capabilities = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # what enter.py needs to give up all of them
    return [
        _program(),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--seccomp", str(filter_fd)),
        *(
            (part for name in capabilities for part in ("--cap-add", name))
            if as_root
            else ("--unshare-user", "--disable-userns")
        ),
        *_system_binds(),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", size, "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108 - inside the sandbox
        *("--size", size, "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        # After /tmp, in which a clone with its environment may lie.
        *_interpreter_binds(),
        *_library_binds(),
        *("--ro-bind", str(root), str(SUBMISSION)),
        *(part for path in readable for part in _bind(path)),
        # bwrap's own /dev is a tmpfs without a size, and an ordinary user's sandbox owns it.
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(SUBMISSION)),
    ]


def _program() -> str:
    return shutil.which("bwrap") or "bwrap"


def _system_binds() -> list[str]:
    found = _folder(Path("/etc"))
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            found += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            found += ["--ro-bind", name, name]
    return found


def _library_binds() -> list[str]:
    found = [*_folder(LIBRARY), *_folder(LIBRARY / "servelab")]
    for name in _VISIBLE:
        if (_PACKAGE / name).exists():
            found += ["--ro-bind", str(_PACKAGE / name), str(LIBRARY / "servelab" / name)]
    return [*found, "--ro-bind", str(_PACKAGE / "grading" / "inside"), str(_INSIDE)]


def _interpreter_binds() -> list[str]:
    prefixes = _prefixes()
    shown = [Path("/usr"), *prefixes]
    found = [part for prefix in prefixes if not prefix.is_relative_to("/usr") for part in _bind(prefix)]
    if any(COURSE_ROOT.is_relative_to(path) for path in shown):
        # A clone in /usr/src, say: tests and solution disappear, the environment in it comes back.
        again = [prefix for prefix in prefixes if prefix.is_relative_to(COURSE_ROOT)]
        found += ["--size", "4096", "--perms", "0755", "--tmpfs", str(COURSE_ROOT)]
        found += [part for prefix in again for part in _bind(prefix)]
        found += ["--remount-ro", str(COURSE_ROOT)]
    return found


def _prefixes() -> list[Path]:
    return sorted(
        {Path(sys.base_prefix).resolve(), Path(sys.prefix), Path(sys.executable).resolve().parents[1]}
    )


def _bind(path: Path) -> list[str]:
    parents = [parent for parent in reversed(path.parents) if str(parent) not in ("/", "/tmp")]  # noqa: S108
    return [*(part for parent in parents for part in _folder(parent)), "--ro-bind", str(path), str(path)]


def _folder(path: Path) -> list[str]:
    # bwrap makes missing parents for root alone (0700); another uid must be able to pass through them.
    return ["--perms", "0755", "--dir", str(path)]


@contextmanager
def filter_descriptor() -> Iterator[int]:
    """Give a descriptor from which bwrap can read the filter of system calls once."""
    reader, writer = os.pipe()
    try:
        os.write(writer, seccomp.program())
        os.close(writer)
        yield reader
    finally:
        os.close(reader)


@functools.cache
def lacking() -> str:
    """Return one sentence on why this machine cannot use bubblewrap, or an empty text when it can."""
    if not sys.platform.startswith("linux") or not seccomp.supported():
        return (
            "isolation level bubblewrap needs Linux on x86_64 or aarch64; use --isolation process to practise"
        )
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; on Debian: apt-get install bubblewrap"
    if shown := {Path("/"), Path.home()}.intersection(_prefixes()):
        return f"Python is installed in {shown.pop()}, which a sandbox would have to show; use another Python"
    try:
        with filter_descriptor() as descriptor:
            view = arguments(_PACKAGE / "grading" / "inside", (), 4096, descriptor, as_root=os.geteuid() == 0)
            probe = [*view, sys.executable, "-I", "-S", "-c", ""]
            done = subprocess.run(  # noqa: S603 - fixed words
                probe, capture_output=True, text=True, timeout=20, check=False, pass_fds=(descriptor,)
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here: {error}"
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        needs = "it takes version 0.8 or later, and user namespaces unless you are root"
        return f"bubblewrap does not run here ({said}): {needs}"
    return ""
