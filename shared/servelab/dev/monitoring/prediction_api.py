"""Exercise 01's prediction service on a TCP port, where Prometheus can scrape it.

Leaves out: isolation; it is the course's own reference.
"""

import sys

from servelab.course_root import exercise_folder
from servelab.services.http import ask
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK
from servelab.services.service import Service


def plan(place: Place) -> Plan:
    """Run the reference under uvicorn."""
    options = {
        "--app-dir": str(exercise_folder(1) / "solution"),
        "--host": LOOPBACK,
        "--port": str(place.ports["main"]),
        "--log-level": "warning",
    }
    return Plan(
        url=place.url("http"),
        command=(
            *(place.program, "-m", "uvicorn", "src.main:create_app", "--factory", "--no-access-log"),
            *(word for option in options.items() for word in option),
        ),
    )


def check(plan: Plan) -> str:
    """Ask it for its description; it has one when its models are open."""
    return str(ask(f"{plan.url}/openapi.json").json()["info"]["version"])


PREDICTION_API = Service(
    name="exercise-01",
    package="python3",
    programs=(sys.executable,),
    plan=plan,
    check=check,
)
