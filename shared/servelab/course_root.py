"""Where the course lies on disk: its root and its exercise folders.

The package is installed in editable form from the clone, so the root is found
from this file; nothing depends on the current directory.
"""

from pathlib import Path

from servelab.errors import MisuseError

COURSE_ROOT = Path(__file__).resolve().parents[2]

EXERCISES = {
    1: ("exercise-01-fastapi-fundamentals", "FastAPI fundamentals"),
    2: ("exercise-02-model-serving", "Serving frameworks"),
    3: ("exercise-03-production-api", "Production API"),
    4: ("exercise-04-performance-optimization", "Performance optimization"),
}
"""Number -> (folder, title) of every exercise of the course, also of those that are not there yet."""


def exercise_folder(number: int) -> Path:
    """Return the folder of an exercise that can be worked on.

    Raises:
        MisuseError: there is no such exercise, or it is not in this clone yet.
    """
    if number not in EXERCISES:
        numbers = ", ".join(map(str, EXERCISES))
        msg = f"there is no exercise {number}; the exercises are {numbers}"
        raise MisuseError(msg)
    folder = COURSE_ROOT / EXERCISES[number][0]
    if not (folder / "exercise.toml").is_file():
        msg = f"exercise {number} ({EXERCISES[number][1]}) is coming: it is not in this clone yet"
        raise MisuseError(msg)
    return folder


def available_exercises() -> list[int]:
    """Return the numbers of the exercises that are in this clone, in order."""
    manifests = {number: COURSE_ROOT / name / "exercise.toml" for number, (name, _) in EXERCISES.items()}
    return [number for number, path in manifests.items() if path.is_file()]
