"""An HTTP service behind the protocol of targets."""

from dataclasses import dataclass

from servelab.bench.http.address import Address, parse
from servelab.bench.http.pool import Pool
from servelab.bench.http.request import Request, encode
from servelab.bench.load.target import Done
from servelab.bench.run import Load


@dataclass(frozen=True)
class HttpTargets:
    """Makes the target of each generator process.

    Attributes:
        address: `http://host:port/path` or `unix:/path.sock:/path`.
        requests: sent in turn; request i of a run is requests[i % n].
        allowed: hosts that may lie outside this machine.

    Raises:
        AddressError, RemoteHostError, RequestError: at once, not in the run.
    """

    address: str
    requests: tuple[Request, ...] = (Request(),)
    allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        address = parse(self.address, self.allowed)
        for request in self.requests:
            encode(request, address)

    def __call__(self, load: Load) -> "HttpTarget":
        """Return a target with the load's connections and time-out."""
        return HttpTarget(parse(self.address, self.allowed), self.requests, load.connections, load.timeout_s)


class HttpTarget:
    """One generator process's connections to a service."""

    def __init__(
        self, address: Address, requests: tuple[Request, ...], connections: int, timeout_s: float
    ) -> None:
        self.name = address.text
        self._prepared = [encode(each, address) for each in requests]
        self._count = len(requests)
        self._address = address
        self._connections = connections
        self._timeout_s = timeout_s

    async def open(self) -> None:
        """Open all connections.

        Raises:
            TargetDownError: nothing answers at the address.
        """
        self._pool = Pool(self._address, self._connections, self._timeout_s)
        self._submit = self._pool.submit
        await self._pool.open()

    def issue(self, index: int, done: Done) -> None:
        """Send a request as soon as a connection is free."""
        self._submit(self._prepared[index % self._count], done)

    async def close(self) -> None:
        """End what is open as "cancelled", and close every connection."""
        await self._pool.close()
