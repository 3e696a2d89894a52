"""Refusals of the generator, each one sentence that says what to do.

    MisuseError                 (servelab.errors, exit 2)
    ├── AddressError            not an address that the client speaks to
    ├── RemoteHostError         the address is not of this machine, and nobody allowed it
    ├── RequestError            a request that HTTP/1.1 has no bytes for
    ├── TargetDownError         nothing answers there, before the run began
    └── PeerError               another load generator is not installed, or failed

An error *during* a run is no exception: it is the category of a sample.
"""

from servelab.errors import MisuseError


class AddressError(MisuseError):
    """The text is not an address that the client can speak to."""


class RemoteHostError(MisuseError):
    """The host is not of this machine, and was not named as allowed."""


class RequestError(MisuseError):
    """HTTP/1.1 has no bytes for such a request, or the client can't read its answer."""


class TargetDownError(MisuseError):
    """Nothing answers at the address when the run is to begin."""


class PeerError(MisuseError):
    """Another load generator is not installed, or gave no figures."""
