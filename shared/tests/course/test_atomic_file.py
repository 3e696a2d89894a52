"""A file written by the course is there in full or not at all."""

import os
import threading
from pathlib import Path

import pytest

from servelab import atomic_file


def test_a_file_in_a_missing_folder_is_written(tmp_path: Path) -> None:
    """The first run has no folder yet."""
    path = tmp_path / "new" / "file.json"

    atomic_file.write_text(path, "text\n")

    assert "text\n" == path.read_text(encoding="utf-8")


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not cost a learner what was there."""
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", _no_space)

    with pytest.raises(OSError, match="No space"):
        atomic_file.write_text(path, "new")

    assert "old" == path.read_text(encoding="utf-8")
    assert ["file"] == [found.name for found in tmp_path.iterdir()]


def _no_space(_self: Path, _target: Path) -> None:
    raise OSError(28, "No space left on device")


def test_an_existing_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    """A learner's file is replaced, not its place in their folder."""
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    link.symlink_to(path)

    atomic_file.write_text(link, "new")

    assert link.is_symlink()
    assert "new" == path.read_text(encoding="utf-8")
    assert 0o600 == path.stat().st_mode & 0o777


def test_what_is_no_regular_file_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """`--json /dev/stdout` must not turn a device into a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()

    atomic_file.write_text(pipe, "through")
    reader.join(5)

    assert ["through"] == read
    assert pipe.is_fifo()
