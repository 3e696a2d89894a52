"""Commands of a submission, its limits, and its end."""

from collections.abc import Callable
from typing import Any

import pytest

from servelab.grading.isolation.limit import Limits
from servelab.grading.submission import Submission, Unfinished

Make = Callable[..., Submission]
Inside = Callable[[Submission, str], Any]


def test_a_command_tells_code_and_output(make: Make) -> None:
    """Programs of the exercise are run as a user runs them."""
    ended = make({"src/tool.py": "import sys; print(sys.argv[1:]); sys.exit(3)"}).run(
        "src.tool", "--a", "b c"
    )

    assert (3, "['--a', 'b c']\n") == (ended.code, ended.output)


def test_a_command_that_does_not_end_is_ended(make: Make) -> None:
    """And it tells where it stood."""
    with pytest.raises(Unfinished, match="should have ended") as caught:
        make({"src/tool.py": "import time\n\ntime.sleep(60)"}).run("src.tool", timeout_s=0.7)

    assert "line 3" in caught.value.output


def test_changed_limits_hold_for_what_is_started_then(make: Make, inside: Inside) -> None:
    """An image bomb needs more memory to be told from a small limit."""
    submission = make()
    look = "import resource\ntold = resource.getrlimit(resource.RLIMIT_NOFILE)[0]"

    with submission.with_limits(open_files=40):
        limited = inside(submission, look)

    assert (40, Limits().open_files) == (limited, inside(submission, look))


def test_nothing_starts_when_the_time_of_the_task_is_over(make: Make) -> None:
    """Until the next task begins."""
    submission = make()
    submission.begin_test("1.1")
    service = submission.serve()

    submission.pool.end_task("1.1")

    assert not service.alive
    with pytest.raises(Unfinished, match="is over"):
        submission.serve()
    submission.begin_test("1.1")
    with pytest.raises(Unfinished, match="is over"):
        submission.call("src.answer:live")
    submission.begin_test("1.3")
    assert "alive" == submission.call("src.answer:live")


def test_nothing_is_left_behind(make: Make) -> None:
    """Neither processes nor files."""
    submission = make()
    with submission:
        service = submission.serve()
        scratch = submission.pool.scratch

    assert not service.alive
    assert not scratch.exists()


def test_test_data_follow_the_seed(make: Make) -> None:
    """The same run again gives the same rows."""
    submission = make()

    assert submission.rng().random() == submission.rng().random()
    assert 7 == submission.seed
