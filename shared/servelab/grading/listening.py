"""What a program of the manifest listens on: descriptors that are open already, paths, ports.

Source: systemd's socket activation, for "fd".
"""

import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servelab.errors import GraderFaultError
from servelab.grading.endpoint import Endpoint, InsideEndpoint, UnixEndpoint
from servelab.grading.isolation.sandbox import Sandbox
from servelab.grading.program import Program
from servelab.grading.service import StartFailed

FIRST_FD = 3
BACKLOG = 128
PORTS = range(10_000, 30_000)
"""Below those that the kernel gives to clients."""


@dataclass(frozen=True)
class Listening:
    """What one program is told, and where it is then reached.

    Attributes:
        words: name of `listens` -> what stands for it in the command line.
        endpoints: name of `listens` -> where clients connect to.
        fds: descriptors that the program inherits.
    """

    words: Mapping[str, str]
    endpoints: Mapping[str, Endpoint]
    fds: tuple[int, ...]


@contextmanager
def listening(program: Program, sandbox: Sandbox, outside: Path, inside: Path) -> Iterator[Listening]:
    """Prepare what a program listens on; it is to be started within the block.

    Args:
        program: names what it listens on.
        sandbox: where it will run.
        outside: folder for the sockets that are open already.
        inside: folder for those that the program makes, as it names it.

    Raises:
        StartFailed: something listens already where the program should.
    """
    words: dict[str, str] = {}
    endpoints: dict[str, Endpoint] = {}
    opened: list[socket.socket] = []
    try:
        for name, (kind, port) in program.ports.items():
            if kind == "fd":
                words[name] = str(FIRST_FD + len(opened))
                listener, endpoints[name] = _open_socket(outside)
                opened.append(listener)
            elif kind == "unix":
                words[name] = str(inside / f"{program.name}-{name}.sock")
                endpoints[name] = InsideEndpoint(sandbox, words[name])
            else:
                number = port or _free_port(sandbox)
                words[name] = str(number)
                endpoints[name] = InsideEndpoint(sandbox, number)
                _require_free(program, endpoints[name], number)
        yield Listening(words, endpoints, tuple(each.fileno() for each in opened))
    finally:
        for each in opened:
            each.close()


def _open_socket(folder: Path) -> tuple[socket.socket, Endpoint]:
    path = folder / f"{secrets.token_hex(8)}.sock"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        msg = f"cannot make the service's socket {path}: {error}"
        raise GraderFaultError(msg) from error
    listener.listen(BACKLOG)
    return listener, UnixEndpoint(path)


def _free_port(sandbox: Sandbox) -> int:
    if sandbox.walled:
        return secrets.choice(PORTS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _require_free(program: Program, endpoint: Endpoint, port: int) -> None:
    """Refuse to take for the program what listens there already, and may be made to look like it."""
    try:
        endpoint.connect().close()
    except OSError:
        return
    msg = f"your program {program.name} is to listen on port {port}, where something listens already"
    raise StartFailed(msg, "")
