"""From the bytes of an image to the numbers that a model takes.

Whoever sends an image may mean harm: a few kilobytes of PNG can unpack to gigabytes of pixels.
So the format is fixed, the size is read from the header before any pixel is unpacked, and whatever
the decoder complains about is the client's fault.
Source: Pillow's documentation, "Image.open" and "Image.MAX_IMAGE_PIXELS"; W3C, "PNG", 11.2.2 IHDR.
Leaves out: other formats, colour profiles, and animation (the first frame counts).
"""

import warnings
from io import BytesIO

import numpy as np
from PIL import Image

from servelab.zoo import Signature
from src.services.errors import FieldError, InvalidInputError, UnsupportedMediaTypeError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
WHITE = 255

# Pillow only warns about images of 89 to 178 megapixels; nobody reads warnings of a server.
warnings.simplefilter("error", Image.DecompressionBombWarning)

# What Pillow was seen to raise for 30,000 images with a few random bytes in them.
DECODER_ERRORS = (
    OSError,
    IndexError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def image_features(data: bytes, signature: Signature, max_pixels: int) -> list[float]:
    """Turn a PNG image into one row of features; slow, so call it in a thread.

    Greyscale, with transparent parts on black; averaged down to the model's rows and columns;
    0..255 becomes minimum..maximum.

    Args:
        data: the file's bytes.
        signature: of the model that will see the features.
        max_pixels: the most that will be unpacked.

    Raises:
        UnsupportedMediaTypeError: the bytes do not begin like a PNG file.
        InvalidInputError: the model takes no images, or the image is too large, cut off or broken.
    """
    if signature.image_shape is None:
        raise InvalidInputError([FieldError("", "the model takes no images; POST its features instead")])
    # TODO(task 1.8): refuse what is not a PNG, open it, refuse too many pixels, and return features(image, …)
    raise NotImplementedError("task 1.8: refuse what is not a PNG, open it, refuse too many pixels, and return features(image, …)")
    # end task 1.8


def features(image: Image.Image, shape: tuple[int, int], minimum: float, maximum: float) -> list[float]:
    """Return the pixels of an image as a row of rows by columns numbers within minimum..maximum.

    >>> features(Image.new("L", (80, 80), "white"), (1, 2), 0.0, 16.0)
    [16.0, 16.0]
    """
    # TODO(task 1.8): put it on black, make it greyscale (as "F", which does not round), resize, scale
    raise NotImplementedError("task 1.8: put it on black, make it greyscale (as \"F\", which does not round), resize, scale")
    # end task 1.8
