"""The starter: generated from the solution, committed, and never overwritten once a learner edits it.

A file may be written or removed when it is as the last generation left it, by
the digests of `starter.lock`; any other file is the learner's.
Source: rustlings and Otter keep one source; conffiles of Debian packages give the rule of overwriting.
Leaves out: merging a new generation into an edited file.
"""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from servelab.course import source, variant
from servelab.course.backup import Backup
from servelab.dev.generation import check_generation
from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Synced:
    """What a sync did, by relative paths; `kept` are edited files that it left alone."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def generate(exercise: Exercise) -> dict[str, str]:
    """Return relative path -> text of the starter, checked.

    Raises:
        MisuseError: there is no solution here, or what it gives is not sound.
    """
    exercise.require_solution()
    generation = variant.starter(exercise)
    check_generation(exercise, generation)
    return generation


def sync(exercise: Exercise, backup: Backup, *, force: bool = False) -> Synced:
    """Write the starter and its lock.

    Args:
        exercise: the exercise whose solution is the source.
        backup: keeps the edited files that `force` replaces.
        force: overwrite or remove edited files too.
    """
    generation = generate(exercise)
    old = source.read_lock(exercise.folder)
    known = {name: entry.sha256 for name, entry in old.files.items()} if old else {}
    result = Synced()
    for name in sorted(known.keys() | generation.keys()):
        path = exercise.starter / name
        current, wanted = _digest(path), generation.get(name)
        if current == (None if wanted is None else source.sha256_of(wanted.encode())):
            continue
        if current not in (None, known.get(name)):
            if not force:
                result.kept.append(name)
                continue
            backup.keep(path)
        if wanted is None:
            _remove(exercise.starter, path)
            result.removed.append(name)
        else:
            variant.write({name: wanted}, exercise.starter)
            result.written.append(name)
    source.write_lock(exercise.folder, source.lock_of(generation))
    return result


def _remove(root: Path, path: Path) -> None:
    path.unlink()
    for folder in path.relative_to(root).parents:
        with contextlib.suppress(OSError):  # only empty folders go
            (root / folder).rmdir()


def _digest(path: Path) -> str | None:
    try:
        return source.sha256_of(path.read_bytes())
    except FileNotFoundError:
        return None


def differences(exercise: Exercise) -> list[str]:
    """Return one sentence for each difference between solution, lock and starter."""
    generation = generate(exercise)
    recorded = source.read_lock(exercise.folder)
    found = []
    if recorded != source.lock_of(generation):
        found.append(f"{source.LOCK_NAME} is not of this solution")
    root = exercise.starter
    for name, text in generation.items():
        current = _digest(root / name)
        if current != source.sha256_of(text.encode()):
            found.append(
                f"starter/{name} {'is missing' if current is None else 'is not what the solution gives'}"
            )
    stray = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and not variant.IGNORED_PARTS.intersection(path.relative_to(root).parts)
    }
    return found + [f"starter/{name} is not generated" for name in sorted(stray - generation.keys())]
