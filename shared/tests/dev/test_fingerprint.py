"""The fingerprint of a run covers everything that decides its outcome, and little else."""

import ast
import os
import platform
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from servelab.course import variant
from servelab.dev import fingerprint, house_rule, verification
from servelab.dev.fingerprint import GRADES, PACKAGE

if TYPE_CHECKING:
    from tests.dev.conftest import Proof

Change = Callable[["Proof", pytest.MonkeyPatch], None]


def edit(name: str, old: str, new: str) -> Change:
    """A change of a file of the exercise."""
    return lambda proof, _: proof.edit(name, old, new)


def source(name: str) -> Change:
    """A change of a file of servelab."""
    return lambda proof, _: variant.write({name: "X = 2\n"}, proof.folder.parent / "package")


def patch(target: object, name: str, value: object) -> Change:
    """A change of the machine."""
    return lambda _, monkeypatch: monkeypatch.setattr(target, name, value)


def setting(name: str) -> Change:
    """A change of the environment."""
    return lambda _, monkeypatch: monkeypatch.setenv(name, "/changed")


TOML = "exercise.toml"
DECIDES: dict[str, tuple[Change, str]] = {
    "the tests that must fail": (
        edit("mutants/1.01-undead.toml", "live.py::test_liveness", "live.py::test_other"),
        "mutant 1.01-undead",
    ),
    "the mistake": (edit("mutants/1.01-undead.toml", '"undead"', '"dead"'), "mutant 1.01-undead"),
    "the points of an attack": (edit("hostile/01-exit/hostile.toml", "= 0", "= 1"), "hostile 01-exit"),
    "an attack": (edit("hostile/01-exit/files/src/__init__.py", "exit", "quit"), "hostile 01-exit"),
    "what makes an attack": (edit("hostile/01-exit/make.py", "", "import os"), "hostile 01-exit"),
    "the reference": (edit("solution/src/main.py", "65536", "4096"), "starter 1.1 1.2 1.3"),
    "the reference beside an attack": (edit("solution/src/main.py", "65536", "4096"), "hostile 01-exit"),
    "a graded test": (edit("tests/test_01_live.py", "alive", "well"), "mutant 1.01-undead"),
    "what tests share": (edit("tests/conftest.py", "made.kill()", "made.end()"), "prefix 1.2"),
    "a scenario": (edit("tests/scenarios/two_probes.py", "live()]", "'']"), "mutant 1.01-undead"),
    "data of the tests": (edit("tests/data/rows.csv", "2", "3"), "hole 1.3"),
    "the configuration of pytest": (edit("pytest.ini", "tests", "checks"), "hole 1.3"),
    "points": (edit(TOML, "points = 5", "points = 6"), "hole 1.3"),
    "a limit of time": (edit(TOML, "minutes = 20", "minutes = 20\ntime_limit_s = 5"), "mutant 1.01-undead"),
    "a need": (edit(TOML, 'needs = ["1.1"]', "needs = []"), "hole 1.1"),
    "the files that are seen": (edit(TOML, "points = 5", 'points = 5\nfiles = ["src/**"]'), "hole 1.2"),
    "how it is served": (edit(TOML, '"-m"', '"-I", "-m"'), "mutant 1.01-undead"),
    "what is taken": (edit(TOML, "src/**/*.py", "src/*.py"), "mutant 1.01-undead"),
    "the grader": (source("grading/session.py"), "mutant 1.01-undead"),
    "a new module of the grader": (source("grading/new.py"), "mutant 1.01-undead"),
    "an artefact of the zoo": (source("zoo/artifacts/a.onnx"), "mutant 1.01-undead"),
    "how variants are made": (source("course/variant.py"), "mutant 1.01-undead"),
    "the judge": (source("dev/row.py"), "mutant 1.01-undead"),
    "the seed": (patch(verification, "SEED", 1), "mutant 1.01-undead"),
    "the interpreter": (patch(sys, "version", "4.0"), "mutant 1.01-undead"),
    "its place": (patch(sys, "prefix", "/other"), "mutant 1.01-undead"),
    "a distribution": (
        patch(metadata, "distributions", lambda **_: [SimpleNamespace(name="a", version="2")]),
        "mutant 1.01-undead",
    ),
    "the kernel": (patch(platform, "release", lambda: "9.0"), "mutant 1.01-undead"),
    "the architecture": (patch(platform, "machine", lambda: "riscv64"), "mutant 1.01-undead"),
    "the user": (patch(os, "geteuid", lambda: 4711), "mutant 1.01-undead"),
    "the processors": (patch(os, "cpu_count", lambda: 4711), "mutant 1.01-undead"),
    "bubblewrap": (patch(fingerprint, "_sandbox", lambda: "bubblewrap 9"), "mutant 1.01-undead"),
    "packages of the system": (
        lambda proof, _: variant.write({"status": "Package: x"}, proof.folder.parent),
        "mutant 1.01-undead",
    ),
    "a service": (patch(fingerprint, "availability", lambda: ["redis 9"]), "mutant 1.01-undead"),
    "a container engine": (patch(fingerprint, "engine_lacking", lambda: "it hangs"), "mutant 1.01-undead"),
    "the isolation level": (lambda proof, _: setattr(proof, "level", "bubblewrap"), "mutant 1.01-undead"),
    **{name: (setting(name), "mutant 1.01-undead") for name in ("TMPDIR", "PYTHONHASHSEED", "http_proxy")},
}


