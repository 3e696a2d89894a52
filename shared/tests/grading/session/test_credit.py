"""What a verdict is worth: partial credit, guards, needs, and values that a submission tells."""

from collections.abc import Callable

from servelab.grading.verdict import Grade, TestResult, points

GradeBy = Callable[..., Grade]
Verdicts = Callable[[Grade], dict[str, str]]


def test_what_passes_passes(grade: GradeBy, verdicts: Verdicts) -> None:
    """The plain case, without which all the others would prove nothing."""
    graded = grade("""
        @task("1.1")
        def test_live(service):
            "It lives."
            assert 200 == service.client.get("/health/live").status_code
    """)

    assert ({"test_live": "pass"}, 60.0, "") == (verdicts(graded), graded.score, graded.fault)


def test_partial_credit_is_by_tests(grade: GradeBy) -> None:
    """Three of four tests are three quarters of the points."""
    graded = grade("""
        @task("1.1")
        @pytest.mark.parametrize("number", range(4))
        def test_some(number):
            assert number
    """)

    assert ("fail", 45.0) == (graded.tasks[0].verdict, graded.tasks[0].points)


def test_a_guard_that_fails_takes_the_points_and_gives_none(grade: GradeBy, verdicts: Verdicts) -> None:
    """A service that must not do something may not do it in exchange for other points."""
    graded = grade("""
        @task("1.1")
        def test_scores(): pass

        @task("1.1", guard=True)
        def test_guards(): assert False
    """)

    assert ({"test_scores": "pass", "test_guards": "fail"}, 0.0) == (verdicts(graded), graded.score)


def test_a_guard_alone_is_worth_nothing(grade: GradeBy) -> None:
    """It passes for the empty submission too."""
    graded = grade("""
        @task("1.1")
        def test_scores(): assert False

        @task("1.1", guard=True)
        def test_guards(): pass
    """)

    assert 0.0 == graded.score


def test_an_image_is_built_only_when_that_is_asked_for(grade: GradeBy, verdicts: Verdicts) -> None:
    """A build does whatever a Dockerfile says, as root and with a network."""
    tests = """
        @task("1.1")
        def test_text(): pass

        @task("1.1", image=True)
        def test_image(): assert False
    """

    assert {"test_text": "pass"} == verdicts(grade(tests))
    assert {"test_text": "pass", "test_image": "fail"} == verdicts(grade(tests, images=True))


def test_what_needs_a_failed_task_is_not_run(grade: GradeBy, verdicts: Verdicts) -> None:
    """One mistake is told once."""
    graded = grade("@task('1.1')\ndef test_x(): assert False", ready="@task('1.3')\ndef test_y(): pass")

    assert {"test_x": "fail", "test_y": "not-run"} == verdicts(graded)
    assert "1.3 not run: 1.1 fails" == graded.tasks[1].message


def test_values_of_the_submission_count_as_far_as_a_client_sees_them() -> None:
    """Code that knows the tests can answer them; a service that works can't be made up."""
    inside = [TestResult(f"in-{number}", "pass", inside=True) for number in range(2)]
    outside = [TestResult("seen", "pass"), TestResult("unseen", "fail")]

    assert 50.0 == points(100, (*inside, *outside), frozenset())
    assert 0.0 == points(100, (*inside, TestResult("unseen", "fail")), frozenset())
    assert 100.0 == points(100, tuple(inside), frozenset())


def test_which_tests_rest_on_a_value_is_known(grade: GradeBy) -> None:
    """Directly, or through a fixture that was set up for an earlier test."""
    graded = grade("""
        @pytest.fixture(scope="module")
        def said(submission): return submission.call("src.answer:live")

        @pytest.fixture
        def repeated(said): return said

        @task("1.1")
        def test_through_a_fixture(repeated): assert "alive" == repeated

        @task("1.1")
        def test_by_the_same_fixture(said): assert "alive" == said

        @task("1.1")
        def test_by_itself(submission): assert "alive" == submission.call("src.answer:live")

        @task("1.1")
        def test_from_outside(service): assert "alive" == service.client.get("/health/live").text
    """)

    assert [True, True, True, False] == [test.inside for test in graded.tasks[0].tests]
    assert 60.0 == graded.score
