"""Watch mode runs what was saved last, moves on after a pass, and never leaves a run behind."""

from collections.abc import Sequence
from queue import Queue

import pytest

from servelab.course.watch import Event, Finished, Judged, Key, Saved, Watch
from servelab.errors import GraderFaultError, ServelabError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict


class FakeRunner:
    """Notes what was started and cancelled; the test puts the results itself."""

    def __init__(self) -> None:
        """Nothing runs."""
        self.runs: list[list[str]] = []
        self.running = False

    def start(self, exercise: Exercise, tasks: Sequence[Task]) -> int:  # noqa: ARG002 - as the runner's
        """Note a run and return its number."""
        assert not self.running, "the old run must have ended"
        self.runs.append([task.id for task in tasks])
        self.running = True
        return len(self.runs)

    def cancel(self) -> None:
        """Note that nothing runs now."""
        self.running = False


class FakeView:
    """Notes what the learner would see."""

    def __init__(self) -> None:
        """Nothing was shown."""
        self.shown: list[str] = []

    def begin(self, exercise: Exercise, tasks: Sequence[Task]) -> None:  # noqa: ARG002 - as the view's
        """Note."""
        self.shown.append(f"begin {' '.join(task.id for task in tasks)}")

    def tested(self, result: TestResult) -> None:
        """Note."""
        self.shown.append(f"tested {result.id}")

    def finished(self, exercise: Exercise, outcome: Grade | ServelabError) -> None:  # noqa: ARG002 - as the view's
        """Note."""
        self.shown.append("graded" if isinstance(outcome, Grade) else f"fault: {outcome}")

    def hint(self, exercise: Exercise, task: Task) -> None:  # noqa: ARG002 - as the view's
        """Note."""
        self.shown.append(f"hint {task.id}")

    def turn_to(self, exercise: Exercise, task: Task) -> None:  # noqa: ARG002 - as the view's
        """Note."""
        self.shown.append(f"turn to {task.id}")

    def done(self) -> None:
        """Note."""
        self.shown.append("done")

    def prompt(self) -> None:
        """Prompts are many, and the tests are about the rest."""


class Scene:
    """A watch at task 1.1 of the miniature course with fakes around it."""

    def __init__(self, exercise: Exercise) -> None:
        """Nothing has happened."""
        self.exercise = exercise
        self.runner, self.view = FakeRunner(), FakeView()
        self.following: dict[str, str] = {"1.1": "1.3"}
        self.watch = Watch(self.runner, self.view, self._follow, exercise, exercise.task("1.1"))

    def _follow(self, task: Task) -> tuple[Exercise, Task] | None:
        following = self.following.get(task.id)
        return (self.exercise, self.exercise.task(following)) if following else None

    def play(self, *events: Event, at_once: bool = False) -> list[str]:
        """Let events happen, then quit; return what was shown."""
        queue: Queue[Event] = Queue()
        for event in [*events, Key("q")]:
            queue.put(event)
        self.watch.loop(queue, at_once=at_once)
        return self.view.shown


def graded(task_id: str, verdict: Verdict) -> Grade:
    """Return the grade of one task."""
    return Grade("starter", 1, "process", (TaskResult(task_id, "", verdict, 0.0, 1, False, 0.1, ""),), 0.1)  # noqa: FBT003 - positional in the grader


@pytest.fixture
def scene(miniature: Exercise) -> Scene:
    """A watch with fakes around it."""
    return Scene(miniature)


def test_nothing_runs_before_the_first_save(scene: Scene) -> None:
    """Who has just started reads the brief first."""
    assert [] == scene.play()


def test_watch_by_itself_runs_at_once(scene: Scene) -> None:
    """Who calls `watch` wants to know where they stand."""
    assert ["begin 1.1"] == scene.play(at_once=True)


def test_a_save_runs_the_current_task_alone(scene: Scene) -> None:
    """An answer within a second or two needs a short run."""
    result = TestResult("t", "fail")

    shown = scene.play(Saved(), Judged(1, result), Finished(1, graded("1.1", "fail")))

    assert ["begin 1.1", "tested t", "graded"] == shown
    assert [["1.1"]] == scene.runner.runs


def test_a_pass_moves_on_and_the_next_save_runs_the_next_task(scene: Scene) -> None:
    """The learner never has to say where they are."""
    shown = scene.play(Saved(), Finished(1, graded("1.1", "pass")), Saved())

    assert ["begin 1.1", "graded", "turn to 1.3", "begin 1.3"] == shown


def test_the_last_pass_says_that_all_is_done(scene: Scene) -> None:
    """The end of the course is said, not found out."""
    scene.following = {}

    assert ["begin 1.1", "graded", "done"] == scene.play(Saved(), Finished(1, graded("1.1", "pass")))


def test_a_save_during_a_run_starts_again_and_the_old_results_are_dropped(scene: Scene) -> None:
    """A verdict is about the text that is on the screen."""
    shown = scene.play(
        Saved(), Saved(), Judged(1, TestResult("old", "fail")), Finished(1, graded("1.1", "pass"))
    )

    assert ["begin 1.1", "begin 1.1"] == shown


def test_keys_ask_for_a_hint_all_tasks_and_the_same_again(scene: Scene) -> None:
    """One key each, and unknown keys do nothing."""
    shown = scene.play(Key("h"), Key("a"), Key("r"), Key("x"), Key("\x1b"))

    assert ["hint 1.1", "begin 1.1 1.2 1.3", "begin 1.1 1.2 1.3"] == shown


def test_a_fault_of_the_grader_is_shown_and_the_watch_goes_on(scene: Scene) -> None:
    """A full disk must not throw the learner out."""
    shown = scene.play(Saved(), Finished(1, GraderFaultError("no disk")), Saved())

    assert ["begin 1.1", "fault: no disk", "begin 1.1"] == shown


def test_quitting_ends_the_run_that_goes_on(scene: Scene) -> None:
    """No process outlives the watch."""
    scene.play(Saved())

    assert not scene.runner.running


def test_an_interruption_ends_the_run_that_goes_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is a way to quit like any other."""
    monkeypatch.setattr(scene.view, "tested", _interrupt)

    with pytest.raises(KeyboardInterrupt):
        scene.play(Saved(), Judged(1, TestResult("t", "pass")))

    assert not scene.runner.running


def _interrupt(_result: TestResult) -> None:
    raise KeyboardInterrupt
