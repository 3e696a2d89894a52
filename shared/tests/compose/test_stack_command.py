"""Claims about `servelab stack smoke` and plain `docker compose`, as their users see them."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from servelab import container_engine
from servelab.course_root import COURSE_ROOT
from servelab.dev.commands.stack import app
from servelab.dev.stack import settings
from servelab.dev.stack.project import compose_lacking
from servelab.dev.stack.settings import short_lived, solution_lacking

needs_compose = pytest.mark.skipif(bool(compose_lacking()), reason=compose_lacking())


def config(variables: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Let Compose check the file with all its profiles; this needs no engine."""
    return subprocess.run(
        [
            "/usr/bin/env",
            "docker",
            "compose",
            "--env-file",
            os.devnull,
            "--profile",
            "*",
            "config",
            "--quiet",
        ],
        cwd=COURSE_ROOT,
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_CONFIG") if name in os.environ},
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_an_engine_it_says_that_it_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make test-compose` goes on there, and nobody takes that for a passed test."""
    monkeypatch.setattr(container_engine, "engine_lacking", lambda: "the program docker is not installed")

    text = CliRunner().invoke(app, ["smoke"])
    asked = CliRunner().invoke(app, ["smoke", "--json", "-"])

    assert (0, 0) == (text.exit_code, asked.exit_code)
    assert "stack smoke: not run: the program docker is not installed" in text.stdout
    assert "not run" == json.loads(asked.stdout)["status"]
    assert [] == json.loads(asked.stdout)["checks"]


def test_without_a_solution_it_says_that_it_was_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A student edition has none to run, and its smoke test would end in a build that fails."""
    monkeypatch.setattr(settings, "solution_lacking", lambda: solution_lacking(tmp_path))

    done = CliRunner().invoke(app, ["smoke"])

    assert 0 == done.exit_code
    assert "stack smoke: not run: there is no solution here" in done.stdout
    assert "" == solution_lacking()


def test_ci_demands_that_it_was_run() -> None:
    """For whoever has no engine "not run" is fine; a green check that means it is not."""
    text = (COURSE_ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    (step,) = [
        step
        for step in yaml.safe_load(text)["jobs"]["stack"]["steps"]
        if "test-compose" in step.get("run", "")
    ]

    assert "grep --quiet --line-regexp 'stack smoke: passed'" in step["run"]
    # Of the shells of the workflow, this one fails with the first program of a pipe.
    assert "bash" == step["shell"]


@needs_compose
def test_compose_accepts_the_file_with_every_profile(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A profile that nobody starts here must start elsewhere."""
    done = config(short_lived(tmp_path_factory.mktemp("secrets")))

    assert (0, "") == (done.returncode, done.stderr)


@needs_compose
def test_compose_without_settings_says_what_to_do() -> None:
    """Whoever types `docker compose up` first is told the one command that is missing."""
    done = config({})

    assert 0 != done.returncode
    assert 'run "make up"' in done.stderr
