"""When a user meant to start, and what became of it."""

import math

import pytest

from servelab.bench.locust_side.plan import Plan
from servelab.bench.locust_side.recording import Recording, category
from servelab.bench.trust.validity import judge


def test_a_user_who_thinks_plans_from_the_end_of_the_last_task() -> None:
    """Locust's own model: a slow answer moves everything after it."""
    plan = Plan(now_s=0.0)

    waits = [plan.wait_s(1.0, think_s=0.5), plan.wait_s(9.0, think_s=0.5)]

    assert [0.5, 0.5] == waits
    assert 9.5 == plan.take()


def test_a_user_with_a_pace_keeps_the_plan_however_late() -> None:
    """Ten clicks that a frozen page made late are ten late clicks."""
    plan = Plan(now_s=0.0, pace_s=1.0)

    planned = [(plan.wait_s(now_s, think_s=0.0), plan.take()) for now_s in (0.25, 4.5, 4.6)]

    assert [(0.75, 1.0), (0.0, 2.0), (0.0, 3.0)] == planned


def test_only_the_first_request_of_a_task_was_planned() -> None:
    """The others follow from the answer before them."""
    plan = Plan(now_s=0.0)
    plan.wait_s(0.0, think_s=1.0)

    assert [1.0, None] == [plan.take(), plan.take()]


def test_latency_counts_from_the_plan() -> None:
    """Sent 3 s late and answered in 10 ms is 3.01 s to the user."""
    recording = Recording(began_s=100.0)
    recording.add(105.0, 108.0, 108.01, "")
    recording.add(None, 109.0, 109.5, "")

    run = recording.to_run(110.0, target="x", cpu_share=0.1)

    assert pytest.approx([3.01, 0.5]) == run.samples.latency.tolist()


def test_the_ramp_of_users_is_the_warm_up() -> None:
    """While users still arrive the load is not yet the one that was asked for."""
    recording = Recording(began_s=100.0, settled_s=102.0, users=20)
    recording.add(None, 101.0, 101.1, "")
    recording.add(None, 103.0, 103.1, "")

    run = recording.to_run(110.0, target="x", cpu_share=0.1)

    assert (10.0, 2.0, 20, math.inf) == (
        run.load.duration_s,
        run.load.warm_up_s,
        run.load.connections,
        run.load.timeout_s,
    )
    assert 1 == len(run.measured)


def test_it_is_a_closed_loop_and_never_valid_for_capacity() -> None:
    """However many users: each waits for its answer."""
    recording = Recording(began_s=0.0)
    for index in range(2000):
        recording.add(None, index / 100, index / 100 + 0.005, "")

    found = judge(recording.to_run(20.0, target="x", cpu_share=0.1))

    assert "closed loop" in found.rules


@pytest.mark.parametrize(
    ("exception", "status", "expected"),
    [
        (None, 503, ""),
        (ValueError("HTTP"), 503, "status 503"),
        (ConnectionRefusedError(), 0, "connection"),
        (TimeoutError(), 0, "timeout"),
        (ValueError("wrong answer"), 200, "rejected by the user"),
    ],
)
def test_failures_have_the_categories_of_the_other_runs(
    exception: Exception | None, status: int, expected: str
) -> None:
    """What the user called good is good; the rest is counted by what went wrong."""
    assert expected == category(exception, status)
