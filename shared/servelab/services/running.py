"""A service that answers: where it is, and what it really is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Origin = Literal["environment", "binary", "container", "embedded"]


@dataclass(frozen=True)
class Running:
    """A service that answers.

    Attributes:
        name: of the service; a stand-in says here that it is one.
        url: where clients connect to.
        urls: further addresses by what they are for, as "metrics".
        origin: where it comes from.
        version: what the server itself says.
        stand_in: whether it is another program than the service is called after.
        ports: what it listens on, of the loopback interface.
        scratch: folder of its data, log and sockets, removed when it stops; None when it is not ours.
        ready_s: seconds from the decision to start it until it answered.
    """

    name: str
    url: str
    origin: Origin
    version: str
    urls: Mapping[str, str] = field(default_factory=dict)
    stand_in: bool = False
    ports: tuple[int, ...] = ()
    scratch: Path | None = None
    ready_s: float = 0.0


def is_url(text: str) -> bool:
    """Whether a text is a URL at all; clients differ in how they refuse one that is not.

    >>> is_url("redis://localhost"), is_url("localhost"), is_url("http://[::1")
    (True, False, False)
    """
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


def without_password(url: str) -> str:
    """Return a URL that can be shown: what the environment holds may be a secret.

    >>> without_password("redis://user:secret@host:6379/0")
    'redis://user:***@host:6379/0'
    >>> without_password("secret@[host")
    '[host'
    """
    if not is_url(url):
        return url.rpartition("@")[2]
    parts = urlsplit(url)
    if parts.password is None:
        return url
    _, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
