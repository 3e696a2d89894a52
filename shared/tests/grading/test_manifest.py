"""The manifest of an exercise: read whole, checked, and wrong in one sentence."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from servelab.course_root import COURSE_ROOT
from servelab.errors import MisuseError
from servelab.grading import manifest
from servelab.grading.manifest import Exercise
from servelab.grading.view import EVERYTHING, visible

TASK = """
[[task]]
id = "{id}"
title = "A task"
points = {points}
minutes = 20
needs = {needs}
hints = ["one", "two", "three"]
"""
HEAD = '[exercise]\nnumber = 1\ntitle = "Small"\nhours = "1"\nallow = ["src/**/*.py"]\n'
PROGRAM = '[[program]]\nname = "service"\nargv = ["x"]\n'
Load = Callable[..., Exercise]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a manifest of tasks: `load(("1.1", 60, []), …)`."""

    def loaded(*tasks: tuple[str, int, list[str]], extra: str = "") -> Exercise:
        made = [TASK.format(id=name, points=points, needs=needs) for name, points, needs in tasks]
        (tmp_path / "exercise.toml").write_text(
            "\n".join([HEAD, PROGRAM, *made, extra]).replace("'", '"'), encoding="utf-8"
        )
        return manifest.load(tmp_path)

    return loaded


def test_tasks_come_in_order_with_what_they_need(load: Load) -> None:
    """Needs are followed to their beginning, in both directions."""
    exercise = load(("1.1", 40, []), ("1.2", 20, ["1.1"]), ("1.3", 20, []), ("1.4", 20, ["1.2"]))

    assert ["1.1", "1.2", "1.4"] == [task.id for task in exercise.with_needs("1.4")]
    assert ["1.2", "1.4"] == [task.id for task in exercise.needing("1.1")]
    assert [] == list(exercise.needing("1.3"))


def test_the_tenth_task_comes_after_the_ninth(load: Load) -> None:
    """Ids are texts, and 1.10 is not 1.1 with a nought."""
    exercise = load(*((f"1.{number}", 10, []) for number in range(1, 11)))

    assert list(range(1, 11)) == [task.number for task in exercise.tasks]


@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [
        pytest.param([("1.1", 99, [])], "sum to 99 points; they must sum to 100", id="points"),
        pytest.param([("1.2", 100, [])], "stands at place 1", id="place"),
        pytest.param([("1.1", 50, ["1.2"]), ("1.2", 50, [])], "which does not come before it", id="need"),
        pytest.param([("one", 100, [])], "task.0.id", id="id"),
        pytest.param([("1.1", 0, [])], "task.0.points", id="no-points"),
        pytest.param([], "task", id="no-tasks"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    load: Load, tasks: list[tuple[str, int, list[str]]], sentence: str
) -> None:
    """Whoever writes an exercise should not need to read the loader."""
    with pytest.raises(MisuseError) as caught:
        load(*tasks)

    assert sentence in str(caught.value)
    assert 1 == len(str(caught.value).splitlines())


def test_an_unknown_field_is_wrong(load: Load) -> None:
    """A field with a typing mistake would be ignored in silence."""
    with pytest.raises(MisuseError, match="time_limit"):
        load(("1.1", 100, []), extra="time_limit = 5")


TORCH = """
[[environment]]
name = "torch"
extra = "exercise-02-torch"
where = "own"
modules = ["torch"]
size = "1.0 GB"
"""


def test_a_task_names_what_its_tests_require(load: Load) -> None:
    """Services by their names, environments by those that the exercise declares."""
    required = "services = ['redis', 'jaeger']\nenvironments = ['torch']"

    exercise = load(("1.1", 100, []), extra=required + TORCH)

    assert ("redis", "jaeger") == exercise.task("1.1").services
    assert "exercise-02-torch" == exercise.environment("torch").extra


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (
            "services = ['reddis']",
            "requires the service reddis, which is unknown; there are: redis,",
        ),
        ("environments = ['torch']", "the environment torch, which is unknown; there are: none"),
        (TORCH + TORCH, "the environment torch is declared twice"),
        (TORCH.replace('"own"', '"elsewhere"'), "environment.0.where"),
        (TORCH.replace('name = "torch"', 'name = "../torch"'), "environment.0.name"),
        (TORCH.replace('["torch"]', "[]"), "environment.0.modules"),
    ],
)
def test_what_is_required_in_vain_is_told(load: Load, extra: str, sentence: str) -> None:
    """A name with a typing mistake would be a task that nobody can ever run."""
    with pytest.raises(MisuseError) as caught:
        load(("1.1", 100, []), extra=extra)

    assert sentence in str(caught.value)
    assert 1 == len(str(caught.value).splitlines())


def test_a_test_sees_the_files_of_its_task_and_of_its_needs(load: Load) -> None:
    """What a task builds on is part of what is tested; a task without globs sees everything."""
    exercise = load(("1.1", 60, []), ("1.2", 40, ["1.1"]))
    first, second = exercise.tasks
    narrow = first.model_copy(update={"files": ("src/a/*", "src/b.py")})

    def seen(files: tuple[str, ...]) -> tuple[str, ...]:
        changed = second.model_copy(update={"files": files})
        tasks = {"tasks": (narrow, changed)}
        return visible(exercise.model_copy(update=tasks), (changed,)).patterns

    assert ("src/a/*", "src/b.py", "src/c.py") == seen(("src/c.py", "src/b.py"))
    assert EVERYTHING.patterns == seen(())


def test_a_manifest_without_its_head_is_told(tmp_path: Path) -> None:
    """What is no table must not end in a traceback."""
    (tmp_path / "exercise.toml").write_text("exercise = 1", encoding="utf-8")

    with pytest.raises(MisuseError, match=r"the table \[exercise\] is missing"):
        manifest.load(tmp_path)


@pytest.mark.parametrize("content", [b"= nothing", b"\xff\xfe"])
def test_what_is_no_toml_is_told_with_its_path(tmp_path: Path, content: bytes) -> None:
    """Half a file, or another one."""
    (tmp_path / "exercise.toml").write_bytes(content)

    with pytest.raises(MisuseError, match="is not valid TOML"):
        manifest.load(tmp_path)


def test_a_missing_manifest_is_told_with_its_path(tmp_path: Path) -> None:
    """Mostly it is the wrong folder."""
    with pytest.raises(MisuseError, match="give the folder of an exercise"):
        manifest.load(tmp_path)


@pytest.mark.parametrize("task", ["1.99", "9.1", "one", ""])
def test_an_unknown_task_is_misuse(task: str) -> None:
    """With what there is."""
    with pytest.raises(MisuseError):
        manifest.find_task(task)


def test_the_exercise_of_a_folder_in_the_clone_is_known(miniature: Exercise, tmp_path: Path) -> None:
    """`servelab test` needs no number within an exercise."""
    assert miniature == manifest.exercise_of(miniature.folder / "starter" / "src")
    assert None is manifest.exercise_of(tmp_path)


def test_the_manifests_of_this_course_are_sound() -> None:
    """Every exercise that is here can be loaded."""
    assert all(exercise.tasks for exercise in manifest.exercises())


def test_every_environment_of_this_course_can_be_made() -> None:
    """The program that makes it reads the extra, and two exercises that share a folder agree on it."""
    project = tomllib.loads((COURSE_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {each for exercise in manifest.exercises() for each in exercise.environments}

    assert {each.extra for each in declared} <= project["optional-dependencies"].keys()
    assert len({each.name for each in declared}) == len(declared)
