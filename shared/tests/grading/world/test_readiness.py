"""When a program counts as ready, and when as broken: at once, and never by the machine's being busy."""

import time
from collections.abc import Callable

import pytest

from servelab.grading import readiness
from servelab.grading.program import Program
from servelab.grading.readiness import Patience
from servelab.grading.service import StartFailed
from servelab.grading.submission import Submission

Make = Callable[..., Submission]


def test_a_program_that_ends_is_told_at_once(make: Make) -> None:
    """With its exit code and its last words, not after the whole time-out."""
    with make().world() as world, pytest.raises(StartFailed, match="exit code 3") as caught:
        world.start("shell", {"CODE": "print('bad configuration'); raise SystemExit(3)"})

    assert "bad configuration" in caught.value.output


def test_a_program_that_never_is_ready_is_given_up(make: Make) -> None:
    """After the seconds that its manifest gives it."""
    with make().world() as world, pytest.raises(StartFailed, match="within 2 s"):
        world.start("shell", {"CODE": "import time; time.sleep(60)"})


@pytest.mark.parametrize(("path", "ready"), [("/health/live", True), ("/nowhere", False)])
def test_a_status_that_is_asked_for_must_come(make: Make, path: str, ready: bool) -> None:  # noqa: FBT001
    """A load balancer takes an error for what it is; without a status any answer will do."""
    endpoint = make().serve().endpoint()
    any_status, this_status = (
        Program(name="x", argv=("x",), ready=f"http {asked}{path}") for asked in ("", "200 ")
    )

    assert ready == readiness.is_ready(this_status, endpoint, "", lambda: False)
    assert readiness.is_ready(any_status, endpoint, "", lambda: False)


def test_seconds_count_for_less_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of what the submission needs is taken by others: it has twice the time, but not for ever."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(readiness, "_share_of_a_core", lambda: 0.5)
    patience = Patience(10.0)
    seen = []
    for _ in range(5):
        now[0] += 4.5
        seen.append(patience.spend())

    assert [True, True, True, True, False] == seen


def test_even_a_busy_machine_ends_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that hangs may not hold the grader up for an hour."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(readiness, "_share_of_a_core", lambda: 0.0)
    patience = Patience(10.0)
    now[0] = 101.0

    assert not patience.spend()


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("ready", "maybe", "tcp, grpc, http /path"),
        ("listens", {"http": "udp"}, "fd, unix, tcp"),
        ("listens", {"http": "tcp 8"}, "fd, unix, tcp"),
        ("limits", {"memory": 5}, "memory"),
        ("name", "Two words", "name"),
    ],
)
def test_a_program_that_is_declared_wrong_is_told(field: str, value: object, why: str) -> None:
    """Whoever writes an exercise reads what is allowed."""
    with pytest.raises(ValueError, match=why):
        Program.model_validate({"name": "x", "argv": ["x"], field: value})
