"""Claims about what the smoke test says when the engine fails it."""

import os
from pathlib import Path

import pytest

from servelab.dev.stack.errors import StackError
from servelab.dev.stack.project import Project
from servelab.dev.stack.report import Report
from servelab.dev.stack.smoke import smoke

GONE = "Cannot connect to the Docker daemon"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker that always fails, in front of any other one; a test may write another program into it."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    says(program, f"echo '{GONE}' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def says(program: Path, script: str) -> None:
    """Write a program."""
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def failed(report: Report) -> dict[str, str]:
    """Return the claims that did not hold, with what was seen."""
    return {check.claim: check.seen for check in report.checks if not check.held}


@pytest.mark.usefixtures("docker")
def test_an_engine_that_does_not_answer_has_not_been_seen_to_be_empty() -> None:
    """A stack that nobody could look for may still run, and take memory and ports."""
    report = smoke(lambda _: None)

    assert "failed" == report.status
    assert GONE in failed(report)["nothing is left of it"]


def test_a_stack_that_can_not_be_taken_down_hides_nothing(docker: Path) -> None:
    """The first failure is the one to mend, and what is left has to be removed by hand."""
    says(
        docker,
        'case "$*" in\n'
        "*' up '*) echo 'no space left' >&2; exit 1 ;;\n"
        "*' ps '*) ;;\n"
        "'volume ls'*) echo data ;;\n"
        "*' down '*) echo 'is in use' >&2; exit 1 ;;\n"
        "esac",
    )

    report = smoke(lambda _: None)

    assert {
        "the stack does what it is there for": "no space left",
        "it can be taken down": "the stack could not be taken down: is in use",
        "nothing is left of it": "volume data",
    } == failed(report)


@pytest.mark.usefixtures("docker")
def test_no_list_of_containers_is_not_an_empty_list() -> None:
    """Whoever counts replicas would look for them in the wrong place."""
    with pytest.raises(StackError) as caught:
        Project("none", {}).containers("exercise-01")

    assert GONE in str(caught.value)
