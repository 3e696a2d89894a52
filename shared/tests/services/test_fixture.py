"""The pytest fixtures: a service for a whole run, and a skip with a reason where there is none."""

import os
import subprocess
import sys
from pathlib import Path

SUITE = """
from servelab import services

def test_a_service_is_shared(redis, request):
    assert redis.url
    assert redis is request.getfixturevalue("redis")

def test_without_it_this_is_not_run(alertmanager):
    raise AssertionError

def test_nor_is_this():
    with services.haproxy("frontend none"):
        raise AssertionError
"""


def run(folder: Path, **environment: str) -> str:
    """Run the suite with the plugin alone, and return what pytest prints."""
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "servelab.services.fixture", "-rs", "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def test_a_service_that_can_not_be_had_skips_the_test_with_the_reason(tmp_path: Path) -> None:
    """A machine without it has neither passed nor failed."""
    hide = "from servelab.services import program; program.SYSTEM_FOLDERS = ()\n"
    (tmp_path / "conftest.py").write_text(hide, encoding="utf-8")

    said = run(tmp_path, PATH="/nowhere")

    assert "1 passed, 2 skipped" in said
    assert "not run: haproxy is not on this machine; get it with: sudo apt-get install" in said
    assert "not run: alertmanager is not on this machine; get it with: sudo apt-get install" in said


def test_a_service_that_is_there_and_fails_is_an_error(tmp_path: Path) -> None:
    """What is broken must not look like what is absent."""
    said = run(tmp_path, ALERTMANAGER_URL="http://127.0.0.1:1")

    assert "1 passed" in said
    assert "1 error" in said
    assert "ALERTMANAGER_URL=http://127.0.0.1:1 does not answer" in said
