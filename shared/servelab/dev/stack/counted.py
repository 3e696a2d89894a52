"""What Prometheus has counted of exercise 01: answered predictions, by replica.

A scrape sees what a replica has counted until then. So after a load one waits for a scrape that began
later, and then the numbers are exact.
"""

import time

import httpx

from servelab.dev.stack.errors import StackError

COUNT = (
    "sum by (instance) (http_server_request_duration_seconds_count{"
    'job="exercise-01", http_route="/v1/models/{name}/predictions", http_response_status_code="201"})'
)
# Of a plain selector `timestamp` is the time of the scrape; of anything else, that of the question.
SCRAPED = 'timestamp(up{job="exercise-01"}) and up{job="exercise-01"} == 1'
# Two looks at DNS and two scrapes fit in, so a replica that has just come back is found.
TIMEOUT_S = 90.0
# A service counts a request when its answer is out, which may be a moment after the client has it.
MARGIN_S = 1.0


class Prometheus:
    """A running Prometheus.

    Args:
        client: talks to its address.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def counted_after(
        self, moment_s: float, addresses: set[str], timeout_s: float = TIMEOUT_S
    ) -> dict[str, int]:
        """Return the answered predictions of replicas by address, from scrapes later than a moment.

        Args:
            moment_s: seconds since the epoch.
            addresses: the replicas that must have been scraped since; others are left out.
            timeout_s: how long to wait for that.

        Raises:
            StackError: one of them was not scraped in time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            scraped = self._ask(SCRAPED)
            missing = {each for each in addresses if scraped.get(each, 0.0) < moment_s + MARGIN_S}
            if not missing:
                break
            if time.monotonic() > deadline:
                msg = f"Prometheus has not scraped {', '.join(sorted(missing))} within {timeout_s:g} s"
                raise StackError(msg)
            time.sleep(0.5)
        counted = self._ask(COUNT)
        # A replica that has answered nothing yet has no series.
        return {each: int(counted.get(each, 0)) for each in addresses}

    def counted_at(self, moment_s: float, address: str) -> int:
        """Return what the last scrape of a replica before a moment has seen."""
        return int(self._ask(COUNT, moment_s).get(address, 0))

    def _ask(self, query: str, moment_s: float | None = None) -> dict[str, float]:
        """Evaluate a query; the values by address, without the port."""
        parameters = {"query": query} if moment_s is None else {"query": query, "time": f"{moment_s:.3f}"}
        reply = self._client.get("/api/v1/query", params=parameters).raise_for_status().json()
        return {
            each["metric"]["instance"].partition(":")[0]: float(each["value"][1])
            for each in reply["data"]["result"]
        }
