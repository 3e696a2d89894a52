"""From a URI to a model: `zoo:NAME`, `file:/path.onnx`, `unix:/path.sock`.

Leaves out: percent-encoding, relative paths, and anything on a network.
"""

import difflib
import hashlib
from pathlib import Path

from servelab.zoo.card import Card, catalogue
from servelab.zoo.errors import ModelCorruptError, ModelNotFoundError
from servelab.zoo.model import Model

SCHEMES = ("zoo:NAME", "file:/absolute/path.onnx", "unix:/absolute/path.sock")


def open_model(uri: str, *, intra_op_threads: int = 1) -> Model:
    """Open the model that a URI names.

    Args:
        uri: `zoo:digits-cnn`, `file:/absolute/path.onnx` or `unix:/absolute/path.sock`.
        intra_op_threads: threads within one call; only for models in this process.

    Raises:
        ModelNotFoundError: the URI leads to nothing.
        ModelCorruptError: the file is not a model of the zoo.
        ModelUnavailableError: nothing answers at the socket.
    """
    scheme, colon, rest = uri.partition(":")
    if scheme == "unix" and colon:
        from servelab.zoo.remote_model import RemoteModel  # noqa: PLC0415 - each kind pays only for itself

        return RemoteModel(_absolute(uri, rest))
    content = read_model(uri)
    from servelab.zoo.onnx_model import OnnxModel  # noqa: PLC0415

    return OnnxModel(content, label=uri, intra_op_threads=intra_op_threads)


def read_model(uri: str) -> bytes:
    """Return the bytes of the model file that a `zoo:` or `file:` URI names.

    Raises:
        ModelNotFoundError: the URI leads to no file.
        ModelCorruptError: the file of a `zoo:` URI is not the catalogue's.
    """
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme not in {"zoo", "file"}:
        msg = f"{uri!r} leads to no model file; it takes one of {', '.join(SCHEMES)}"
        nearest = _nearest(uri, [card.name for card in catalogue()])
        raise ModelNotFoundError(f"{msg}; did you mean 'zoo:{nearest}'?" if nearest else msg)
    if scheme == "file":
        return _read_file(_absolute(uri, rest), uri)
    card = find_card(rest)
    return read_verified(card.path, card.sha256, f"zoo:{card.name}")


def find_card(name: str) -> Card:
    """Return the card of a committed model.

    Raises:
        ModelNotFoundError: there is no such name; the message suggests the nearest.
    """
    cards = {card.name: card for card in catalogue()}
    if name in cards:
        return cards[name]
    msg = f"the zoo has no model {name!r}; it has {', '.join(cards)}"
    nearest = _nearest(name, list(cards))
    raise ModelNotFoundError(f"{msg}; did you mean {nearest!r}?" if nearest else msg)


def read_verified(path: Path, sha256: str, label: str) -> bytes:
    """Return the bytes of a committed file.

    Raises:
        ModelNotFoundError: the file is gone.
        ModelCorruptError: its digest is not the expected one.
    """
    content = _read_file(path, label)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        digests = f"sha256 {found[:12]}…, the catalogue says {sha256[:12]}…"
        msg = f"{label}: {path} has {digests}; restore it with git"
        raise ModelCorruptError(msg)
    return content


def _read_file(path: Path, label: str) -> bytes:
    # A FIFO or a device would block for ever: only regular files are read.
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        msg = f"{label}: {path} {what}; check the path"
        raise ModelNotFoundError(msg)
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{label}: {path} can't be read ({error.strerror}); check its permissions"
        raise ModelNotFoundError(msg) from error


def _nearest(name: str, names: list[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=0.4)), None)


def _absolute(uri: str, rest: str) -> Path:
    path = Path(rest.removeprefix("//"))
    if not path.is_absolute() or "\0" in rest:
        example = "unix:/run/model.sock" if uri.startswith("unix:") else "file:/data/model.onnx"
        msg = f"{uri!r} needs an absolute path, such as {example}"
        raise ModelNotFoundError(msg)
    return path
