"""What requires something that this machine lacks is not run, and that costs and gives nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from servelab.errors import MisuseError
from servelab.grading import manifest
from servelab.grading.job import Job
from servelab.grading.lack import lacks, refuse
from servelab.grading.manifest import Exercise
from servelab.grading.session import grade_job, grade_one
from servelab.grading.verdict import Grade
from servelab.services import availability
from servelab.services.definition import Offer, Service
from servelab.services.errors import LackingServiceError

NO_QUEUE = "rabbitmq is not on this machine; get it with: apt rabbitmq"
NO_TORCH = (
    "the environment torch (1.0 GB) is not on this machine; get it with: shared/setup/environment.sh torch"
)
TORCH = """
[[environment]]
name = "torch"
extra = "torch"
where = "base"
modules = ["no_such_module"]
size = "1.0 GB"
"""


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with every service but RabbitMQ."""

    def offer(service: Service) -> Offer:
        if service.name != "rabbitmq":
            return Offer(service.name, "binary", service.name, service.plan, service.check)
        why = "rabbitmq is not on this machine"
        raise LackingServiceError(why, "apt rabbitmq")

    monkeypatch.setattr(availability, "offer", offer)


@pytest.fixture
def requiring(miniature: Exercise) -> Callable[..., Exercise]:
    """The miniature exercise whose tasks require more: `requiring({"1.1": 'services = ["redis"]'})`."""

    def changed(required: dict[str, str]) -> Exercise:
        path = miniature.folder / "exercise.toml"
        text = path.read_text(encoding="utf-8")
        for task, line in required.items():
            text = text.replace(f'id = "{task}"\n', f'id = "{task}"\n{line}\n')
        path.write_text(text + TORCH, encoding="utf-8")
        return manifest.load(miniature.folder)

    return changed


def grade(exercise: Exercise, root: Path | None = None) -> Grade:
    """Grade an implementation, the reference by default."""
    ids = tuple(task.id for task in exercise.tasks)
    return grade_job(Job(exercise.folder, root or exercise.solution, "x", ids, "process", 1))


def test_what_a_task_lacks_is_said_with_what_mends_it(requiring: Callable[..., Exercise]) -> None:
    """Nobody should have to find out which program a sentence means."""
    exercise = requiring({"1.3": 'services = ["redis", "rabbitmq"]\nenvironments = ["torch"]'})

    assert [NO_QUEUE, NO_TORCH] == [str(lack) for lack in lacks(exercise, exercise.task("1.3"))]
    assert () == lacks(exercise, exercise.task("1.1"))


def test_a_task_that_lacks_something_is_not_run_and_its_points_are_not_counted(
    requiring: Callable[..., Exercise],
) -> None:
    """Its tests are not even imported: they may import what is not here."""
    exercise = requiring({"1.3": 'services = ["rabbitmq"]'})
    (exercise.folder / "tests" / "test_03_ready.py").write_text("import no_such_module", encoding="utf-8")

    graded = grade(exercise)

    assert ["pass", "pass", "not-run"] == [task.verdict for task in graded.tasks]
    assert (60.0, 60, 100, "") == (graded.score, graded.graded_here, graded.out_of, graded.fault)
    last = graded.tasks[-1]
    assert (NO_QUEUE, False, 0.0, ()) == (last.message, last.graded, last.points, last.tests)


def test_what_needs_it_is_run_all_the_same(requiring: Callable[..., Exercise]) -> None:
    """Unknown is not failed."""
    graded = grade(requiring({"1.1": 'environments = ["torch"]'}))

    assert ["not-run", "pass", "pass"] == [task.verdict for task in graded.tasks]
    assert (40.0, 40, 5.0, 5) == (graded.score, graded.graded_here, graded.bonus, graded.bonus_graded_here)


def test_a_failed_need_is_seen_through_a_task_that_was_not_graded(
    requiring: Callable[..., Exercise],
) -> None:
    """1.3 needs 1.2, which is unknown, which needs 1.1, which fails."""
    exercise = requiring({"1.2": 'services = ["rabbitmq"]'})
    path = exercise.folder / "exercise.toml"
    head, _, tail = path.read_text(encoding="utf-8").rpartition('needs = ["1.1"]')
    path.write_text(f'{head}needs = ["1.2"]{tail}', encoding="utf-8")
    exercise = manifest.load(exercise.folder)

    graded = grade(exercise, exercise.starter)

    assert ["fail", "not-run", "not-run"] == [task.verdict for task in graded.tasks]
    assert ["1.3 not run: 1.1 fails", True] == [graded.tasks[2].message, graded.tasks[2].graded]


def test_where_all_is_lacking_nothing_is_started(requiring: Callable[..., Exercise]) -> None:
    """There is nothing to grade, which is neither a pass nor a fault."""
    graded = grade(requiring(dict.fromkeys(("1.1", "1.2", "1.3"), 'services = ["rabbitmq"]')))

    assert ["not-run"] * 3 == [task.verdict for task in graded.tasks]
    assert (0.0, 0, "") == (graded.score, graded.graded_here, graded.fault)


def test_a_submission_that_is_refused_has_not_failed_what_could_not_be_graded(
    requiring: Callable[..., Exercise], tmp_path: Path
) -> None:
    """A cohort is compared by the tasks that all of it could pass."""
    exercise = requiring({"1.3": 'services = ["rabbitmq"]'})
    (tmp_path / "nothing").mkdir()

    graded = grade_one(tmp_path / "nothing", exercise, exercise.tasks, level="process")

    assert ["fail", "fail", "not-run"] == [task.verdict for task in graded.tasks]
    assert 60 == graded.graded_here


def test_marks_can_ask_for_everything(requiring: Callable[..., Exercise]) -> None:
    """Every lack is named at once, with its command: not one after the other, each after a run."""
    exercise = requiring({"1.1": 'services = ["rabbitmq"]', "1.3": 'environments = ["torch"]'})

    with pytest.raises(MisuseError) as caught:
        refuse(lack for task in exercise.tasks for lack in lacks(exercise, task))

    assert str(caught.value).endswith(f"require: (1) {NO_QUEUE} (2) {NO_TORCH}")
    refuse(lacks(exercise, exercise.task("1.2")))
