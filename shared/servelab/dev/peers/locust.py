"""Locust: simulated users on gevent, a closed loop with a pace for each user."""

import csv
import tempfile
from pathlib import Path
from textwrap import dedent

from servelab.dev.peers.figures import Figures, output_of, python

USERS = """\
    from locust import FastHttpUser, constant_throughput, task

    class Peer(FastHttpUser):
        wait_time = {wait}

        @task
        def ask(self):
            self.client.get("/")
    """


def locust(address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:
    """Run Locust without its page, with one user for each connection."""
    wait = f"constant_throughput({rate_per_s / connections})" if rate_per_s else "lambda user: 0"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "locustfile.py")
        file.write_text(dedent(USERS).format(wait=wait), encoding="utf-8")
        users = ["--headless", "--users", str(connections), "--spawn-rate", str(connections)]
        output = ["--csv", f"{folder}/peer", "--only-summary", "--loglevel", "ERROR"]
        where = ["--host", address.rstrip("/"), "--run-time", f"{duration_s}s", "-f", str(file)]
        output_of([*python("locust"), *users, *where, *output], duration_s)
        with Path(folder, "peer_stats.csv").open(encoding="utf-8", newline="") as rows:
            total = next(row for row in csv.DictReader(rows) if row["Name"] == "Aggregated")
    return Figures(float(total["Requests/s"]), float(total["99%"]) / 1000)
