"""Prometheus' HTTP API, as far as the check needs it.

Source: Prometheus documentation, "HTTP API", instant queries and targets.
"""

import httpx

from servelab.dev.monitoring.panel_check import RefusedQueryError

TIMEOUT_S = 10.0


class PrometheusApi:
    """One Prometheus.

    Args:
        client: with Prometheus' URL as its base.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, query: str) -> list[float]:
        """Return the value that each series of an instant query has now.

        Raises:
            RefusedQueryError: the query is wrong.
        """
        reply = self._client.post("/api/v1/query", data={"query": query}).json()
        if reply["status"] != "success":
            raise RefusedQueryError(reply["error"])
        result = reply["data"]["result"]
        if reply["data"]["resultType"] == "scalar":
            return [float(result[1])]
        return [float(series["value"][1]) for series in result]

    def down(self) -> list[str]:
        """Return the jobs with a target whose last scrape failed, or that has none yet, and why."""
        targets = self._client.get("/api/v1/targets", params={"state": "active"}).json()["data"][
            "activeTargets"
        ]
        return [
            f"{each['labels']['job']} ({each['lastError'] or 'not scraped yet'})"
            for each in targets
            if each["health"] != "up"
        ]


def open_api(url: str) -> httpx.Client:
    """Return a client for a Prometheus; never by way of a proxy."""
    return httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)
