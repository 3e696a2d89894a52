"""Writing reports: all files or none, and never half of one."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servelab.errors import GraderFaultError, MisuseError
from servelab.grading import report
from servelab.grading.verdict import Grade, TaskResult

NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)
NAMES = {"report.json", "report.xml", "report.csv", "report.html", "report.txt"}


def grade(points: float) -> Grade:
    """Return a grade of one task of eight points."""
    task = TaskResult("1.1", "factory", "pass", points, 8, stretch=False, seconds=1.0, message="")
    return Grade("alice.zip", 1, "bubblewrap", (task,), 1.0)


def content(folder: Path) -> dict[str, str]:
    """Return the files of a folder by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_five_files_are_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    """A folder of reports must not fill with temporary files."""
    report.write_all([grade(8.0)], tmp_path / "new/out", now=NOW)

    assert NAMES == set(content(tmp_path / "new/out"))
    assert ["out"] == [path.name for path in (tmp_path / "new").iterdir()]
    assert 0o755 == (tmp_path / "new/out").stat().st_mode & 0o777


def test_a_new_report_replaces_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    """Somebody may keep notes beside the reports."""
    report.write_all([grade(8.0)], tmp_path, now=NOW)
    (tmp_path / "notes.txt").write_text("mine")

    report.write_all([grade(2.0)], tmp_path, now=NOW)

    assert {*NAMES, "notes.txt"} == set(content(tmp_path))
    assert '"score": 2.0' in content(tmp_path)["report.json"]
    assert "mine" == content(tmp_path)["notes.txt"]


@pytest.mark.parametrize("place", ["flush", "rename", "second rename"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A report that is half of this run and half of the last is worse than an old one."""
    report.write_all([grade(8.0)], tmp_path, now=NOW)
    before = content(tmp_path)
    calls = []
    original = Path.replace

    def full(*_: Any) -> None:  # noqa: ANN401 - in place of functions with different arguments
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            full()
        return original(self, target)

    if place == "flush":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full if place == "rename" else second_fails)
    with pytest.raises(MisuseError) as caught:
        report.write_all([grade(2.0)], tmp_path, now=NOW)
    monkeypatch.undo()

    assert f"the report can't be written to {tmp_path}: No space left on device" == str(caught.value)
    assert before == content(tmp_path)


def test_an_impossible_number_writes_nothing(tmp_path: Path) -> None:
    """A fault of the grader must not leave a report behind that looks like one."""
    with pytest.raises(GraderFaultError):
        report.write_all([grade(float("nan"))], tmp_path / "out", now=NOW)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "write", [report.check_writable, lambda out: report.write_all([grade(8.0)], out, now=NOW)]
)
def test_a_place_that_is_no_folder_is_misuse(tmp_path: Path, write: Any) -> None:  # noqa: ANN401 - two signatures
    """It is said before an hour of grading, in one sentence."""
    (tmp_path / "file").write_text("x")

    for out in (tmp_path / "file", tmp_path / "file/out"):
        with pytest.raises(MisuseError) as caught:
            write(out)
        assert "is not a folder" in str(caught.value)


def test_a_folder_in_the_place_of_a_file_is_misuse(tmp_path: Path) -> None:
    """It may hold something that somebody wants to keep."""
    (tmp_path / "report.html").mkdir()

    with pytest.raises(MisuseError) as caught:
        report.write_all([grade(8.0)], tmp_path, now=NOW)

    assert f"the report can't be written to {tmp_path}: report.html in it is a folder" == str(caught.value)
    assert ["report.html"] == [path.name for path in tmp_path.iterdir()]


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A report folder that others can write to must not make the grader overwrite something else."""
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/report.json").symlink_to(tmp_path / "victim")

    report.write_all([grade(8.0)], tmp_path / "out", now=NOW)

    assert "precious" == (tmp_path / "victim").read_text()
    assert not (tmp_path / "out/report.json").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
def test_a_folder_without_permission_is_misuse(shown_path: Path) -> None:
    """The instructor must not lose an hour of grading to a read-only folder."""
    os.seteuid(65534)
    try:
        with pytest.raises(MisuseError) as caught:
            report.check_writable(shown_path / "out")
    finally:
        os.seteuid(0)

    assert "no permission to write to" in str(caught.value)
