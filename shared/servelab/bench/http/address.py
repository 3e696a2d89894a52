"""Where a service listens: `http://host:port/path`, or `unix:/path.sock:/path`.

Load is harmful to a machine that did not ask for it, so a host must be of this
machine, unless it was named as allowed. A name is looked up once: what was
checked is what is connected to.
Leaves out: TLS.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from servelab.bench.errors import AddressError, RemoteHostError

P = TypeVar("P", bound=asyncio.BaseProtocol)

HTTP_PORT = 80
FORMS = "expected http://127.0.0.1:8000/path or unix:/run/service.sock:/path"


@dataclass(frozen=True)
class Address:
    """A place to connect to, and what to ask for there.

    Attributes:
        text: as it was given.
        host: value of the Host header.
        ip: literal address to connect to; "" for a Unix socket.
        port: TCP port; 0 for a Unix socket.
        socket_path: of a Unix socket; "" for TCP.
        resource: path and query of a request that names none.
    """

    text: str
    host: str
    ip: str
    port: int
    socket_path: str
    resource: str

    async def connect(self, make: Callable[[], P]) -> P:
        """Open a connection; OSError when nothing answers."""
        loop = asyncio.get_running_loop()
        if self.socket_path:
            _, protocol = await loop.create_unix_connection(make, self.socket_path)
        else:
            _, protocol = await loop.create_connection(make, self.ip, self.port)
        return protocol


def parse(text: str, allowed: frozenset[str] = frozenset()) -> Address:
    """Read an address, and look its host up.

    Args:
        text: one of the two forms.
        allowed: hosts that may lie outside this machine, as they stand in the text.

    Raises:
        AddressError: neither form, or the host has no address.
        RemoteHostError: the host is not of this machine, and not allowed.

    >>> parse("unix:/tmp/service.sock:/v1/models").resource
    '/v1/models'
    >>> parse("http://127.0.0.1:8000").port
    8000
    """
    if text.startswith("unix:"):
        path, _, resource = text.removeprefix("unix:").partition(":")
        if not path:
            raise AddressError(_refusal(text))
        return Address(text, "localhost", "", 0, path, _checked(text, resource or "/"))
    try:
        parts = urlsplit(text)
        port = parts.port or HTTP_PORT
    except ValueError:
        raise AddressError(_refusal(text)) from None
    if parts.scheme != "http" or not parts.hostname or parts.username is not None:
        raise AddressError(_refusal(text))
    resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ip = _look_up(parts.hostname, port, allowed=parts.hostname in allowed)
    return Address(text, parts.netloc, ip, port, "", _checked(text, resource))


def _look_up(host: str, port: int, *, allowed: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        msg = f"the host {host!r} has no address: {error.strerror or error}; check the name"
        raise AddressError(msg) from None
    ips = [str(entry[4][0]) for entry in found]
    strangers = [ip for ip in ips if not ipaddress.ip_address(ip).is_loopback]
    if strangers and not allowed:
        msg = (
            f"{host} is not this machine ({strangers[0]}); load goes to loopback alone, "
            f"unless its owner agrees and --allow-remote {host} says so"
        )
        raise RemoteHostError(msg)
    return ips[0]


def _checked(text: str, resource: str) -> str:
    if not resource.startswith("/") or not resource.isascii() or any(c <= " " for c in resource):
        raise AddressError(_refusal(text))
    return resource


def _refusal(text: str) -> str:
    return f"{text!r} is no address; {FORMS}"
