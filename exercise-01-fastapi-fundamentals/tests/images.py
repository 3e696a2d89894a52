"""PNG images for tests, good and bad, written byte by byte: no decoder stands between a test and its file.

A picture is a uint8 array of shape (rows, columns), 0 is black; each function stores it in another way.
Source: W3C, "PNG (Portable Network Graphics) Specification, Third Edition".
Leaves out: interlacing and filters; every row is stored as it is.
"""

import struct
import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(columns: int, rows: int, depth: int = 8, colour: int = GREY) -> bytes:
    """Return the chunk that says how large the image is."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, 0))


def png(head: bytes, raw: bytes, extra: Iterable[bytes] = ()) -> bytes:
    """Return a whole file; `raw` holds the rows, each after its filter byte, `extra` chunks before them."""
    pixels = chunk(b"IDAT", zlib.compress(raw))
    return SIGNATURE + head + b"".join(extra) + pixels + chunk(b"IEND", b"")


def _stored(samples: npt.NDArray[np.uint8 | np.uint16], colour: int, extra: Iterable[bytes] = ()) -> bytes:
    """Store samples of shape (rows, columns) or (rows, columns, channels)."""
    depth = samples.itemsize * 8
    rows = [b"\0" + row.astype(f">u{samples.itemsize}").tobytes() for row in samples]
    return png(header(samples.shape[1], samples.shape[0], depth, colour), b"".join(rows), extra)


def grey(picture: Picture) -> bytes:
    """Eight bits a pixel."""
    return _stored(picture, GREY)


def grey_of_16_bits(picture: Picture) -> bytes:
    """Sixteen bits a pixel: 255 becomes 65535."""
    return _stored(picture.astype(np.uint16) * 257, GREY)


def rgb(picture: Picture) -> bytes:
    """Red, green and blue, all the same."""
    return _stored(np.stack([picture] * 3, axis=2), RGB)


def white_with_alpha(picture: Picture) -> bytes:
    """White everywhere, and the picture in the transparency alone: ink on nothing."""
    white = np.full_like(picture, 255)
    return _stored(np.stack([white, white, white, picture], axis=2), RGBA)


def grey_with_alpha(picture: Picture) -> bytes:
    """White and a transparency, two samples a pixel."""
    return _stored(np.stack([np.full_like(picture, 255), picture], axis=2), GREY_ALPHA)


def palette(picture: Picture) -> bytes:
    """An index into 256 greys that are listed backwards."""
    colours = b"".join(bytes([255 - index] * 3) for index in range(256))
    return _stored(255 - picture, PALETTE, [chunk(b"PLTE", colours)])


def palette_with_transparency(picture: Picture) -> bytes:
    """An index into greys of which black is stored as a transparent white."""
    colours = b"\xff\xff\xff" + b"".join(bytes([index] * 3) for index in range(1, 256))
    return _stored(picture, PALETTE, [chunk(b"PLTE", colours), chunk(b"tRNS", b"\x00")])


def black(columns: int, rows: int) -> bytes:
    """An image without any ink, at one bit a pixel: the most pixels for the fewest bytes."""
    return png(header(columns, rows, depth=1), bytes(rows * (1 + (columns + 7) // 8)))


def checkered(picture: Picture, rows: int, columns: int) -> bytes:
    """Enlarge each pixel to rows x columns that alternate around its value: the mean is right, no pixel is.

    Both must be even. Pixels need room for the difference: 0 and 255 stay plain.
    """
    contrast = np.minimum(np.minimum(picture, 255 - picture), 60).astype(np.int16)
    large = np.kron(picture.astype(np.int16), np.ones((rows, columns), np.int16))
    sign = np.where(np.add.outer(np.arange(large.shape[0]), np.arange(large.shape[1])) % 2, 1, -1)
    return grey((large + sign * np.kron(contrast, np.ones((rows, columns), np.int16))).astype(np.uint8))


def animated(picture: Picture) -> bytes:
    """Two frames, of which the first is the picture, as APNG."""
    rows, columns = picture.shape
    frame = struct.pack(">IIIIHHBB", columns, rows, 0, 0, 1, 1, 0, 0)
    second = zlib.compress(bytes(rows * (1 + columns)))
    start, end = grey(picture).split(chunk(b"IEND", b""))[0], chunk(b"IEND", b"")
    head = SIGNATURE + header(columns, rows)
    control = chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", struct.pack(">I", 0) + frame)
    after = chunk(b"fcTL", struct.pack(">I", 1) + frame) + chunk(b"fdAT", struct.pack(">I", 2) + second)
    return head + control + start.removeprefix(head) + after + end


def with_text_bomb(picture: Picture, size_bytes: int) -> bytes:
    """A small picture with a comment that unpacks to `size_bytes`."""
    rows, columns = picture.shape
    raw = b"".join(b"\0" + row.tobytes() for row in picture)
    return png(
        header(columns, rows), raw, [chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(size_bytes)))]
    )
