"""Claims about what the smoke test takes from Prometheus."""

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml

from servelab.dev.stack.counted import COUNT, MARGIN_S, SCRAPED, Prometheus
from servelab.dev.stack.errors import StackError

PROMTOOL = shutil.which("promtool")
REQUESTS = (
    'http_server_request_duration_seconds_count{job="exercise-01", instance="10.0.0.2:8000", '
    'http_request_method="POST", http_route="%s", http_response_status_code="%s"}'
)
PREDICTIONS = "/v1/models/{name}/predictions"


def answering(scraped_s: list[float]) -> Prometheus:
    """Return a Prometheus that has scraped one replica at these times, one later than the other."""
    times = iter(scraped_s)

    def answer(request: httpx.Request) -> httpx.Response:
        value = 7.0 if request.url.params["query"] == COUNT else next(times)
        result = [{"metric": {"instance": "10.0.0.2:8000"}, "value": [0, str(value)]}]
        return httpx.Response(200, json={"data": {"result": result}})

    return Prometheus(httpx.Client(base_url="http://prometheus", transport=httpx.MockTransport(answer)))


def test_a_count_is_taken_from_a_scrape_after_the_load() -> None:
    """An older scrape has not seen the last requests, and the numbers would differ by chance."""
    after = 100.0 + MARGIN_S
    prometheus = answering([99.0, 100.0, after])

    assert {"10.0.0.2": 7} == prometheus.counted_after(100.0, {"10.0.0.2"})


def test_a_replica_that_is_not_scraped_is_named() -> None:
    """It is the first thing to look at then."""
    with pytest.raises(StackError) as caught:
        answering([99.0]).counted_after(100.0, {"10.0.0.9"}, timeout_s=0.0)

    assert "10.0.0.9" in str(caught.value)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: apt-get install prometheus")
def test_the_queries_mean_what_is_made_of_them(tmp_path: Path) -> None:
    """`timestamp` of anything but a plain selector is that of the question, and each scrape looks new."""
    series = {
        'up{job="exercise-01", instance="10.0.0.2:8000"}': "1x9",
        'up{job="exercise-01", instance="10.0.0.3:8000"}': "0x9",
        REQUESTS % (PREDICTIONS, "201"): "5x9",
        REQUESTS % (PREDICTIONS, "503"): "6x9",
        REQUESTS % ("/health/ready", "201"): "7x9",
    }
    expected = {
        # Of the scrape at 60 s, although the question comes at 65 s; none of a replica that is down.
        SCRAPED: [{"labels": '{job="exercise-01", instance="10.0.0.2:8000"}', "value": 60}],
        COUNT: [{"labels": '{instance="10.0.0.2:8000"}', "value": 5}],
    }
    suite = {
        "evaluation_interval": "10s",
        "tests": [
            {
                "interval": "10s",
                "input_series": [
                    {"series": name, "values": f"{value[0]}+0{value[1:]}"} for name, value in series.items()
                ],
                "promql_expr_test": [
                    {"expr": query, "eval_time": "65s", "exp_samples": samples}
                    for query, samples in expected.items()
                ],
            }
        ],
    }
    path = tmp_path / "suite.yml"
    path.write_text(yaml.safe_dump(suite), encoding="utf-8")

    done = subprocess.run(
        [PROMTOOL or "", "test", "rules", path], capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr
