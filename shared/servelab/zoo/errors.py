"""Everything that can go wrong with a model of the zoo.

    ZooError
    ├── ModelNotFoundError        no such name, no such file, or a URI that means nothing
    ├── ModelCorruptError         the file is not the model it should be
    ├── ModelUnavailableError     the model can't answer now: closed, down, failing, unreachable
    │   └── WireError             what came over the socket is not the wire protocol
    └── InvalidInputError         instances of the wrong type or shape

Each message is one line: what happened, the value, and what would fix it.
The zoo stands alone: it is all of `servelab` that a learner's process sees, so
this tree does not hang below `servelab.errors`.
"""


class ZooError(Exception):
    """Base of everything that the zoo raises on purpose."""


class ModelNotFoundError(ZooError):
    """The URI leads to no model."""


class ModelCorruptError(ZooError):
    """The file is there, but its bytes are not a model with a signature, or not the catalogue's."""


class ModelUnavailableError(ZooError):
    """The model can't answer now; the same call may succeed later."""


class WireError(ModelUnavailableError):
    """The other end of the socket sent what is not a frame of the wire protocol."""


class InvalidInputError(ZooError):
    """The instances are not a float32 array of shape (B, F)."""


def one_line(text: object, limit: int = 300) -> str:
    r"""Squeeze text into one printable line of at most `limit` characters.

    >>> one_line("first\n  second\x1b[31m")
    'first second[31m'
    """
    words = " ".join(str(text).split())
    return "".join(character for character in words if character.isprintable())[:limit]
