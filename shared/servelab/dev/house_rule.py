"""House rules of the code: what may import what, what a module may be called, how long it may be.

| code                     | may import                                                          |
|--------------------------|---------------------------------------------------------------------|
| an exercise's service    | itself (`src`), `servelab.zoo`, `servelab.bench`, third parties     |
| its graded tests         | what the grader may, and never `src`: it runs in another process;   |
|                          | no other graded test, which a row of `verify` would not know of     |
| their scenarios          | as the service, beside which they run                               |
| `servelab.zoo`, `bench`  | nothing of grading, course and commands                             |
| `servelab.grading`       | nothing of course and commands                                      |
| `grading/inside`         | the standard library, its neighbours, and what it is there to run   |
| `servelab.course`        | nothing of commands                                                 |
| all but `commands.app`   | nothing of `servelab.dev`, the contributors' workshop               |

Source: polar's house rules, executable AST checks whose message states the fix.
Leaves out: the starter, which is the learner's and generated from the solution;
names that a program imports by `importlib` with a computed name.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_LINES = 300
VAGUE_NAMES = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"})
SKIPPED_PARTS = frozenset({"__pycache__", ".venv", "starter", "hostile"})

LEARNER_MAY = ("servelab.zoo", "servelab.bench")
RUN_INSIDE = frozenset({"pytest", "debugpy"})  # the learner's own suite, and the learner's debugger
ABOVE_GRADING = ("servelab.course", "servelab.commands", "servelab.cli")
ABOVE_COURSE = ("servelab.commands", "servelab.cli")
ABOVE_ZOO = ("servelab.grading", *ABOVE_GRADING)
WORKSHOP = ("servelab.dev",)

FIX_LEARNER = (
    "an exercise uses servelab.zoo and servelab.bench alone; write the few lines that it needs there"
)
FIX_GRADED = "a graded test meets learner code through `submission` alone; move the code to tests/scenarios"
FIX_SHARED = "a graded test stands alone; move what two of them need into a module beside them"
FIX_EXERCISE = "an exercise never reads another one; repeat the few lines, or move them into servelab"
FIX_LAYER = "imports go from commands to course to grading to zoo; pass in what the lower layer needs"
FIX_INSIDE = "beside learner code runs the standard library alone; do the rest on the grader's side"
FIX_DEV = "the workshop is for contributors; what learners or instructors run moves out of servelab.dev"
FIX_NAME = "name the module after the one concept that it holds"
FIX_LENGTH = "split it at the seam between two concepts"


@dataclass(frozen=True)
class Violation:
    """One breach of a rule: where, what, and how to fix it."""

    where: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


Check = Callable[[str], str | None]
"""Takes the full name of an imported module; returns the fix when the import is forbidden."""


def violations(root: Path) -> list[Violation]:
    """Return all breaches in the Python files of a clone, in the order of their paths."""
    return [found for path in _sources(root) for found in _examine(root, path)]


def _sources(root: Path) -> Iterator[Path]:
    for top in sorted([root / "shared", *root.glob("exercise-*")]):
        for path in sorted(top.rglob("*.py")):
            if not SKIPPED_PARTS.intersection(path.relative_to(root).parts):
                yield path


def _examine(root: Path, path: Path) -> Iterator[Violation]:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES:
        yield Violation(name, f"{path.stem!r} says nothing about what is in it", FIX_NAME)
    if (lines := len(text.splitlines())) > MAX_LINES:
        yield Violation(name, f"{lines} lines are more than {MAX_LINES}", FIX_LENGTH)
    tree = ast.parse(text, filename=name)
    checks = list(_checks(PurePosixPath(name)))
    for line, module in _imports(tree, PurePosixPath(name)):
        for fix in filter(None, (check(module) for check in checks)):
            yield Violation(f"{name}:{line}", f"imports {module}", fix)
    if name.startswith("exercise-"):
        yield from _other_exercises(name, tree)


def _checks(path: PurePosixPath) -> Iterator[Check]:
    """Yield the rules that hold for a file, by its place in the clone."""
    match path.parts:
        case ("shared", "servelab", "dev", *_) | ("shared", "servelab", "commands", "app.py"):
            pass
        case ("shared", "servelab", *_):
            yield _never(WORKSHOP, FIX_DEV)
    match path.parts:
        case (exercise, "tests", *rest) if exercise.startswith("exercise-") and "scenarios" not in rest:
            yield _never(("src",), FIX_GRADED)
            yield lambda module: FIX_SHARED if module.startswith("test_") else None
            yield _never(ABOVE_GRADING, FIX_LAYER)
        case (exercise, *_) if exercise.startswith("exercise-"):
            yield _of_servelab_only(LEARNER_MAY, FIX_LEARNER)
        case ("shared", "servelab", "zoo" | "bench" | "services", *_):
            yield _never(ABOVE_ZOO, FIX_LAYER)
        case ("shared", "servelab", "grading", *rest):
            yield _never(ABOVE_GRADING, FIX_LAYER)
            if rest[0] == "inside":
                yield _standard_library
        case ("shared", "servelab", "course", *_):
            yield _never(ABOVE_COURSE, FIX_LAYER)


def _never(forbidden: tuple[str, ...], fix: str) -> Check:
    return lambda module: fix if _within(module, forbidden) else None


def _of_servelab_only(allowed: tuple[str, ...], fix: str) -> Check:
    return lambda module: fix if _within(module, ("servelab",)) and not _within(module, allowed) else None


def _standard_library(module: str) -> str | None:
    top = module.partition(".")[0]
    return None if top in sys.stdlib_module_names or top in RUN_INSIDE or _is_inside(top) else FIX_INSIDE


def _is_inside(module: str) -> bool:
    # They run as programs, so their neighbours are at hand by their bare names.
    return (Path(__file__).parents[1] / "grading" / "inside" / f"{module}.py").is_file()


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _imports(tree: ast.Module, path: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each import, also of those inside functions.

    `from servelab import zoo` counts as `servelab.zoo`: whether the name is a module
    can't be seen, and for these rules it does not matter.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, path)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node.func) in ("import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def _absolute(node: ast.ImportFrom, path: PurePosixPath) -> str:
    if not node.level:
        return node.module or ""
    # The package folders below `shared` or below the implementation: exercise-…/solution.
    package = path.parts[1 if path.parts[0] == "shared" else 2 : -node.level]
    return ".".join((*package, node.module) if node.module else package)


def _called(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def _other_exercises(name: str, tree: ast.Module) -> Iterator[Violation]:
    """Yield mentions of another exercise's folder in strings, which is how one could be read."""
    own = name[: len("exercise-01")]
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            others = [f"exercise-{number:02d}" for number in range(1, 10) if f"exercise-{number:02d}" != own]
            if mentioned := next((other for other in others if other in node.value), None):
                yield Violation(f"{name}:{node.lineno}", f"names {mentioned}", FIX_EXERCISE)
