"""The view of the machine that bubblewrap gives a submission.

Started as root, a sandbox gets another real uid by `sandbox.py`: a process limit does
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
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from servelab.course_root import COURSE_ROOT
from servelab.grading.isolation import seccomp
from servelab.grading.isolation.limit import MIB

SUBMISSION = Path("/submission")
LIBRARY = Path("/course")
INSIDE = Path("/course/inside")

_PACKAGE = Path(__file__).parents[2]
_VISIBLE = ("__init__.py", "clock.py", "errors.py", "zoo", "bench")
_HOSTS = "127.0.0.1 localhost sandbox\n::1 localhost\n"
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


@dataclass(frozen=True)
class View:
    """What a sandbox sees of the machine.

    Attributes:
        root: the submission, bound read-only at /submission.
        readable: further paths, bound read-only where they are (sockets in them can be connected to).
        environments: prefixes of Python environments beside the grader's own.
        scratch_mib: size of each writable place, which lie in memory: /tmp and /dev/shm.
        uid: whom its programs run as; they find a name for it.
    """

    root: Path
    readable: tuple[Path, ...]
    environments: tuple[Path, ...]
    scratch_mib: int
    uid: int


@contextmanager
def arguments(view: View, *, as_root: bool) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """Give the `bwrap` command line, up to the program that it runs, and the descriptors that it reads.

    Args:
        view: what is seen inside.
        as_root: the grader runs as root.
    """
    files = {"/etc/hosts": _HOSTS, "/etc/passwd": _passwd(view.uid), "/etc/group": f"learner:x:{view.uid}:\n"}
    with ExitStack() as stack:
        filter_fd = stack.enter_context(_pipe_with(seccomp.program()))
        texts = {name: stack.enter_context(_pipe_with(text.encode())) for name, text in files.items()}
        yield _words(view, filter_fd, texts, as_root=as_root), (filter_fd, *texts.values())


def _words(view: View, filter_fd: int, texts: Mapping[str, int], *, as_root: bool) -> list[str]:
    size = str(view.scratch_mib * MIB)
    capabilities = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # what sandbox.py needs to give up all of them
    return [
        _program(),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        # The first process is ours, so that nothing inside can end it.
        *("--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox"),
        *("--seccomp", str(filter_fd)),
        *(
            (part for name in capabilities for part in ("--cap-add", name))
            if as_root
            else ("--unshare-user", "--disable-userns")
        ),
        *_system_binds(),
        *(
            part
            for name, fd in texts.items()
            for part in ("--perms", "0444", "--ro-bind-data", str(fd), name)
        ),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", size, "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108 - inside the sandbox
        *("--size", size, "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108 - inside the sandbox
        # After /tmp, in which a clone with its environment may lie.
        *_interpreter_binds(view.environments),
        *_library_binds(),
        *("--ro-bind", str(view.root), str(SUBMISSION)),
        *(part for path in view.readable for part in _bind(path)),
        # bwrap's own /dev is a tmpfs without a size, and an ordinary user's sandbox owns it.
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(SUBMISSION)),
    ]


def _passwd(uid: int) -> str:
    return f"learner:x:{uid}:{uid}::/tmp:/bin/sh\n"


@contextmanager
def _pipe_with(data: bytes) -> Iterator[int]:
    """Give a descriptor from which bwrap can read some data once."""
    reader, writer = os.pipe()
    try:
        os.write(writer, data)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)


def _program() -> str:
    return shutil.which("bwrap") or "bwrap"


def _system_binds() -> list[str]:
    found = _folder(Path("/etc"))
    # Debian keeps the configuration of a Java beside it.
    for path in [*map(Path, _SYSTEM), *sorted(Path("/etc").glob("java-*"))]:
        name = str(path)
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
    return [*found, "--ro-bind", str(_PACKAGE / "grading" / "inside"), str(INSIDE)]


def _interpreter_binds(environments: tuple[Path, ...] = ()) -> list[str]:
    prefixes = [*_prefixes(), *environments]
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
        view = View(_PACKAGE / "grading" / "inside", (), (), 1, os.geteuid())
        with arguments(view, as_root=os.geteuid() == 0) as (words, fds):
            done = subprocess.run(  # noqa: S603 - fixed words
                [*words, sys.executable, "-I", "-S", "-c", ""],
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
                pass_fds=fds,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here: {error}"
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        needs = "it takes version 0.8 or later, and user namespaces unless you are root"
        return f"bubblewrap does not run here ({said}): {needs}"
    return ""
