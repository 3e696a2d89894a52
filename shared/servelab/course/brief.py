"""Sections of the course's Markdown that belong to a task: its brief and its commentary.

The brief of task 1.2 is the section `### 1.2 …` of the exercise's README.md,
its commentary the section `## 1.2 …` of COMMENTARY.md.
Leaves out: headings underlined with `===`, which the course does not use.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from servelab.grading.manifest import Exercise

BRIEF_LEVEL = 3
COMMENTARY_LEVEL = 2
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_HEADING = re.compile(r"^(#{1,6}) ")


@dataclass(frozen=True)
class Section:
    """A section without its heading; `line`, counted from 1, is the line of the heading in `path`."""

    path: Path
    line: int
    markdown: str


def brief(exercise: Exercise, task_id: str) -> Section | None:
    """Return the brief of a task, or None when the README has none."""
    return section(exercise.folder / "README.md", BRIEF_LEVEL, task_id)


def commentary(exercise: Exercise, task_id: str) -> Section | None:
    """Return the commentary on the reference of a task, or None when there is none."""
    return section(exercise.folder / "COMMENTARY.md", COMMENTARY_LEVEL, task_id)


def section(path: Path, level: int, task_id: str) -> Section | None:
    """Return the section of a Markdown file whose heading begins with a task's id."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = text.split("\n")
    wanted = re.compile(rf"^#{{{level}}} (?:Task )?{re.escape(task_id)}(?![\d.]*\d)")
    headings = _headings(lines)
    begin = next((number for number in headings if wanted.match(lines[number])), None)
    if begin is None:
        return None
    later = (number for number, depth in headings.items() if number > begin and depth <= level)
    return Section(path, begin + 1, "\n".join(lines[begin + 1 : next(later, len(lines))]).strip())


def _headings(lines: list[str]) -> dict[int, int]:
    """Return line number -> level of the headings, in order; a `#` inside a fenced block is none."""
    found: dict[int, int] = {}
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence and (heading := _HEADING.match(line)):
            found[number] = len(heading[1])
    return found
