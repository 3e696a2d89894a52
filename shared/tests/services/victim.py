"""A program that has a service, and waits to be killed: python victim.py NAME [URL OF A REDIS].

It prints what a test needs to look for what is left: the supervisor's process id, the
scratch folder and the ports, as JSON.
"""

import json
import sys

from servelab.services.catalogue import SERVICES
from servelab.services.definition import offer
from servelab.services.server import redis_exporter
from servelab.services.supply import start


def main() -> None:
    """Have the service that the command line names until standard input ends."""
    name, *redis_url = sys.argv[1:]
    service = SERVICES[name]
    if redis_url:
        service = service.configured(redis_exporter.planner(*redis_url))
    found = offer(service)
    if found.plan is None:
        sys.exit(f"{service.name} runs elsewhere already")
    running, supervisor = start(service, found, found.plan)
    place = {"supervisor": supervisor.pid, "scratch": str(running.scratch), "ports": running.ports}
    sys.stdout.write(json.dumps(place) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
