"""Make a learner's output readable: own frames first, in the learner's own paths.

A traceback through an async framework has thirty frames, of which one or two are
the learner's. What stays: the exception, the own frames as `path:line`, and how
many frames of libraries were left out. What a killed process stood at, as
faulthandler dumps it, is treated in the same way.
Source: CPython's `traceback` and `faulthandler`, whose formats are read here.
Leaves out: tracebacks of other languages, which stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from servelab.grading.report import escape

MAX_LINES = 60
MAX_LINE = 500
MAX_FRAMES = 12

_HEAD = re.compile(
    r"^(?:[A-Z]+:\s+)?(?P<group>\s*[|+] +)?\s*(?:Exception Group )?Traceback \(most recent call last\):$"
)
_DUMP = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+.* \(most recent call first\):$")
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:,? in (?P<name>.*))?$')
_BAR = re.compile(r"^\s*[|+] ?")
_RULE = re.compile(r"^\s*\+[-+]*-{8,}(?: (?P<number>\d+|\.\.\.) -+)?$")
_MARKS = re.compile(r"^\s*[\^~][\^~\s]*$")
_LIBRARY = re.compile(r"^.*/(?:site-packages|python3\.\d+)/")
_CHAINS = {
    "The above exception was the direct cause of the following exception:": "which was the direct cause of:",
    "During handling of the above exception, another exception occurred:": "and while that was handled:",
}
_ABORTED = "Fatal Python error: Aborted"
_STOOD_HERE = "when it was stopped, it stood here (most recent call first):"
_OTHER_THREADS = "in other threads:"
_STOOD_NOWHERE = (
    "when it was stopped, its main thread was in none of your own lines: it waited inside a library"
)


@dataclass
class _Frames:
    """The frames of one traceback: own ones as lines to show, of the others their number and the last one."""

    own: list[str] = field(default_factory=list)
    others: int = 0
    last_other: str = ""

    def shown(self) -> Iterator[str]:
        if len(self.own) > 2 * MAX_FRAMES:
            yield from self.own[:MAX_FRAMES]
            yield f"    ({len(self.own) - 2 * MAX_FRAMES} lines left out)"
            yield from self.own[-MAX_FRAMES:]
        else:
            yield from self.own
        if not self.own and self.last_other:
            yield self.last_other
        hidden = self.others - (not self.own and self.others > 0)
        if hidden:
            yield f"    ({hidden} {'frame' if hidden == 1 else 'frames'} of libraries left out)"


def readable(output: str, inside: str, shown: str) -> str:
    """Return output with control characters removed, tracebacks shortened and paths mapped.

    Args:
        output: what the learner's processes printed; may be hostile.
        inside: the implementation's folder as the process saw it.
        shown: the same folder as the learner knows it.
    """
    clean = escape.block(output, max(len(output), 1)).split("\n")
    segments = list(_segments([line[:MAX_LINE] for line in clean], inside))
    lines = [line for _, segment in segments for line in segment]
    if len(lines) > MAX_LINES:
        lines = _cut(segments, lines)
    return "\n".join(line.replace(f"{inside}/", f"{shown}/") for line in lines).strip("\n")


def _cut(segments: list[tuple[bool, list[str]]], lines: list[str]) -> list[str]:
    """Keep the end, and before it the last traceback when that lies further up."""
    tail = lines[-MAX_LINES:]
    last = next((segment for is_traceback, segment in reversed(segments) if is_traceback), [])[:MAX_LINES]
    kept = [] if not last or last[0] in tail else last
    left_out = len(lines) - len(tail) - len(kept)
    return [*kept, f"… {left_out} lines left out …", *tail]


def _segments(lines: list[str], inside: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield the output in pieces, each with whether it is a traceback."""
    position = 0
    while position < len(lines):
        line = lines[position]
        if head := _HEAD.match(line):
            segment, position = _traceback(lines, position + 1, inside, grouped=bool(head["group"]))
            yield True, segment
        elif line == _ABORTED:
            segment, position = _dump(lines, position + 1, inside)
            yield True, segment
        elif line.strip(" |") in _CHAINS:
            position = _after_blank(lines, position + 1)
            yield False, [_CHAINS[line.strip(" |")]]
        else:
            position += 1
            rule = _RULE.match(line)
            number = rule["number"] if rule else None
            yield (
                False,
                [] if rule and not number else [f"exception {number} of the group:" if number else line],
            )


def _traceback(lines: list[str], position: int, inside: str, *, grouped: bool) -> tuple[list[str], int]:
    """Read frames and exception; return what to show and the position after them."""
    frames, keep, syntax = _Frames(), False, False
    while position < len(lines):
        text = _BAR.sub("", lines[position]) if grouped else lines[position]
        if frame := _FRAME.match(text):
            keep, syntax = frame["path"].startswith(f"{inside}/"), frame["name"] is None
            _add(frames, frame, own=keep)
        elif not text.startswith("  "):
            break
        elif keep and (syntax or not _MARKS.match(text)):
            frames.own.append(f"  {text}")
        position += 1
    if position == len(lines) or _HEAD.match(lines[position]):
        return list(frames.shown()), position
    exception = _BAR.sub("", lines[position]) if grouped else lines[position]
    position += 1
    # The next link of a chain says by itself that it is one.
    after = _after_blank(lines, position)
    chained = after < len(lines) and lines[after].strip(" |") in _CHAINS
    return [exception, *frames.shown()], after if chained else position


def _after_blank(lines: list[str], position: int) -> int:
    while position < len(lines) and not lines[position].strip(" |"):
        position += 1
    return position


def _dump(lines: list[str], position: int, inside: str) -> tuple[list[str], int]:
    """Read the stacks of all threads; show the own frames, those of the main thread first."""
    threads: list[list[str]] = []
    while position < len(lines):
        if _DUMP.match(lines[position]):
            frames = _Frames()
            position += 1
            while position < len(lines) and (frame := _FRAME.match(lines[position])):
                _add(frames, frame, own=frame["path"].startswith(f"{inside}/"))
                position += 1
            threads.append(frames.own)
        elif not lines[position].strip() or lines[position].startswith(("Extension modules:", "  ...")):
            position += 1
        else:
            break
    # The newest thread comes first in the dump. The main thread, on which the event loop turns, is the last.
    *others, main = threads or [[]]
    aside = [frame for thread in others for frame in thread]
    here = [_STOOD_HERE, *main] if main else [_STOOD_NOWHERE]
    return [*here, *([_OTHER_THREADS, *aside] if aside else [])], position


def _add(frames: _Frames, frame: re.Match[str], *, own: bool) -> None:
    where = f" in {frame['name']}" if frame["name"] else ""
    if own:
        frames.own.append(f"  {frame['path']}:{frame['line']}{where}")
    else:
        frames.others += 1
        frames.last_other = f"  {_LIBRARY.sub('', frame['path'])}:{frame['line']}{where}"
