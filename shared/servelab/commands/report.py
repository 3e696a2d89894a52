"""How results of tests look at a terminal: a line a test, and three parts for each failure.

    ✓ liveness answers while a model is down
    ✗ readiness says 503 when a model does not answer
        An orchestrator must not send traffic to a service that can't answer.
        expected: 503 …
        the call: curl …
        your service said: …

Source: Exercism's messages (call, got, expected).
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from servelab.commands.output import printable, program
from servelab.grading.report.wording import full, lacks, number, sentence
from servelab.grading.verdict import Grade, TestResult, Verdict

if TYPE_CHECKING:
    from rich.console import Console

MARKS: dict[Verdict, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "error": ("!", "magenta"),
    "timeout": ("✗", "red"),
    "not-run": ("·", "yellow"),
}
INDENT = 6
WORDS: dict[Verdict, str] = {
    "pass": "passes",
    "fail": "fails",
    "error": "could not be graded",
    "timeout": "took too long",
    "not-run": "was not run",
}


def print_test(console: "Console", result: TestResult, *, details: bool) -> None:
    """Print one test, and the three parts of its failure if it failed."""
    from rich.padding import Padding
    from rich.text import Text

    mark, colour = MARKS[result.verdict]
    line = Text.assemble((f"{mark} ", colour), printable(sentence(result.id)))
    if result.verdict == "timeout":
        line.append("  took too long", "red")
    console.print(Padding(line, (0, 0, 0, 2), expand=False))
    if details and result.verdict != "pass":
        _print_failure(console, result)


def _print_failure(console: "Console", result: TestResult) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for part, style in ((result.claim, "italic"), (result.expected, "bold")):
        if part:
            console.print(Padding(Text(printable(part), style), (0, 0, 0, INDENT), expand=False))
    for name, part in (("the call", result.call), ("your service said", result.said)):
        if part:
            console.print(Text(f"{'':{INDENT}}{name}:", "dim"))
        # Never wrapped: a call is pasted, a path is clicked.
        for line in printable(part).rstrip().splitlines():
            console.print(Text(f"{'':{INDENT}}  {line}"), soft_wrap=True)
    console.print()


def print_summary(console: "Console", grade: Grade) -> None:
    """Print the verdict of each task, the known mistake that it makes, and what to do next."""
    from rich.padding import Padding
    from rich.text import Text

    console.print()
    for task in grade.tasks:
        mark, colour = MARKS[task.verdict]
        passed = sum(test.verdict == "pass" for test in task.tests)
        counted = f": {passed} of {len(task.tests)} tests pass" if task.tests else ""
        took = f" in {task.seconds:.1f} s" if task.seconds else ""
        console.print(
            Text.assemble(
                (f"{mark} ", colour), (f"{task.task} {WORDS[task.verdict]}", "bold"), f"{counted}{took}"
            )
        )
        if task.diagnosis:
            guess = f"This looks like a known mistake: {printable(task.diagnosis)}"
            console.print(Padding(Text(guess, "yellow"), (0, 0, 0, 2)))
        elif not task.tests and task.message and task.graded:
            console.print(Text(f"  {printable(task.message)}"))
    _print_lacks(console, grade)
    for note in grade.notes:
        console.print(Text(printable(note), "yellow"), soft_wrap=True)
    failing = next((task for task in grade.tasks if task.verdict in ("fail", "timeout")), None)
    if failing:
        console.print(Text(f"Stuck? {program()} hint {failing.task}", "dim"))


def _print_lacks(console: "Console", grade: Grade) -> None:
    """Print what this machine lacks, once for all tasks that require it, and what could be graded without."""
    from rich.text import Text

    for lack in lacks(grade.tasks):
        # Never wrapped: its command is pasted.
        console.print(Text(lack, "yellow"), soft_wrap=True)
    if 0 < grade.graded_here < grade.out_of and grade.score is not None:
        console.print(f"{number(grade.score)} of {full(grade.graded_here, grade.out_of)}")


def as_json(grade: Grade) -> dict[str, Any]:
    """Return a grade of practice as JSON values."""
    return {
        "path": grade.path,
        "exercise": grade.exercise,
        "isolation": grade.isolation,
        "score": grade.score,
        "out_of": grade.out_of,
        "graded_here": grade.graded_here,
        "seconds": grade.seconds,
        "tasks": [asdict(task) for task in grade.tasks],
    }


def failed(grade: Grade) -> bool:
    """Whether some task that was graded here has not passed; where none was graded, nothing has passed."""
    graded = [task for task in grade.tasks if task.graded]
    return not graded or any(task.verdict != "pass" for task in graded)
