"""Prometheus and Grafana find in the compose file what their configuration names."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from servelab.course_root import COURSE_ROOT
from servelab.dev.monitoring.place import ALERTMANAGER, DASHBOARDS, MONITORING, PROMETHEUS

# Each of these needs an exporter that the stack does not have, or is one.
WITHOUT_METRICS = {
    "elasticsearch": "speaks JSON alone",
    "filebeat": "speaks JSON alone",
    "kibana": "speaks JSON alone",
    "nginx": "only its log says what it answers by itself, 502 and 504 too",
    "postgres": "no exercise asks it much yet",
    "redis": "watched through redis-exporter",
}
"""Service of the compose file -> why it is not scraped."""


def read(path: Any) -> dict[str, Any]:  # noqa: ANN401 - a path of any kind
    """Return a YAML document."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def scraped() -> Iterator[str]:
    """Yield the host of each target, and each name that is looked up in DNS."""
    for job in read(PROMETHEUS / "prometheus.yml")["scrape_configs"]:
        for static in job.get("static_configs", []):
            yield from (target.partition(":")[0] for target in static["targets"])
        for by_name in job.get("dns_sd_configs", []):
            yield from by_name["names"]


def services() -> dict[str, Any]:
    """Return the services of the compose file."""
    found: dict[str, Any] = read(COURSE_ROOT / "docker-compose.yml")["services"]
    return found


def test_every_service_is_scraped_or_is_known_to_have_no_metrics() -> None:
    """Who adds a service decides how it is watched."""
    assert set(services()) == set(scraped()) | set(WITHOUT_METRICS)


def test_every_target_shares_a_network_with_prometheus() -> None:
    """A target in another network is down for ever, whatever its name."""
    networks = set(services()["prometheus"]["networks"])

    apart = [name for name in scraped() if not networks & set(services()[name]["networks"])]

    assert [] == apart


def test_a_service_of_a_profile_is_found_by_its_name() -> None:
    """A static target of a profile that is not up would page as TargetDown."""
    static = {
        target.partition(":")[0]
        for job in read(PROMETHEUS / "prometheus.yml")["scrape_configs"]
        for each in job.get("static_configs", [])
        for target in each["targets"]
    }

    assert set() == static & {name for name, service in services().items() if service.get("profiles")}


def test_the_containers_see_these_files_where_they_look_for_them() -> None:
    """A folder that is mounted elsewhere is an empty dashboard list, or a Prometheus without rules."""
    (provider,) = read(MONITORING / "grafana" / "provisioning" / "dashboards" / "course.yml")["providers"]
    expected = {
        "prometheus": {PROMETHEUS: "/etc/prometheus"},
        "alertmanager": {ALERTMANAGER.parent: "/etc/alertmanager"},
        "grafana": {
            MONITORING / "grafana" / "provisioning": "/etc/grafana/provisioning",
            DASHBOARDS: provider["options"]["path"],
        },
    }

    for name, mounts in expected.items():
        for folder, place in mounts.items():
            assert f"./{folder.relative_to(COURSE_ROOT)}:{place}:ro" in services()[name]["volumes"]


def test_prometheus_keeps_data_as_long_as_an_error_budget_lasts() -> None:
    """A budget of 30 days can't be told from the data of a week."""
    command = " ".join(services()["prometheus"]["command"])
    (days,) = re.findall(r"--storage\.tsdb\.retention\.time=(\d+)d", command)
    (size_gb,) = re.findall(r"--storage\.tsdb\.retention\.size=(\d+)GB", command)
    scrape_interval = read(PROMETHEUS / "prometheus.yml")["global"]["scrape_interval"]
    samples = 30 * 24 * 3600 / int(scrape_interval.removesuffix("s"))

    assert int(days) >= 30
    # What comes first ends the data. 2,000 series were counted without Grafana, Alertmanager, Jaeger and the
    # exercises to come; the documentation of Prometheus says one to two bytes for each sample.
    assert int(size_gb) * 2**30 > 4 * 2000 * samples * 2
