"""The wire protocol between a remote model and the process that serves it.

One frame, in both directions, answers strictly in the order of the questions:

    offset   bytes   what
    0        3       the magic "SLZ"
    3        1       the version of the protocol, 1
    4        4       h, length of the header, big-endian
    8        4       b, length of the body, big-endian
    12       h       a JSON object in UTF-8
    12+h     b       float32, little-endian, C order, of the header's "shape"

Questions have {"op": "open" | "run" | "check"}; answers {"ok": true, …} or
{"ok": false, "error": "unavailable" | "input", "message": …}.
Both ends cap what they read before they read it, and give a frame that has begun
a deadline, since either end may be hostile.
Leaves out: pipelining, compression, types other than float32.
"""

import json
import math
import socket
import struct
import time
from dataclasses import dataclass

import numpy as np

from servelab.zoo.errors import WireError
from servelab.zoo.model import Float32Array

MAGIC = b"SLZ\x01"
PREFIX = struct.Struct(">4sII")
MISMATCH = "both ends need the same servelab"
CHUNK_BYTES = 1 << 16
MAX_DIMENSIONS = 3
MAX_SIZE = 1 << 20  # of one dimension, so that no product of three overflows


@dataclass(frozen=True)
class Limit:
    """The largest header and body that one end will read, and the time a begun frame may take."""

    header_bytes: int
    body_bytes: int
    frame_s: float


@dataclass(frozen=True)
class Frame:
    """One message: a JSON object and, when its "shape" says so, an array."""

    header: dict[str, object]
    array: Float32Array | None = None

    def encode(self) -> bytes:
        """Return the bytes that go over the socket."""
        body = b""
        header = dict(self.header)
        if self.array is not None:
            body = np.ascontiguousarray(self.array, dtype="<f4").tobytes()
            header["shape"] = list(self.array.shape)
        text = json.dumps(header).encode()
        return PREFIX.pack(MAGIC, len(text), len(body)) + text + body


def send(connection: socket.socket, frame: Frame, timeout_s: float) -> None:
    """Send one frame; OSError (TimeoutError included) when the other end doesn't take it in time."""
    connection.settimeout(timeout_s)
    connection.sendall(frame.encode())


def receive(connection: socket.socket, limit: Limit, first_byte_s: float | None) -> Frame | None:
    """Receive one frame; None when the other end closed between two frames.

    Args:
        connection: a connected stream socket.
        limit: what may be read.
        first_byte_s: how long to wait for the frame to begin; None waits for ever.

    Raises:
        WireError: what came is not a frame, or larger than the limit.
        OSError: the connection broke, or a deadline passed (TimeoutError).
    """
    connection.settimeout(first_byte_s)
    first = connection.recv(1)
    if not first:
        return None
    deadline = time.monotonic() + limit.frame_s
    prefix = first + _receive_exactly(connection, PREFIX.size - 1, deadline)
    magic, header_bytes, body_bytes = PREFIX.unpack(prefix)
    if magic != MAGIC:
        msg = f"expected a frame that begins with {MAGIC!r}, got {magic!r}; {MISMATCH}"
        raise WireError(msg)
    if header_bytes > limit.header_bytes or body_bytes > limit.body_bytes:
        allowed = f"{limit.header_bytes} + {limit.body_bytes}"
        msg = f"frame of {header_bytes} + {body_bytes} bytes exceeds {allowed}; send fewer instances"
        raise WireError(msg)
    header = _decode_header(_receive_exactly(connection, header_bytes, deadline))
    return Frame(header, _decode_array(header, _receive_exactly(connection, body_bytes, deadline)))


def _receive_exactly(connection: socket.socket, count: int, deadline: float) -> bytes:
    # Grows with what has really come: an announced length alone reserves no memory.
    data = bytearray()
    while len(data) < count:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        chunk = connection.recv(min(count - len(data), CHUNK_BYTES))
        if not chunk:
            msg = f"the connection closed after {len(data)} of {count} bytes; call again"
            raise WireError(msg)
        data += chunk
    return bytes(data)


def _decode_header(data: bytes) -> dict[str, object]:
    try:
        header = json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"the header of a frame is not JSON ({type(error).__name__}); {MISMATCH}"
        raise WireError(msg) from error
    if not isinstance(header, dict):
        msg = f"the header of a frame is no JSON object but {type(header).__name__}; {MISMATCH}"
        raise WireError(msg)
    return header


def _decode_array(header: dict[str, object], body: bytes) -> Float32Array | None:
    shape = header.get("shape")
    if shape is None and not body:
        return None
    if (
        not isinstance(shape, list)
        or not 1 <= len(shape) <= MAX_DIMENSIONS
        or not all(type(size) is int and 0 <= size <= MAX_SIZE for size in shape)
        or math.prod(shape) * 4 != len(body)
    ):
        msg = f"a body of {len(body)} bytes is no float32 array of the shape in its header; {MISMATCH}"
        raise WireError(msg)
    return np.frombuffer(bytearray(body), dtype="<f4").astype(np.float32, copy=False).reshape(shape)
