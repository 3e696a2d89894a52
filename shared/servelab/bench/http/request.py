"""The bytes of a request, made once before the run.

Source: RFC 9112, sections 3 and 6.
Leaves out: chunked bodies, `Expect`, and HEAD, whose answer the parser can't end.
"""

import re
from dataclasses import dataclass

from servelab.bench.errors import RequestError
from servelab.bench.http.address import Address

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FRAMING = frozenset({"content-length", "transfer-encoding", "expect", "upgrade"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
UNREADABLE = frozenset({"HEAD", "CONNECT"})


@dataclass(frozen=True)
class Request:
    """One request, to be sent many times.

    Attributes:
        method: any but HEAD and CONNECT.
        resource: path and query; "" for those of the address.
        headers: pairs of name and value; Host and Content-Length are added.
        body: sent as it is.
    """

    method: str = "GET"
    resource: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def encode(request: Request, address: Address) -> bytes:
    r"""Return the bytes of a request to an address.

    Raises:
        RequestError: a method or a header that would break the framing of the request.

    >>> from servelab.bench.http.address import parse
    >>> encode(Request(), parse("unix:/tmp/s.sock:/live"))
    b'GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n'
    """
    resource = request.resource or address.resource
    if not TOKEN.fullmatch(request.method) or request.method.upper() in UNREADABLE:
        msg = f"method {request.method!r} can't be sent; use one with an ordinary answer, such as GET or POST"
        raise RequestError(msg)
    if not resource.startswith("/") or not resource.isascii() or any(c <= " " for c in resource):
        msg = f"resource {resource!r} is no path of a request; percent-encode it, beginning with a slash"
        raise RequestError(msg)
    lines = [f"{request.method} {resource} HTTP/1.1"]
    names = {name.lower() for name, _ in request.headers}
    if "host" not in names:
        lines.append(f"Host: {address.host}")
    for name, value in request.headers:
        if not TOKEN.fullmatch(name) or name.lower() in FRAMING or any(c in value for c in "\r\n\0"):
            msg = f"header {name!r}: {value!r} would break the framing of the request; leave it out"
            raise RequestError(msg)
        lines.append(f"{name}: {value}")
    if request.body or request.method in WITH_BODY:
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "strict") + request.body
