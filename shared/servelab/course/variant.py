"""Variants of a solution: starter, prefix, hole and mutant, all made by exchanging regions.

A *prefix* fills the regions of tasks 1 to k; a *hole* stubs task k alone;
a *mutant* replaces text inside a region of one task by a known mistake.
Source: mutation testing (DeMillo, Lipton, Sayward, "Hints on test data selection", 1978),
applied to the tests of each task.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from servelab.course.region import Region, RegionError, fill, parse
from servelab.grading.manifest import Exercise, Replacement

IGNORED_PARTS = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"})


def source_files(exercise: Exercise) -> dict[str, str]:
    """Return relative path -> text of every file of the reference solution."""
    root = exercise.solution
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and not IGNORED_PARTS.intersection(path.relative_to(root).parts)
    }


def stubbed(exercise: Exercise, task_ids: Iterable[str]) -> dict[str, str]:
    """Return the solution's files with the regions of the given tasks as the starter has them.

    Raises:
        RegionError: a stub of the manifest fits no region.
    """
    tasks = {task_id: exercise.task(task_id) for task_id in task_ids}
    unused = [(task.id, given) for task in tasks.values() for given in task.stub]

    def content(name: str, region: Region) -> str:
        if region.task not in tasks:
            return region.text
        for given in tasks[region.task].stub:
            if given.file == name and (given.old is None or given.old.strip("\n") in region.inner):
                unused.remove((region.task, given))
                return f"{region.todo}\n{_exchange(given, region.inner)}"
        return region.stub

    files = {name: fill(name, text, partial(content, name)) for name, text in source_files(exercise).items()}
    if unused:
        task_id, given = unused[0]
        msg = f"exercise {exercise.number}: a stub of task {task_id} fits no region of {given.file}"
        raise RegionError(msg)
    return files


def _exchange(replacement: Replacement, inner: str) -> str:
    new = replacement.new.strip("\n")
    return new if replacement.old is None else inner.replace(replacement.old.strip("\n"), new)


def mutated(exercise: Exercise, task_id: str, replacements: Iterable[Replacement]) -> dict[str, str]:
    """Return the solution's files with text inside regions of one task replaced.

    Raises:
        RegionError: a replacement's `old` text does not occur exactly once in
            the regions of the task in its file.
    """
    files = source_files(exercise)
    for replacement in replacements:
        if replacement.file not in files:
            msg = f"{replacement.file} is not a file of the solution of exercise {exercise.number}"
            raise RegionError(msg)
        files[replacement.file] = _replace(replacement, task_id, files[replacement.file])
    return files


def _replace(replacement: Replacement, task_id: str, text: str) -> str:
    old = None if replacement.old is None else replacement.old.strip("\n")
    regions = [region for region in parse(replacement.file, text) if region.task == task_id]
    found = len(regions) if old is None else sum(region.inner.count(old) for region in regions)
    if found != 1:
        what = "the region" if old is None else repr(old)
        where = f"{replacement.file}: {what} occurs {found} times in the regions of task {task_id}"
        msg = f"{where}; it must occur once"
        raise RegionError(msg)

    def content(region: Region) -> str:
        return (
            f"{region.marker}\n{_exchange(replacement, region.inner)}"
            if region.task == task_id
            else region.text
        )

    return fill(replacement.file, text, content)


def starter(exercise: Exercise) -> dict[str, str]:
    """Return the files that a learner begins with."""
    return stubbed(exercise, [task.id for task in exercise.tasks])


def prefix(exercise: Exercise, last: int) -> dict[str, str]:
    """Return the files with the first `last` tasks filled and the others stubbed."""
    return stubbed(exercise, [task.id for task in exercise.tasks if task.number > last])


def hole(exercise: Exercise, task_id: str) -> dict[str, str]:
    """Return the files with one task stubbed."""
    return stubbed(exercise, [task_id])


def write(files: dict[str, str], folder: Path) -> None:
    """Write files of a variant below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
