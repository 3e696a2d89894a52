"""What a service that has stopped has left on the machine.

Looked for by other means than it was stopped by: each of its processes knew the scratch
folder, as its home, its place or an argument.
Leaves out: processes and sockets elsewhere than on Linux, which has /proc to look into.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from servelab.services.port import is_free
from servelab.services.running import Running

PROC = Path("/proc")


def left_over(running: Running) -> list[str]:
    """Return what is left of a service that was started here, as "process 17", one entry each."""
    if running.scratch is None:
        return [f"port {port}" for port in running.ports if not is_free(port)]
    folder = str(running.scratch)
    return [
        *([f"folder {folder}"] if running.scratch.exists() else []),
        *(f"process {pid}" for pid in _processes(folder)),
        *(f"socket {path}" for path in _sockets(folder)),
        *(f"port {port}" for port in running.ports if not is_free(port)),
    ]


def _processes(folder: str) -> Iterator[str]:
    for path in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is not ours to look into
            texts = [(path / name).read_bytes() for name in ("environ", "cmdline")]
            texts.append(bytes((path / "cwd").readlink()))
            if any(folder.encode() in text for text in texts):
                yield path.name


def _sockets(folder: str) -> Iterator[str]:
    table = PROC / "net" / "unix"
    if table.exists():
        for line in table.read_text(encoding="utf-8").splitlines():
            if (path := line.rpartition(" ")[2]).startswith(folder):
                yield path
