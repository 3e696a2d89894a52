"""The starter's files as they were generated, whatever the learner has made of them since.

They come from the solution where it is, and in a student edition from the
clone's git history: the version whose digest `starter.lock` has.
"""

import subprocess

from servelab.course import lock, variant
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

GIT_TIMEOUT_S = 20.0


def originals(exercise: Exercise, names: tuple[str, ...]) -> dict[str, str]:
    """Return relative path -> generated text of the given files of the starter.

    Raises:
        MisuseError: neither the solution nor the git history has a file.
    """
    if exercise.solution.is_dir():
        generation = variant.starter(exercise)
        return {name: generation[name] for name in names if name in generation}
    recorded = lock.read(exercise.folder)
    entries = recorded.files if recorded else {}
    return {name: _from_history(exercise, name, entries[name].sha256) for name in names}


def _from_history(exercise: Exercise, name: str, sha256: str) -> str:
    path = f"./{exercise.starter.name}/{name}"
    for commit in _git(exercise, "log", "--all", "--format=%H", "--", path).decode().split():
        data = _git(exercise, "show", f"{commit}:{path}")
        if lock.digest(data) == sha256:
            return data.decode()
    msg = (
        f"the generated {exercise.starter.name}/{name} is neither in this edition nor in its git history; "
        "take the file from a fresh clone"
    )
    raise MisuseError(msg)


def _git(exercise: Exercise, *arguments: str) -> bytes:
    """Return what git prints in the exercise's folder, nothing when it fails or is not there."""
    command = ["git", "-C", str(exercise.folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=GIT_TIMEOUT_S)  # noqa: S603 - fixed command
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
