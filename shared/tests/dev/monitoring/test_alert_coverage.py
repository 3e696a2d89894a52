"""Every alert has what whoever it wakes up needs, and a lack of it is found."""

from dataclasses import replace

import pytest

from servelab.dev.monitoring.alert_coverage import (
    PARTS,
    Alert,
    alerts,
    check_alerts,
    lacking,
    outcomes_of_tests,
)

GOOD = Alert(
    name="TooHot",
    labels={"severity": "page"},
    annotations={
        "summary": "It is hot.",
        "description": "Hotter than 30 degrees.",
        "runbook_url": "shared/monitoring/RUNBOOK.md#toohot",
    },
)
SECTION = "# Runbook\n\n## TooHot\n\n" + "\n".join(f"**{part}.** Something.\n" for part in PARTS)
BOTH = {("TooHot", True), ("TooHot", False)}


def test_each_alert_is_annotated_explained_and_tested_both_ways() -> None:
    """An alert that nobody understands, or that never fired in a test, is noise."""
    step = check_alerts()

    assert step.ok, step.detail
    assert alerts()
    assert {alert.name for alert in alerts()} == {name for name, _ in outcomes_of_tests()}


def test_an_alert_that_has_everything_lacks_nothing() -> None:
    """The check must not complain about what is right."""
    assert [] == list(lacking([GOOD], BOTH, SECTION))


@pytest.mark.parametrize(
    ("alert", "outcomes", "runbook", "says"),
    [
        (replace(GOOD, labels={}), BOTH, SECTION, "severity must be one of page, ticket"),
        (replace(GOOD, annotations={**GOOD.annotations, "summary": ""}), BOTH, SECTION, "no summary"),
        (
            replace(GOOD, annotations={**GOOD.annotations, "runbook_url": "RUNBOOK.md"}),
            BOTH,
            SECTION,
            "runbook_url must be shared/monitoring/RUNBOOK.md#toohot",
        ),
        (GOOD, {("TooHot", False)}, SECTION, "no rule test makes it fire"),
        (GOOD, {("TooHot", True)}, SECTION, "no rule test makes it stay silent"),
        (GOOD, BOTH, SECTION.replace("**Do.** Something.", ""), "no **Do.**"),
        (GOOD, BOTH, SECTION.replace("**End.** Something.", "**End.**"), "no **End.**"),
        (GOOD, BOTH, f"{SECTION}\n## TooCold\n", "TooCold: a runbook section without an alert"),
    ],
)
def test_what_an_alert_lacks_is_said(
    alert: Alert, outcomes: set[tuple[str, bool]], runbook: str, says: str
) -> None:
    """Each requirement bites, and its sentence says what is missing."""
    found = list(lacking([alert], outcomes, runbook))

    assert 1 == len(found), found
    assert says in found[0]
