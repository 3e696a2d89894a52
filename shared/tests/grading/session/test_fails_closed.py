"""A session fails closed: whatever breaks, no test passes that has not passed."""

from collections.abc import Callable

import pytest

from servelab.grading.session import require_graded
from servelab.grading.verdict import Grade

GradeBy = Callable[..., Grade]
Verdicts = Callable[[Grade], dict[str, str]]


@pytest.mark.parametrize(
    ("tests", "fault"),
    [
        pytest.param(
            "@task('1.1')\ndef test_x(): os.kill(os.getpid(), 9)", "before it was done", id="killed"
        ),
        pytest.param("@task('1.1')\ndef test_x(): os._exit(0)", "before it was done", id="exits-with-0"),
        pytest.param("def test_x(): pass", "pytest ended with code", id="test-without-task"),
        pytest.param("import no_such_module", "pytest ended with code", id="tests-cannot-be-imported"),
        pytest.param("def test_x(: pass", "pytest ended with code", id="tests-are-not-python"),
        pytest.param("", "", id="no-tests"),
        pytest.param(
            "class TestA:\n    @task('1.1')\n    def test_x(self): pass\n"
            "class TestB:\n    @task('1.1')\n    def test_x(self): assert False\n",
            "pytest ended with code",
            id="one-name-for-two-tests",
        ),
        pytest.param(
            "@task('1.1')\ndef test_x(): raise KeyboardInterrupt", "pytest ended with code", id="interrupted"
        ),
    ],
)
def test_a_session_that_breaks_is_a_fault_and_no_score(grade: GradeBy, tests: str, fault: str) -> None:
    """Neither zero nor full marks: whoever grades has to look."""
    graded = grade(tests)

    assert fault in graded.fault
    assert graded.fault or not graded.tasks
    assert None is graded.score or not graded.tasks
    with pytest.raises(Exception, match="could not grade"):
        require_graded(graded)


def test_a_test_that_is_not_called_has_not_passed(
    grade: GradeBy, verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--setup-only` reports a setup that passed, for each test."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--setup-only")
    graded = grade("@task('1.1')\ndef test_x(service): assert False")

    assert ({"test_x": "fail"}, 0.0) == (verdicts(graded), graded.score)


def test_a_test_whose_result_is_missing_has_failed(grade: GradeBy, verdicts: Verdicts) -> None:
    """The ids that count are fixed before the run."""
    conftest = """
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_call(item):
            if item.name == "test_gone": os.write(2, b"")

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_logfinish(nodeid):
            return None if "test_gone" in nodeid else (yield)
    """
    graded = grade(
        "@task('1.1')\ndef test_gone(): pass\n@task('1.1')\ndef test_there(): pass", conftest=conftest
    )

    assert graded.fault or {"test_gone": "fail", "test_there": "pass"} == verdicts(graded)


def test_a_session_that_ends_early_and_content_has_failed_tests(grade: GradeBy, verdicts: Verdicts) -> None:
    """Exit code 0 is no verdict, not even pytest's own."""
    graded = grade("@task('1.1')\ndef test_a(): pytest.exit('enough', 0)\n@task('1.1')\ndef test_b(): pass")

    assert ({"test_a": "fail", "test_b": "fail"}, 0.0) == (verdicts(graded), graded.score)


def test_a_skip_is_no_pass_and_no_fail(grade: GradeBy, verdicts: Verdicts) -> None:
    """Tests are skipped by the grader's mistake only, so there is no score."""
    graded = grade("@task('1.1')\ndef test_x(): pytest.skip('no time')")

    assert ({"test_x": "error"}, None) == (verdicts(graded), graded.score)


@pytest.mark.parametrize("mark", ["pytest.mark.skip", "pytest.mark.xfail"])
def test_a_marked_test_is_no_pass(grade: GradeBy, mark: str) -> None:
    """Marks of pytest that excuse a failure excuse nothing here."""
    graded = grade(f"@task('1.1')\n@{mark}\ndef test_x(): assert False")

    assert None is graded.score


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        ("GraderFaultError('no model')", "error"),
        ("NameError('a mistake')", "error"),
        ("AssertionError('expected')", "fail"),
        ("StartFailed('it ended', '')", "fail"),
        ("__import__('httpx').ReadError('gone')", "fail"),
        ("__import__('httpx').ReadTimeout('late')", "fail"),
        ("ConnectionResetError()", "fail"),
    ],
)
def test_a_fixture_that_raises_is_judged_by_whose_fault_it_is(
    grade: GradeBy, verdicts: Verdicts, raised: str, verdict: str
) -> None:
    """A service that hangs up on a fixture has failed; a fixture with a mistake is the grader's fault."""
    graded = grade(f"""
        @pytest.fixture
        def broken():
            raise {raised}

        @task("1.1")
        def test_x(broken): pass
    """)

    assert {"test_x": verdict} == verdicts(graded)
    assert (None if verdict == "error" else 0.0) == graded.score


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [("GraderFaultError('no disk')", "error"), ("NameError('x')", "fail"), ("MemoryError", "fail")],
)
def test_a_test_that_raises_has_failed_unless_the_grader_says_otherwise(
    grade: GradeBy, verdicts: Verdicts, raised: str, verdict: str
) -> None:
    """What a test stumbles over in an answer comes from the answer; the reference passes it."""
    graded = grade(f"@task('1.1')\ndef test_x(): raise {raised}")

    assert {"test_x": verdict} == verdicts(graded)


def test_a_teardown_that_fails_takes_the_pass_back(grade: GradeBy, verdicts: Verdicts) -> None:
    """What is asserted at the end is asserted."""
    graded = grade("""
        @pytest.fixture
        def checked():
            yield
            assert False, "something was left"

        @task("1.1")
        def test_x(checked): pass
    """)

    assert {"test_x": "fail"} == verdicts(graded)
