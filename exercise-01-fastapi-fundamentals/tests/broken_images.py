"""Files that arrive instead of images: broken, absurd, or something else under a false name.

Leaves out: images that decoders handle differently, such as one whose last chunk is missing.
"""

import zlib

import images

GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
"""The smallest GIF there is: one black pixel."""

SCRIPT = b"#!/bin/sh\necho no image\n"

OTHER_THINGS = {  # declared type, in a form, content (None: a good image)
    "declared-jpeg": ("image/jpeg", False, None),
    "declared-text": ("text/plain", False, None),
    "gif-called-png": ("image/png", False, GIF),
    "script-called-png": ("image/png", False, SCRIPT),
    "form-declared-text": ("text/plain", True, None),
    "form-gif-called-png": ("image/png", True, GIF),
}

WITHOUT_IMAGE = {
    "other-field": {"files": {"picture": ("digit.png", GIF, "image/png")}},
    "empty-file": {"files": {"file": ("digit.png", b"", "image/png")}},
    "no-file": {"files": {"note": (None, "no file at all")}},
    "empty-body": {"content": b"", "headers": {"content-type": "image/png"}},
    "no-form": {"content": b"--x\r\nno", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    "no-boundary": {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
}


def broken(content: bytes) -> dict[str, bytes]:
    """Return the ways in which a good image of 8 x 8 greys can be cut off or damaged."""
    head, end = images.SIGNATURE + images.header(8, 8), images.chunk(b"IEND", b"")
    return {
        "cut-after-signature": content[:8],
        "cut-in-header": content[:20],
        "cut-before-pixels": content[:33],
        "cut-in-pixels": content[: content.index(b"IDAT") + 12],
        "wrong-checksum": content.replace(head[-4:], b"\0\0\0\0", 1),
        "pixels-are-noise": head + images.chunk(b"IDAT", b"this is not a deflate stream") + end,
        "pixels-too-few": head + images.chunk(b"IDAT", zlib.compress(bytes(9 * 3 + 5))) + end,
        "no-pixels": head + end,
        "header-too-short": images.SIGNATURE + images.chunk(b"IHDR", b"\0\0\0\x08") + end,
        "no-size": images.png(images.header(0, 0), b""),
    }


DAMAGES = list(broken(images.png(images.header(8, 8), bytes(72))))

ABSURD = {
    "header-alone": images.SIGNATURE + images.header(60_000, 60_000),
    "many-pixels": images.png(images.header(60_000, 60_000, depth=1), b""),
    "more-pixels-than-memory": images.png(images.header(2**31 - 1, 2**31 - 1, depth=1), b""),
}
"""Images that claim more pixels than decoders are ready to believe."""
