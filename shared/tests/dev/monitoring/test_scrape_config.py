"""What the live proof scrapes by is the committed configuration, with other targets."""

import subprocess
from pathlib import Path

import yaml

from servelab.dev.monitoring.place import PROMETHEUS
from servelab.dev.monitoring.scrape_config import turn

HERE = {"exercise-01": ["127.0.0.1:1"], "rabbitmq-queues": ["127.0.0.1:2"]}


def test_a_job_keeps_its_path_and_parameters() -> None:
    """A wrong path in the committed file must fail the proof, so the proof must use it."""
    committed = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    (queues,) = [job for job in committed["scrape_configs"] if job["job_name"] == "rabbitmq-queues"]

    turned = yaml.safe_load(turn(HERE, every_s=1).text)

    assert {**queues, "static_configs": [{"targets": ["127.0.0.1:2"]}]} in turned["scrape_configs"]


def test_a_name_in_dns_becomes_a_target_and_a_job_without_one_is_named() -> None:
    """What could not be proved here must be said."""
    turned = turn(HERE, every_s=1)

    assert "dns_sd_configs" not in turned.text
    assert {"redis", "rabbitmq", "alertmanager"} < set(turned.left_out)
    assert not set(HERE) & set(turned.left_out)


def test_prometheus_takes_the_turned_configuration(promtool: str, tmp_path: Path) -> None:
    """It has the committed rules, from wherever it is read."""
    path = tmp_path / "prometheus.yml"
    path.write_text(turn(HERE, every_s=1).text, encoding="utf-8")

    done = subprocess.run(
        [promtool, "check", "config", path], capture_output=True, text=True, timeout=60, check=False
    )

    assert 0 == done.returncode, done.stderr
    assert f"{len(list((PROMETHEUS / 'rules').glob('*.yml')))} rule files found" in done.stdout
