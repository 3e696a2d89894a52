"""People who use the prediction service, as a load.

    .venv/bin/pip install -e ".[peers]" -c constraints.txt
    .venv/bin/locust --locustfile exercise-01-fastapi-fundamentals/locustfile.py --host http://127.0.0.1:8000
    .venv/bin/locust … --headless --users 20 --spawn-rate 5 --run-time 30s --bench-html report.html

Each user is one client that waits for its answer, thinks, and goes on: a closed model. It shows what
people feel; it does not show what the service can take, because slow answers slow the load down as
well. Exercise 04 measures capacity with an open model.
Source: Locust's documentation, "Writing a locustfile"; Schroeder et al., "Open versus closed", NSDI 2006.
"""
# ruff: noqa: INP001 - locust loads this file by its path

import random
from typing import Any

from locust import between, task

from servelab.bench.locust_side.user import PlannedUser


class Person(PlannedUser):
    """Asks about digits, sometimes many at once, and sometimes says that an answer was wrong."""

    wait_time = between(0.1, 0.5)

    def on_start(self) -> None:
        """Learn what the model takes, as any client can."""
        self.model: dict[str, Any] = self.client.get("/v1/models/digits").json()

    def row(self) -> dict[str, list[float]]:
        """Make a row that the model takes."""
        low, high = self.model["minimum"], self.model["maximum"]
        return {"features": [random.uniform(low, high) for _ in range(self.model["features"])]}  # noqa: S311

    @task(10)
    def predict(self) -> None:
        """Ask, and look at the answer again."""
        # 503 is the service's answer to too much: counted apart, it is no failure of the service.
        with self.client.post("/v1/models/digits/predictions", json=self.row(), catch_response=True) as reply:
            if reply.status_code == 503:  # noqa: PLR2004
                reply.success()
                return
        # One name for all predictions, or the statistics have one line for each.
        self.client.get(reply.headers["Location"], name="/v1/predictions/{id}")

    @task(3)
    def judge(self) -> None:
        """Ask, and say what the answer should have been."""
        reply = self.client.post("/v1/models/digits/predictions", json=self.row())
        if reply.ok:
            label = random.choice(self.model["classes"])  # noqa: S311
            where = f"{reply.headers['Location']}/feedback"
            self.client.put(where, json={"label": label}, name="/v1/predictions/{id}/feedback")

    @task(1)
    def batch(self) -> None:
        """Ask about 64 rows at once."""
        self.client.post("/v1/models/digits/batch", json={"instances": [self.row() for _ in range(64)]})
