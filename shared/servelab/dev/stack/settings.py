"""Settings of a stack that lives for minutes: any free ports, and secrets that nobody will need again."""

import secrets
from pathlib import Path

from servelab.course_root import COURSE_ROOT, EXERCISES

PORTS = (
    "EXERCISE_01_PORTS",
    "GATEWAY_PORT",
    "RABBITMQ_PORT",
    "PROMETHEUS_PORT",
    "GRAFANA_PORT",
    "ALERTMANAGER_PORT",
    "JAEGER_PORT",
    "KIBANA_PORT",
)
SECRETS = ("redis_password", "rabbitmq_password", "grafana_password", "postgres_password")
ANY_FREE = "0"


def solution_lacking(root: Path = COURSE_ROOT) -> str:
    """Return why there is nothing to try out; empty when there is a solution that the services can run."""
    # A starter can't be tried out in its place: it answers nothing until its tasks are done.
    solution = root / EXERCISES[1][0] / "solution"
    return "" if solution.is_dir() else "there is no solution here: this is a student edition"


def short_lived(folder: Path) -> dict[str, str]:
    """Write secrets into a folder, and return the variables of docker-compose.yml.

    Args:
        folder: an empty folder that outlives the stack.
    """
    # The folder is closed; the files are not, because the user of a container is another one.
    folder.chmod(0o700)
    for name in SECRETS:
        path = folder / name
        path.write_text(secrets.token_hex(24), encoding="ascii")
        path.chmod(0o444)
    return {
        "SECRETS_FOLDER": str(folder),
        "COMPOSE_PROFILES": "gateway",
        "IMPL": "solution",
        **dict.fromkeys(PORTS, ANY_FREE),
    }
