"""A learner's progress survives what happens to its file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servelab.course import progress

MOMENT = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_new_clone_has_no_progress(tmp_path: Path) -> None:
    """The first command of a course must not need a file."""
    assert {} == progress.load(tmp_path).passed


def test_what_passed_is_remembered(tmp_path: Path) -> None:
    """A learner goes on tomorrow where they stopped today."""
    progress.change(tmp_path, lambda kept: kept.mark_passed("1.2", "d1", MOMENT))

    assert progress.Pass(at=MOMENT, digest="d1") == progress.load(tmp_path).passed["1.2"]


def test_a_task_that_fails_again_is_forgotten(tmp_path: Path) -> None:
    """A task that fails now is not done, whatever it did before."""
    progress.change(tmp_path, lambda kept: kept.mark_passed("1.2", "d1"))

    progress.change(tmp_path, lambda kept: kept.forget("1.2"))

    assert {} == progress.load(tmp_path).passed


@pytest.mark.parametrize("text", ["", '{"version": 1, "pas', '{"version": 2}', "[1]", "\x00\xff"])
def test_a_broken_file_is_set_aside_with_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """A file that nobody understands is kept for its owner, and the course goes on."""
    path = tmp_path / progress.NAME
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))

    kept = progress.load(tmp_path)

    aside = list(path.parent.iterdir())
    assert {} == kept.passed
    assert [text.encode("latin-1")] == [found.read_bytes() for found in aside]
    assert 1 == len(caplog.messages)
    assert str(aside[0]) in caplog.messages[0]


def test_progress_that_cannot_be_kept_is_said_and_not_fatal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In a read-only clone the tests still run."""
    (tmp_path / ".servelab").write_text("in the way", encoding="utf-8")

    progress.change(tmp_path, lambda kept: kept.mark_passed("1.2", "d1"))

    assert any("can't be kept" in message for message in caplog.messages)


def test_the_file_is_plain_json_with_a_version(tmp_path: Path) -> None:
    """A later version must know what it reads."""
    progress.change(tmp_path, lambda kept: kept.hints.update({"1.2": 2}))

    content = json.loads((tmp_path / progress.NAME).read_text(encoding="utf-8"))

    assert {"version": 1, "passed": {}, "hints": {"1.2": 2}} == content
