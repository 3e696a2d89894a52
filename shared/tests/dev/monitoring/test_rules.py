"""The rules are valid, their tests pass, and these tests would notice an alert that is broken."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from servelab.dev.monitoring.place import PROMETHEUS

FAST, STEADY, SLOW = (
    f"job_slo:failures:ratio_rate{window} > on (slo) group_left () {burn_rate} * (1 - slo:objective:ratio)"
    for window, burn_rate in (("1h", "14.4"), ("6h", "6"), ("3d", "1"))
)
FAST_SHORT, STEADY_SHORT, SLOW_SHORT = (
    f"job_slo:failures:ratio_rate{window} > on (slo) group_left () {burn_rate} * (1 - slo:objective:ratio)"
    for window, burn_rate in (("5m", "14.4"), ("30m", "6"), ("6h", "1"))
)
OLD_ENOUGH = "count_over_time(job_slo:requests:rate5m[30m] offset 30m)"
WAITED_FOR = """http_response_status_code=~"2..|499"}[5m]))
          -"""
FAST_ENOUGH = 'http_response_status_code=~"2..|499", le="0.25"'
VERSIONS = "count by (job, model) (count by (job, model, version) (model_info)) > 1"

MISTAKES = [
    # Without the short window an alert goes on after its cause; without the long one any spike pages.
    ("alert_slo.yml", "slo.yml", FAST_SHORT, FAST),
    ("alert_slo.yml", "slo.yml", FAST, FAST_SHORT),
    ("alert_slo.yml", "slo.yml", FAST, FAST.replace("14.4", "1")),
    ("alert_slo.yml", "slo_long.yml", STEADY_SHORT, STEADY),
    ("alert_slo.yml", "slo_long.yml", STEADY, STEADY_SHORT),
    ("alert_slo.yml", "slo_long.yml", STEADY, STEADY.replace(" 6 *", " 12 *")),
    ("alert_slo.yml", "slo_long.yml", SLOW_SHORT, SLOW),
    ("alert_slo.yml", "slo_long.yml", SLOW, SLOW_SHORT),
    ("alert_slo.yml", "slo_long.yml", SLOW, SLOW.replace(" 1 *", " 3 *")),
    # Without the first half of a long window, the first failure of a new job fires; with one moment of it
    # only, the time that a restart took is one in which nothing fires an hour later.
    *(
        ("alert_slo.yml", tests, f"[{half}] offset {half}", f"[{half}]")
        for tests, half in (("slo.yml", "30m"), ("slo_long.yml", "3h"), ("slo_long.yml", "36h"))
    ),
    ("alert_slo.yml", "slo.yml", OLD_ENOUGH, "job_slo:requests:rate5m offset 1h"),
    # What counts as a request, as a failure, as slow.
    (
        "slo.yml",
        "slo.yml",
        'http_route=~"/v1/.*", http_response_status_code=~"5.."',
        'http_response_status_code=~"5.."',
    ),
    ("slo.yml", "slo.yml", 'http_response_status_code=~"5.."', 'http_response_status_code=~"[45].."'),
    ("slo.yml", "slo.yml", 'http_response_status_code=~"5.."', 'http_response_status_code=~"50[0-2]"'),
    ("slo.yml", "slo.yml", 'le="0.25"', 'le="0.5"'),
    ("slo.yml", "slo.yml", WAITED_FOR, WAITED_FOR.replace("|499", "")),
    ("slo.yml", "slo.yml", FAST_ENOUGH, FAST_ENOUGH.replace("|499", "")),
    ("slo.yml", "slo.yml", "vector(0.995)", "vector(0.95)"),
    ("red.yml", "red.yml", "0 * job_route:http_requests:rate5m", "job_route:http_requests:rate5m"),
    ("red.yml", "red.yml", "histogram_quantile(0.95", "histogram_quantile(0.9"),
    ("red.yml", "red.yml", "sum by (job, http_route) (rate", "sum by (job, http_route, instance) (rate"),
    ("alert_api.yml", "api.yml", "> 0.05", "> 0.2"),
    ("alert_api.yml", "api.yml", "> 0.05", "> 0"),
    ("alert_api.yml", "api.yml", "for: 5m", "for: 0m"),
    (
        "alert_api.yml",
        "api.yml",
        'http_route=~"/v1/.*", http_response_status_code="503"',
        'http_response_status_code="503"',
    ),
    ("alert_api.yml", "api.yml", 'http_response_status_code="503"', 'http_response_status_code=~"50."'),
    ("alert_api.yml", "api.yml", "for: 10m", "for: 0m"),
    ("alert_api.yml", "api.yml", VERSIONS, "count by (model) (count by (model, version) (model_info)) > 1"),
    ("alert_api.yml", "api.yml", VERSIONS, "count by (job, model) (model_info) > 1"),
    ("alert_target.yml", "target.yml", "for: 2m", "for: 0m"),
    ("alert_target.yml", "target.yml", "expr: up == 0", "expr: up == 2"),
    ("alert_target.yml", "target.yml", "max_over_time(job:up:count[1h])", "max_over_time(job:up:count[2m])"),
    ("alert_target.yml", "target.yml", "for: 5m", "for: 0m"),
    ("alert_target.yml", "target.yml", 'absent(up{job="exercise-01"})', 'absent(up{job="exercise-01"} == 1)'),
    ("alert_redis.yml", "redis.yml", "redis_up == 0", "redis_up == 1"),
    ("alert_redis.yml", "redis.yml", "for: 1m", "for: 0m"),
    ("alert_redis.yml", "redis.yml", "(redis_memory_max_bytes > 0)", "redis_memory_max_bytes"),
    ("alert_redis.yml", "redis.yml", "> 0.9", "> 0.99"),
    ("alert_redis.yml", "redis.yml", "for: 5m", "for: 0m"),
    (
        "alert_rabbitmq.yml",
        "rabbitmq.yml",
        "rabbitmq_alarms_memory_used_watermark == 1",
        "rabbitmq_alarms_memory_used_watermark == 0",
    ),
    (
        "alert_rabbitmq.yml",
        "rabbitmq.yml",
        "rabbitmq_alarms_free_disk_space_watermark == 1",
        "rabbitmq_alarms_free_disk_space_watermark == 0",
    ),
    ("alert_rabbitmq.yml", "rabbitmq.yml", '{queue!~"celery_delayed_.*"} > 1000', " > 1000"),
    ("alert_rabbitmq.yml", "rabbitmq.yml", "> 1000", "> 2000"),
    ("alert_rabbitmq.yml", "rabbitmq.yml", "for: 10m", "for: 0m"),
    (
        "alert_rabbitmq.yml",
        "rabbitmq.yml",
        "rabbitmq_detailed_queue_consumers == 0",
        "rabbitmq_detailed_queue_consumers >= 0",
    ),
    ("alert_rabbitmq.yml", "rabbitmq.yml", '{queue!~"celery_delayed_.*"} > 0', " > 0"),
    ("alert_rabbitmq.yml", "rabbitmq.yml", "for: 5m", "for: 0m"),
]
"""File of rules, file of tests, what is right, what somebody might write instead."""


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a tool."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)


def test_prometheus_takes_its_configuration_and_rules(promtool: str) -> None:
    """A Prometheus with a broken configuration does not start, or goes on with the old one in silence."""
    done = run(promtool, "check", "config", PROMETHEUS / "prometheus.yml")

    assert 0 == done.returncode, done.stderr


@pytest.mark.parametrize("path", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda path: path.stem)
def test_the_tests_of_the_rules_pass(promtool: str, path: Path) -> None:
    """Every alert fires on the series that it is for, says what it should, and is silent on the others."""
    done = run(promtool, "test", "rules", path)

    assert 0 == done.returncode, done.stdout + done.stderr


def test_what_is_made_of_a_recorded_series_is_recorded_in_its_group() -> None:
    """Groups are evaluated apart: a ratio of two of them divides what is now by what was before."""
    documents = (yaml.safe_load(path.read_text("utf-8")) for path in (PROMETHEUS / "rules").glob("*.yml"))
    groups = [[r for r in g["rules"] if "record" in r] for document in documents for g in document["groups"]]
    names = [{rule["record"] for rule in group} for group in groups]

    assert any(names)
    assert [] == [
        (rule["record"], other)
        for group, own in zip(groups, names, strict=True)
        for rule in group
        for other in set().union(*names) - own
        if re.search(rf"{other}\b", rule["expr"])
    ]


@pytest.mark.parametrize(
    ("rules", "tests", "old", "new"),
    MISTAKES,
    ids=[f"{rules}-{number}" for number, (rules, *_) in enumerate(MISTAKES, start=1)],
)
def test_a_mistake_in_a_rule_fails_its_tests(  # noqa: PLR0913, PLR0917 - a mistake has four parts
    promtool: str, tmp_path: Path, rules: str, tests: str, old: str, new: str
) -> None:
    """Rule tests that pass whatever the rule says would prove nothing."""
    shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    path = tmp_path / "prometheus" / "rules" / rules
    text = path.read_text(encoding="utf-8")
    assert old in text, "the rule has changed; make the mistake in it anew"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    checked = run(promtool, "check", "rules", path)
    assert 0 == checked.returncode, "a mistake must be a valid rule, or it proves nothing"

    done = run(promtool, "test", "rules", tmp_path / "prometheus" / "tests" / tests)

    assert 1 == done.returncode
    assert "FAILED" in done.stdout + done.stderr


def test_each_file_of_rules_has_a_mistake_that_its_tests_find() -> None:
    """A new file of rules comes with a proof that its tests bite."""
    files = {rules for rules, _, _, _ in MISTAKES}

    assert {path.name for path in (PROMETHEUS / "rules").glob("*.yml")} == files
