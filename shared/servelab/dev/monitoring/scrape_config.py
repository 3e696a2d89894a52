"""The committed configuration of Prometheus, turned to services on this machine.

Jobs keep their names, paths and parameters, so that what is proved is the committed file;
only where they scrape, and how often, is another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from servelab.dev.monitoring.place import PROMETHEUS

COMMITTED = PROMETHEUS / "prometheus.yml"


@dataclass(frozen=True)
class Turned:
    """A configuration for this machine.

    Attributes:
        text: the configuration.
        left_out: jobs that have no target here.
    """

    text: str
    left_out: tuple[str, ...]


def turn(targets: Mapping[str, Sequence[str]], *, every_s: int, committed: Path = COMMITTED) -> Turned:
    """Return the committed configuration with other targets.

    Args:
        targets: job -> host:port of each target.
        every_s: seconds between two scrapes, and between two evaluations of the rules.
        committed: the configuration; its rules lie beside it.
    """
    config: dict[str, Any] = yaml.safe_load(committed.read_text(encoding="utf-8"))
    config["global"] |= {
        "scrape_interval": f"{every_s}s",
        "scrape_timeout": f"{every_s}s",
        "evaluation_interval": f"{every_s}s",
    }
    config["rule_files"] = [str(committed.parent / pattern) for pattern in config["rule_files"]]
    del config["alerting"]  # nobody is to be told
    jobs = config["scrape_configs"]
    config["scrape_configs"] = [
        _turned(job, targets[job["job_name"]]) for job in jobs if job["job_name"] in targets
    ]
    left_out = tuple(job["job_name"] for job in jobs if job["job_name"] not in targets)
    return Turned(yaml.safe_dump(config, sort_keys=False), left_out)


def _turned(job: dict[str, Any], targets: Sequence[str]) -> dict[str, Any]:
    kept = {key: value for key, value in job.items() if not key.endswith("_sd_configs")}
    return kept | {"static_configs": [{"targets": list(targets)}]}
