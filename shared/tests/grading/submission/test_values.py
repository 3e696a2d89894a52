"""Values of a submission: plain JSON, capped, never trusted."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from servelab.course import variant
from servelab.errors import GraderFaultError
from servelab.grading.manifest import Exercise
from servelab.grading.submission import Submission, Unfinished
from servelab.grading.value import MAX_RESULT_BYTES

Make = Callable[..., Submission]
Inside = Callable[[Submission, str], Any]


def test_a_value_comes_back_as_json(make: Make, inside: Inside) -> None:
    """Numbers, texts, lists and objects; also of a coroutine."""
    submission = make()

    assert {"a": [1, 2.5, None, True, "x"]} == inside(submission, "told = {'a': (1, 2.5, None, True, 'x')}")
    assert [3] == submission.call("src.probe:later", value=[3])


def test_what_raises_gives_no_value_and_tells_why(make: Make) -> None:
    """The traceback is for the learner, not for the test."""
    with pytest.raises(Unfinished, match="without a value") as caught:
        make().call("src.probe:wrong")

    assert "about to fail" in caught.value.output
    assert "ValueError: it failed" in caught.value.output


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("told = object()", id="no-json"),
        pytest.param("told = __import__('pickle').dumps([1])", id="pickle"),
        pytest.param("import os, sys; os.write(int(sys.argv[1]), b'['  * 500_000); os._exit(0)", id="nested"),
        pytest.param("import os; os._exit(0)", id="exit-0"),
        pytest.param("import os, sys; os.write(int(sys.argv[1]), b'[1]'); os._exit(0)", id="no-object"),
        pytest.param("import os, sys; os.write(int(sys.argv[1]), b'{'); os._exit(0)", id="half"),
        pytest.param("import os; os.kill(os.getpid(), 11)", id="segmentation-fault"),
    ],
)
def test_what_is_no_json_is_no_value(make: Make, inside: Inside, code: str) -> None:
    """Nothing is guessed, and nothing that is more than data is decoded."""
    with pytest.raises(Unfinished):
        inside(make(), code)


def test_a_value_has_a_size(make: Make, inside: Inside) -> None:
    """The rest is not even read."""
    with pytest.raises(Unfinished, match="more than"):
        inside(make(), f"told = 'x' * {2 * MAX_RESULT_BYTES}")


def test_a_child_that_holds_the_answer_open_does_not_hold_the_test_up(make: Make, inside: Inside) -> None:
    """The end of the program is the end of the answer."""
    started = time.monotonic()
    value = inside(make(), "import os, time\nif os.fork() == 0:\n    time.sleep(60)\ntold = 5")

    assert 5 == value
    assert time.monotonic() - started < 15


def test_a_question_is_no_file_of_the_graders(make: Make, inside: Inside) -> None:
    """Learner code inherits it, and could open a file of the same user again to write."""
    assert inside(make(), "import os\ntold = os.readlink('/proc/self/fd/0')").startswith("pipe:")


def test_a_large_question_arrives_and_one_that_nobody_reads_holds_nothing_up(make: Make) -> None:
    """A pipe takes 64 KiB at a time."""
    submission = make()

    assert 300_000 == submission.call("src.probe:later", value="x" * 300_000).count("x")
    with pytest.raises(Unfinished):
        make({"src/__init__.py": "import os; os._exit(0)"}).call("src.probe:later", value="x" * 300_000)


def test_a_test_that_names_no_function_of_the_reference_is_the_graders_fault(make: Make) -> None:
    """Else a typing mistake in a test would fail every learner."""
    for target in ("src.answer:lvie", "src.nowhere:live", "src.answer:ANSWERS"):
        with pytest.raises(GraderFaultError):
            make().call(target)


def test_a_scenario_plays_beside_the_code(make: Make, miniature: Exercise) -> None:
    """Several calls in one process, with values from the test."""
    scenario = "from src.answer import live\nasync def play(times): return [live()] * times"
    variant.write({"scenarios/twice.py": scenario}, miniature.folder / "tests")

    assert ["alive", "alive"] == make().play("scenarios/twice.py", times=2)


def test_a_scenario_that_is_missing_is_the_graders_fault(make: Make) -> None:
    """It is the grader's file."""
    with pytest.raises(GraderFaultError, match=r"scenarios/none\.py"):
        make().play("scenarios/none.py")
