"""Alerts go to whom they should, and symptoms are held back, by a real Alertmanager."""

import subprocess
from collections.abc import Iterator

import httpx
import pytest

from servelab import services
from servelab.dev.monitoring.place import ALERTMANAGER
from servelab.services import LackingServiceError


@pytest.fixture(scope="module")
def alertmanager() -> Iterator[httpx.Client]:
    """An Alertmanager with the committed configuration."""
    try:
        with (
            services.alertmanager(ALERTMANAGER.read_text(encoding="utf-8")) as running,
            httpx.Client(base_url=running.url, trust_env=False) as client,
        ):
            yield client
    except LackingServiceError as lacking:
        pytest.skip(str(lacking))


@pytest.mark.parametrize(
    ("severity", "receiver"), [("page", "page"), ("ticket", "ticket"), ("typo", "ticket")]
)
def test_the_severity_decides_who_is_told(amtool: str, severity: str, receiver: str) -> None:
    """Nobody is woken up by a ticket, and an alert with a misspelt severity is still seen."""
    command = [amtool, "config", "routes", "test", "--config.file", str(ALERTMANAGER), f"severity={severity}"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert receiver == done.stdout.strip()


@pytest.mark.parametrize(
    ("cause", "symptom"),
    [
        (
            {"alertname": "TargetDown", "job": "a", "instance": "1"},
            {"alertname": "RabbitmqMemoryAlarm", "job": "a", "instance": "1"},
        ),
        ({"alertname": "ServiceAbsent", "job": "b"}, {"alertname": "LoadShed", "job": "b"}),
        (
            {"alertname": "ErrorBudgetBurnsFast", "job": "c", "slo": "x"},
            {"alertname": "ErrorBudgetBurnsSlowly", "job": "c", "slo": "x"},
        ),
        (
            {"alertname": "RabbitmqQueueUnattended", "instance": "d", "vhost": "/", "queue": "q"},
            {"alertname": "RabbitmqQueueDeep", "instance": "d", "vhost": "/", "queue": "q"},
        ),
    ],
    ids=lambda labels: labels["alertname"],
)
def test_a_cause_holds_its_symptom_back(
    alertmanager: httpx.Client, cause: dict[str, str], symptom: dict[str, str]
) -> None:
    """Whoever is paged for a dead server needs no second page for what follows from it."""
    tell(alertmanager, cause, symptom)

    assert "suppressed" == state(alertmanager, symptom)
    assert "suppressed" != state(alertmanager, cause)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"alertname": "TargetDown", "job": "e", "instance": "1"},
            {"alertname": "RabbitmqMemoryAlarm", "job": "f", "instance": "1"},
        ),
        (
            {"alertname": "TargetDown", "job": "g", "instance": "1"},
            {"alertname": "RabbitmqMemoryAlarm", "job": "g", "instance": "2"},
        ),
        ({"alertname": "TargetDown", "job": "i", "instance": "1"}, {"alertname": "LoadShed", "job": "i"}),
        (
            {"alertname": "TargetDown", "job": "j", "instance": "1"},
            {"alertname": "ErrorBudgetBurnsFast", "job": "j", "slo": "x"},
        ),
        (
            {"alertname": "ServiceAbsent", "job": "k"},
            {"alertname": "ErrorBudgetBurnsSlowly", "job": "k", "slo": "x"},
        ),
        (
            {"alertname": "ErrorBudgetBurnsFast", "job": "h", "slo": "latency"},
            {"alertname": "ErrorBudgetBurnsSlowly", "job": "h", "slo": "availability"},
        ),
    ],
    ids=[
        "another job",
        "another instance",
        "the whole job",
        "users of a job with a dead replica",
        "users of a job that is gone",
        "another objective",
    ],
)
def test_what_has_another_cause_is_not_held_back(
    alertmanager: httpx.Client, one: dict[str, str], other: dict[str, str]
) -> None:
    """An inhibition that is too wide hides the next incident behind the last one."""
    tell(alertmanager, one, other)

    assert "suppressed" != state(alertmanager, other)


def tell(alertmanager: httpx.Client, *alerts: dict[str, str]) -> None:
    """Send alerts as Prometheus does."""
    alertmanager.post("/api/v2/alerts", json=[{"labels": labels} for labels in alerts]).raise_for_status()


def state(alertmanager: httpx.Client, labels: dict[str, str]) -> str:
    """Return the state of the one alert with exactly these labels."""
    found = alertmanager.get("/api/v2/alerts").raise_for_status().json()
    (alert,) = [each for each in found if each["labels"] == labels]
    return str(alert["status"]["state"])
