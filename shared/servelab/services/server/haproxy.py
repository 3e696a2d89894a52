"""HAProxy, with the caller's frontends and backends.

Its administration socket lies in the scratch folder: `show stat`, `set server … state drain`.
Leaves out: the servers that it passes requests to.
"""

import socket
from collections.abc import Callable

from servelab.services.definition import Service
from servelab.services.errors import NotReadyError
from servelab.services.plan import Place, Plan

TIMEOUT_S = 1.0  # of one question, which is asked again

AROUND = """\
global
    stats socket {{scratch}}/haproxy.sock mode 600 level admin
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
"""

GREETING = """\
frontend greeting
    bind 127.0.0.1:{{main}}
    http-request return status 200 content-type text/plain string "haproxy"
"""


def planner(config: str) -> Callable[[Place], Plan]:
    """Return what plans it with sections that follow `global` and `defaults`."""

    def plan(place: Place) -> Plan:
        return Plan(
            url=place.url("http"),
            urls={"admin": f"unix://{place.scratch / 'haproxy.sock'}"},
            command=(place.program, "-db", "-f", str(place.write("haproxy.cfg", AROUND + config))),
        )

    return plan


def check(plan: Plan) -> str:
    """Ask it at its administration socket, which it opens together with its frontends."""
    answer = command(plan.urls["admin"], "show info")
    fields = dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)
    return fields.get("Version", "unknown")


def command(admin: str, text: str) -> str:
    """Return the answer to a command of the runtime API.

    Raises:
        NotReadyError: nobody listens at the socket.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(admin.removeprefix("unix://"))
            connection.sendall(f"{text}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        except OSError as error:
            raise NotReadyError(str(error)) from None


HAPROXY = Service(
    name="haproxy",
    package="haproxy",
    programs=("haproxy",),
    plan=planner(GREETING),
    check=check,
)