@pytest.mark.usefixtures("nothing_drawn")
@pytest.mark.parametrize("ingredient", DECIDES)
def test_a_row_is_run_again_when_something_that_decides_it_has_changed(
    proof: "Proof", monkeypatch: pytest.MonkeyPatch, ingredient: str
) -> None:
    """A key that leaves something out would call right what nobody has seen."""
    change, name = DECIDES[ingredient]
    proof.verify()

    change(proof, monkeypatch)
    outcomes = proof.verify()

    assert name in proof.ran
    assert [False] == list({row.kept for row in outcomes if row.row.name in name})


@pytest.mark.usefixtures("nothing_drawn")
@pytest.mark.parametrize(
    ("change", "ran"),
    [
        (edit("README.md", "A probe asks", "A probe wants"), []),
        (edit(TOML, "What does a probe ask?", "Look."), []),
        (source("dev/commands/verify.py"), []),
        (source("course/watch.py"), []),
        (setting("SHELL"), []),
        (edit("hostile/01-exit/make.py", "", "import os"), ["hostile 01-exit"]),
        (edit("mutants/1.01-undead.toml", '"undead"', '"dead"'), ["mutant 1.01-undead"]),
    ],
    ids=["brief", "hint", "command", "watch mode", "shell", "another attack", "another mutant"],
)
def test_what_decides_nothing_runs_nothing(
    proof: "Proof", monkeypatch: pytest.MonkeyPatch, change: Change, ran: list[str]
) -> None:
    """Evidence that is lost with every edit would be none."""
    proof.verify()

    change(proof, monkeypatch)
    proof.verify()

    assert ran == proof.ran


@pytest.mark.usefixtures("nothing_drawn")
def test_a_graded_test_decides_only_the_rows_that_run_its_task(proof: "Proof") -> None:
    """Who sharpens one test waits for the rows of its task, and for those that run everything."""
    proof.verify()

    proof.edit("tests/test_03_ready.py", "ready", "able")
    proof.verify()

    assert not [name for name in proof.ran if name.startswith(("mutant", "hostile"))]
    assert {"hole 1.1", "prefix 1.2"} < set(proof.ran)
    assert "prefix 1.1" not in proof.ran


def test_what_is_graded_by_is_in_the_fingerprint() -> None:
    """Whatever the verification imports of servelab can change what comes of it."""
    covered = {path for pattern in GRADES for path in fingerprint._below(pattern)}
    queue = [PACKAGE / "dev" / name for name in ("verification.py", "matrix.py", "evidence.py")]
    needed: set[Path] = set()
    while queue:
        path = queue.pop()
        if path not in needed:
            needed.add(path)
            queue += _imported(path)

    assert not {path.relative_to(PACKAGE).as_posix() for path in needed - covered}


def _imported(path: Path) -> list[Path]:
    place = PurePosixPath("shared", "servelab", *path.relative_to(PACKAGE).parts)
    found = []
    for _, module in house_rule._imports(ast.parse(path.read_text(encoding="utf-8")), place):
        names = module.split(".")[1:]
        for base in (PACKAGE.joinpath(*names), PACKAGE.joinpath(*names[:-1])):
            found += [base.with_suffix(".py"), base / "__init__.py"] if module.startswith("servelab.") else []
    return [each for each in found if each.is_file()]
