"""Screens: what a learner sees when one line of task 1.2 is wrong, made by the real command.

Each is `servelab test 1.2` in a scratch clone of the course, whose starter is right up
to task 1.2 but for one line.
Source: golden verdicts of CodeCrafters, kept for known-bad programs too.
Leaves out: colours.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from servelab.course import variant
from servelab.dev.scratch_clone import ScratchClone
from servelab.dev.screen_text import normal
from servelab.errors import GraderFaultError, MisuseError
from servelab.grading.manifest import Exercise

TASK = "1.2"
FILE = "src/routers/health.py"
DOCUMENT = "docs/screens.md"
WIDTH = 110


@dataclass(frozen=True)
class Screen:
    """A mistake of one line, with the line that it replaces; `title` and `what` are for the reader."""

    title: str
    what: str
    old: str
    new: str


SCREENS = (
    Screen(
        "A syntax error",
        "A bracket is missing, so the service does not start; the traceback comes once, not for every test.",
        "    return ReadyResponse()",
        "    return ReadyResponse(",
    ),
    Screen(
        "An uncaught exception in a handler",
        "The service runs, and one route ends in an exception.",
        "    if names := await models.unready():",
        "    if names := await models.not_ready():",
    ),
    Screen(
        "A hang",
        "A handler never gives the event loop back.",
        "    return ReadyResponse()",
        "    while True: pass",
    ),
    Screen(
        "A `print`",
        "A `print` for debugging swallows the value, and what it prints is shown with the failure.",
        "    if names := await models.unready():",
        '    if print("not ready:", await models.unready()):',
    ),
    Screen(
        "A `breakpoint()`",
        "Graded tests run without a terminal, so there is nowhere to stop.",
        "    return ReadyResponse()",
        "    breakpoint()",
    ),
)


def document(exercise: Exercise, scratch: Path) -> str:
    """Return the Markdown page with all screens.

    Args:
        exercise: exercise 1; its solution is the base of every screen.
        scratch: an empty folder, in which the clones are made.

    Raises:
        MisuseError: a screen's line is not in the solution.
    """
    clones = [scratch / str(number) for number in range(len(SCREENS))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = list(pool.map(partial(show, exercise), SCREENS, clones))
    sections = [_section(exercise, screen, text) for screen, text in zip(SCREENS, texts, strict=True)]
    return "\n".join([_head(), *sections])


def _head() -> str:
    return (
        "# What you see when a test fails\n\n"
        f"Each screen is the output of `servelab test {TASK}`.\n"
        "The service is right up to that task but for one line.\n"
        "The details of the first failure are shown; those of the failures after it look the same.\n"
        "The page is made by `servelab screens`; times, temporary paths and process ids stand as `…`.\n"
    )


def _section(exercise: Exercise, screen: Screen, text: str) -> str:
    return (
        f"## {screen.title}\n\n{screen.what}\n\n"
        f"```diff\n# {exercise.folder.name}/starter/{FILE}\n-{screen.old}\n+{screen.new}\n```\n\n"
        f"```text\n{text}\n```\n"
    )


def show(exercise: Exercise, screen: Screen, folder: Path) -> str:
    """Return what `servelab test` prints for one screen, with what differs between runs made the same."""
    files = variant.prefix(exercise, exercise.task(TASK).number)
    if files.get(FILE, "").count(f"\n{screen.old}\n") != 1:
        msg = f"the screen {screen.title!r}: {screen.old.strip()!r} must stand once in the solution's {FILE}"
        raise MisuseError(msg)
    clone = ScratchClone(folder)
    planted = files[FILE].replace(f"\n{screen.old}\n", f"\n{screen.new}\n")
    clone.write_starter(exercise, {**files, FILE: planted})
    done = clone.servelab("test", TASK, COLUMNS=str(WIDTH), NO_COLOR="1")
    if done.returncode != 1 or done.stderr:
        msg = f"servelab test {TASK} ended with {done.returncode}, not 1: {done.stderr or done.stdout}"
        raise GraderFaultError(msg)
    return normal(done.stdout, folder)
