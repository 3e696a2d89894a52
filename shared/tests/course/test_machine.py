"""The doctor says what is lacking, and the command that mends it."""

from pathlib import Path

import pytest

from servelab.course import machine
from servelab.course_root import COURSE_ROOT

PROJECT = """\
[project]
dependencies = [{}]
[project.optional-dependencies]
exercise-01 = []
"""


def pyproject(tmp_path: Path, *dependencies: str) -> Path:
    """Write a project with these dependencies."""
    path = tmp_path / "pyproject.toml"
    path.write_text(PROJECT.format(", ".join(map(repr, dependencies))), encoding="utf-8")
    return path


def test_what_is_installed_is_compared_with_the_project(tmp_path: Path) -> None:
    """An old environment is the commonest trouble of all."""
    check = machine.dependencies(pyproject(tmp_path, "pytest>=1", "no-such-thing>=1", "rich<1"))

    assert not check.ok
    assert "no-such-thing is missing; rich " in check.found
    assert check.found.endswith("is out of range")
    assert "make setup" == check.mend


def test_a_requirement_of_another_platform_is_not_missing(tmp_path: Path) -> None:
    """What does not exist on a platform is not asked for there."""
    assert machine.dependencies(pyproject(tmp_path, "no-such-thing; python_version < '3'")).ok


def test_a_missing_project_file_is_said(tmp_path: Path) -> None:
    """The doctor is called when things are broken."""
    check = machine.dependencies(tmp_path / "pyproject.toml")

    assert not check.ok
    assert "can't be read" in check.found


def test_a_changed_model_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that was swapped gives other answers than the tests expect."""
    from servelab.zoo import card  # noqa: PLC0415 - numpy is slow to import

    changed = tmp_path / "artifacts"
    changed.mkdir()
    for kept in card.catalogue():
        (changed / kept.file).write_bytes(b"other")
    monkeypatch.setattr(card, "ARTIFACTS", changed)

    check = machine.zoo()

    assert not check.ok
    assert "git restore" in check.mend


def test_a_program_that_is_missing_or_hangs_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor itself must never hang."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "TIMEOUT_S", 0.2)
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexec /bin/sleep 30\n", encoding="utf-8")
    docker.chmod(0o755)

    assert not machine.git().ok
    assert "installed, but no engine answers" == machine.docker().found


def test_every_lack_has_a_name_and_what_mends_it() -> None:
    """Whatever this machine lacks, the learner is told what to do."""
    checks = list(machine.examine(COURSE_ROOT))

    assert all(check.name and check.found for check in checks)
    assert all(check.mend for check in checks if not check.ok)
