"""Claims about the arithmetic of the smoke test: it must be able to fail."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from servelab.dev.stack import gateway_log, ledger
from servelab.dev.stack.gateway_log import Entry
from servelab.dev.stack.ledger import Death
from servelab.dev.stack.load import NO_ANSWER, Reply
from servelab.dev.stack.report import Report

KILLED = "10.0.0.2"
SURVIVOR = "10.0.0.3"
DEATH = Death(KILLED, began_s=100.0, ended_s=101.0)
FAILED = Reply("a", began_s=99.9, ended_s=100.5, status=502, right=False)
LOGGED = Entry("a", ended_s=100.5, status=502, tried=(KILLED,))


@pytest.mark.parametrize("status", [502, NO_ANSWER])
def test_a_request_in_flight_on_the_killed_replica_is_excused(status: int) -> None:
    """Nobody can finish what a dead process had begun."""
    assert [] == ledger.unexcused([replace(FAILED, status=status)], {"a": LOGGED}, DEATH)


@pytest.mark.parametrize(
    ("reply", "entry"),
    [
        pytest.param(FAILED, replace(LOGGED, tried=(SURVIVOR,)), id="the survivor failed"),
        pytest.param(FAILED, replace(LOGGED, tried=(KILLED, SURVIVOR)), id="both were tried"),
        pytest.param(FAILED, replace(LOGGED, tried=()), id="nobody was tried"),
        pytest.param(replace(FAILED, began_s=101.1, ended_s=102), LOGGED, id="begun after the kill"),
        pytest.param(replace(FAILED, began_s=98, ended_s=99), LOGGED, id="over before the kill"),
        pytest.param(replace(FAILED, status=503), LOGGED, id="overloaded"),
        pytest.param(replace(FAILED, status=504), LOGGED, id="too slow"),
        pytest.param(replace(FAILED, status=201), LOGGED, id="another label than the model's"),
    ],
)
def test_no_other_failure_is_excused(reply: Reply, entry: Entry) -> None:
    """An excuse for everything would make the test pass whatever the gateway does."""
    assert [reply] == ledger.unexcused([reply], {"a": entry}, DEATH)


def test_a_failure_that_the_gateway_does_not_know_is_not_excused() -> None:
    """Then something in front of it failed."""
    assert [FAILED] == ledger.unexcused([FAILED], {}, DEATH)


def test_an_answer_belongs_to_the_replica_that_was_tried_last() -> None:
    """Prometheus counts at the replica that did the work."""
    log = gateway_log.read(
        "nginx says something\n"
        '{"request_id":"a","epoch_s":1.5,"status":201,"tried":"10.0.0.2:80, 10.0.0.3:80"}\n'
        '{"request_id":"b","epoch_s":1.6,"status":404,"tried":""}\n'
    )

    assert {SURVIVOR: 1} == ledger.answered([replace(FAILED, status=201, right=True)], log)
    assert "" == log["b"].answered_by


def test_what_a_process_answered_is_told_from_what_its_successor_did() -> None:
    """Both may have the same address, and the successor counts from zero."""
    replies = [replace(FAILED, request_id=name) for name in "ab"]
    log = {name: replace(LOGGED, request_id=name, ended_s=at) for name, at in (("a", 99.0), ("b", 103.0))}

    assert [replies[1]] == ledger.since(replies, log, 102.0)


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda _: None, "failed"),
        (lambda report: report.check("a", held=True, seen=""), "passed"),
        (lambda report: [report.check(str(held), held=held, seen="") for held in (False, True)], "failed"),
    ],
    ids=["nothing was looked at", "all held", "one did not hold"],
)
def test_a_report_has_passed_when_something_was_seen_and_all_of_it_held(
    make: Callable[[Report], object], status: str
) -> None:
    """A test that stops early must not look like one that found nothing wrong."""
    report = Report()
    make(report)

    assert status == report.status


def test_a_report_of_nothing_says_that_it_is_none() -> None:
    """What was not run has not passed."""
    assert "not run" == Report(not_run="no engine").status
