"""Task regions: the parts of the solution that a learner writes.

    # task 1.2: say whether every model answers                 body: the end of a function's block
    # task 1.4, declaration: mount the prediction routes        left out of the starter
    # task 1.12, file: a black-box suite                        a whole file
    …
    # end task 1.2

One text serves as solution and starter, so the two cannot drift.
Source: nbgrader's and Otter's solution regions, here in any kind of file.
Leaves out: nested regions, which no task has needed.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn, cast

from servelab.errors import MisuseError

Form = Literal["body", "declaration", "file"]

_BEGIN = re.compile(
    r"^(?P<indent>\s*)(?P<comment>#|//|--|;) (?:TODO\()?task (?P<id>\d+\.\d+)\)?"
    r"(?:, (?P<form>declaration|file))?: (?P<title>\S.*)$"
)
_END = re.compile(r"^\s*(?:#|//|--|;) end task (?P<id>\d+\.\d+)$")


@dataclass(frozen=True)
class Region:
    """One region: `begin` and `end` are the numbers of its marker lines from 0, `inner` the text between."""

    task: str
    form: Form
    title: str
    indent: str
    comment: str
    begin: int
    end: int
    marker: str
    inner: str

    @property
    def text(self) -> str:
        """The region as it stands, without its end marker."""
        return f"{self.marker}\n{self.inner}" if self.inner else self.marker

    @property
    def todo(self) -> str:
        """The marker of a region that the learner has yet to write."""
        form = "" if self.form == "body" else f", {self.form}"
        return f"{self.indent}{self.comment} TODO(task {self.task}){form}: {self.title}"

    @property
    def stub(self) -> str:
        """What the starter has in the region's place, by its form."""
        if self.form != "body":
            return self.todo
        title = self.title.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.todo}\n{self.indent}raise NotImplementedError("task {self.task}: {title}")'


class RegionError(MisuseError):
    """A file's regions are not well formed; the message gives file and line."""


def parse(name: str, text: str) -> list[Region]:
    r"""Find the regions of a file, in order.

    Args:
        name: the file's path, for messages; a `.py` ending adds the checks of Python code.
        text: its content.

    Raises:
        RegionError: a region is nested or unclosed, a file region does not span
            the file, or code after a body region could not be reached.

    >>> [r.task for r in parse("a.cfg", "# task 1.2, declaration: x\ny = 1\n# end task 1.2\n")]
    ['1.2']
    """
    lines = text.split("\n")
    regions = list(_scan(name, lines))
    for region in regions:
        if region.form == "file" and (region.begin != 0 or any(lines[region.end + 1 :])):
            _fail(name, region.begin, f"the file region of task {region.task} must span the whole file")
    if name.endswith(".py"):
        _check_python(name, text, regions)
    return regions


def _scan(name: str, lines: list[str]) -> Iterator[Region]:
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines):
        if begin := _BEGIN.match(line):
            if opened:
                _fail(name, number, f"task {begin['id']} begins inside the region of task {opened[1]['id']}")
            opened = (number, begin)
        elif end := _END.match(line):
            if opened is None or opened[1]["id"] != end["id"]:
                _fail(name, number, f"'end task {end['id']}' closes no open region")
            start, head = opened
            form = cast("Form", head["form"] or "body")
            inner = "\n".join(lines[start + 1 : number])
            yield Region(
                head["id"],
                form,
                head["title"],
                head["indent"],
                head["comment"],
                start,
                number,
                lines[start],
                inner,
            )
            opened = None
    if opened:
        _fail(name, opened[0], f"the region of task {opened[1]['id']} is never closed")


def _check_python(name: str, text: str, regions: list[Region]) -> None:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        _fail(name, (error.lineno or 1) - 1, f"not valid Python: {error.msg}")
    for region in regions:
        if region.form == "body":
            _check_body(name, tree, region)


def _check_body(name: str, tree: ast.Module, region: Region) -> None:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for block in _blocks(function):
            inside = [stmt for stmt in block if region.begin < stmt.lineno - 1 < region.end]
            if not inside:
                continue
            if block[-1] is not inside[-1]:
                _fail(
                    name,
                    region.end,
                    f"code after the body region of task {region.task} could not be reached in the starter",
                )
            return
    _fail(
        name,
        region.begin,
        f"the body region of task {region.task} holds no statement of a function; is it a declaration?",
    )


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the statement lists of a function, outermost first."""
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block


def _fail(name: str, line: int, what: str) -> NoReturn:
    msg = f"{name}:{line + 1}: {what}"
    raise RegionError(msg)


def fill(name: str, text: str, content: Callable[[Region], str]) -> str:
    """Return the text with its regions exchanged.

    Args:
        name: the file's path, for messages.
        text: its content.
        content: gives for a region the lines that replace it down to its end
            marker: `region.text` keeps it, `region.stub` empties it.
    """
    lines = text.split("\n")
    result: list[str] = []
    after = 0
    for region in parse(name, text):
        result += [*lines[after : region.begin], content(region), lines[region.end]]
        after = region.end + 1
    return "\n".join(result + lines[after:])
