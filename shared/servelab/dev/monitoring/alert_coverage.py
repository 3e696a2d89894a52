"""Whether each alert can be trusted and understood: annotated, tested both ways, explained in the runbook.

An alert that no test makes fire may never fire; one that no test keeps silent may never stop.
An alert without a section in the runbook wakes somebody up who then knows nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from servelab.dev.monitoring.place import PROMETHEUS, RUNBOOK
from servelab.dev.monitoring.step import Step

SEVERITIES: Final = frozenset({"page", "ticket"})
ANNOTATIONS: Final = ("summary", "description", "runbook_url")
PARTS: Final = ("Means", "Look at", "Do", "End")
RUNBOOK_URL: Final = "shared/monitoring/RUNBOOK.md"


@dataclass(frozen=True)
class Alert:
    """An alerting rule: its name, its labels, its annotations."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]


def check_alerts() -> Step:
    """Check every alert of this clone."""
    found = alerts()
    lacks = list(lacking(found, outcomes_of_tests(), RUNBOOK.read_text(encoding="utf-8")))
    claim = "each alert is explained, and tested both ways"
    return Step(claim, ok=not lacks, detail="; ".join(lacks) or f"{len(found)} alerts")


def alerts(folder: Path = PROMETHEUS / "rules") -> list[Alert]:
    """Return the alerts of all rule files."""
    return [
        Alert(rule["alert"], rule.get("labels", {}), rule.get("annotations", {}))
        for document in _documents(folder)
        for group in document["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


def outcomes_of_tests(folder: Path = PROMETHEUS / "tests") -> set[tuple[str, bool]]:
    """Return (alert, whether it is expected to fire) of all rule tests."""
    return {
        (test["alertname"], bool(test["exp_alerts"]))
        for document in _documents(folder)
        for scene in document["tests"]
        for test in scene.get("alert_rule_test", [])
    }


def lacking(found: list[Alert], outcomes: set[tuple[str, bool]], runbook: str) -> Iterator[str]:
    """Yield a sentence for everything that an alert lacks, and for every section that has no alert."""
    sections = _sections(runbook)
    for alert in found:
        name = alert.name
        if alert.labels.get("severity") not in SEVERITIES:
            yield f"{name}: severity must be one of {', '.join(sorted(SEVERITIES))}"
        yield from (f"{name}: no {each}" for each in ANNOTATIONS if not alert.annotations.get(each))
        if alert.annotations.get("runbook_url") != f"{RUNBOOK_URL}#{name.lower()}":
            yield f"{name}: runbook_url must be {RUNBOOK_URL}#{name.lower()}"
        yield from (
            f"{name}: its runbook section has no **{part}.**" for part in _missing(sections.get(name, ""))
        )
        for fires, word in ((True, "fire"), (False, "stay silent")):
            if (name, fires) not in outcomes:
                yield f"{name}: no rule test makes it {word}"
    names = {alert.name for alert in found}
    yield from (f"{name}: a runbook section without an alert" for name in sections if name not in names)


def _missing(section: str) -> list[str]:
    return [part for part in PARTS if not re.search(rf"^\*\*{part}\.\*\* \S", section, re.MULTILINE)]


def _sections(runbook: str) -> dict[str, str]:
    """Return heading -> text of the sections of second level."""
    _, *sections = re.split(r"^## ", runbook, flags=re.MULTILINE)
    return {title.strip(): text for title, _, text in (each.partition("\n") for each in sections)}


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))
