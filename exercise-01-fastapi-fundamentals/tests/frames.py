"""WebSocket frames on a raw connection, for a client that sends without ever reading.

The client of the `websockets` library can't be that client: it stops reading while a send waits.
Source: RFC 6455, sections 1.3 (handshake) and 5.2 (frames).
Leaves out: fragments, pings, and messages longer than 65,535 bytes.
"""

import struct
from collections.abc import Iterator

TEXT, CLOSE = 0x1, 0x8
_FINAL, _MASKED, _LONG, _VERY_LONG = 0x80, 0x80, 126, 127
_NO_MASK = bytes(4)


def handshake(url: str) -> bytes:
    """Return the request that turns a connection into a WebSocket."""
    head = [f"GET {url} HTTP/1.1", "Host: service", "Upgrade: websocket", "Connection: Upgrade"]
    head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
    return "\r\n".join(head).encode()


def text_frame(text: str) -> bytes:
    """Return a text message of 126 to 65,535 bytes as a client sends it, with a mask of zeros."""
    data = text.encode()
    return struct.pack(">BBH", _FINAL | TEXT, _MASKED | _LONG, len(data)) + _NO_MASK + data


def frames(received: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the whole frames that a server has sent."""
    place = 0
    while place + 2 <= len(received):
        kind, length = received[place] & 0x0F, received[place + 1]
        place += 2
        if length in (_LONG, _VERY_LONG):
            size = 2 if length == _LONG else 8
            length = int.from_bytes(received[place : place + size])
            place += size
        if place + length > len(received):
            return
        yield kind, received[place : place + length]
        place += length
