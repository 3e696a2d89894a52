"""RabbitMQ with its management API and its metrics.

Erlang brings two things along that outlive a careless stop: epmd, a daemon by which
nodes find each other, which gets a port of its own here; and a cookie, which lies in
the home folder. As a child process it must be called by its real script: Debian's one
in /usr/sbin drops the environment.
Source: the pages "Configuration" and "Networking" of the RabbitMQ documentation.
Leaves out: clusters and TLS.
"""

import secrets
from signal import SIGKILL

from servelab.services.definition import Service
from servelab.services.errors import NotReadyError
from servelab.services.http import ask
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK

ACCOUNT = "guest:guest@"
TIMEOUT_S = 1.0  # of one question, which is asked again

CONFIGURATION = f"""\
listeners.tcp.default = {LOOPBACK}:{{{{main}}}}
management.tcp.ip = {LOOPBACK}
management.tcp.port = {{{{management}}}}
prometheus.tcp.ip = {LOOPBACK}
prometheus.tcp.port = {{{{metrics}}}}
log.file = false
log.console = true
log.console.level = warning
"""

ERLANG_FLAGS = (
    # A scheduler without work would spin for a while, and a small machine has no core to spare.
    *("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
    *("-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
)


def plan(place: Place) -> Plan:
    """Run one node, by a name and a cookie that no other has."""
    place.write(".erlang.cookie", secrets.token_hex(16)).chmod(0o400)
    environment = {
        "RABBITMQ_NODENAME": f"servelab-{place.ports['main']}@localhost",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(place.write("rabbitmq.conf", CONFIGURATION)),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(
            place.write("enabled_plugins", "[rabbitmq_management, rabbitmq_prometheus].\n")
        ),
        "RABBITMQ_MNESIA_BASE": str(place.scratch / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place.scratch / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(place.scratch / "config"),
        "RABBITMQ_DIST_PORT": str(place.ports["distribution"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(ERLANG_FLAGS),
        "ERL_EPMD_PORT": str(place.ports["epmd"]),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        # Makes the script become Erlang instead of waiting for it: who kills the one kills the other.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
    return Plan(
        url=place.url("amqp").replace("//", f"//{ACCOUNT}") + "/%2F",
        urls={
            "management": place.url("http", "management").replace("//", f"//{ACCOUNT}"),
            "metrics": f"{place.url('http', 'metrics')}/metrics",
        },
        command=(place.program,),
        environment=environment,
        # It would take six seconds to save what is thrown away.
        signal=SIGKILL,
        clean_up=(("epmd", "-port", environment["ERL_EPMD_PORT"], "-kill"),),
    )


def check(plan: Plan) -> str:
    """Ask its management API and its metrics, then open a connection."""
    # Imported here: who only lists the services needs no client.
    import pika  # noqa: PLC0415
    from pika.exceptions import AMQPError  # noqa: PLC0415

    if "management" in plan.urls:
        ask(f"{plan.urls['management']}/api/overview")
        ask(plan.urls["metrics"])
    try:
        parameters = pika.URLParameters(plan.url)
        parameters.socket_timeout = TIMEOUT_S
        connection = pika.BlockingConnection(parameters)
    except (AMQPError, OSError, ValueError) as error:
        raise NotReadyError(str(error) or type(error).__name__) from None
    # pika lets no one ask for what the server said of itself.
    properties = connection._impl.server_properties  # noqa: SLF001
    connection.close()
    return str(properties["version"])


RABBITMQ = Service(
    name="rabbitmq",
    package="rabbitmq-server",
    programs=("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"),
    plan=plan,
    check=check,
    client="pika",
    ports=("main", "management", "metrics", "distribution", "epmd"),
    variable="RABBITMQ_URL",
    image="rabbitmq:3-management",
    deadline_s=120.0,
)
