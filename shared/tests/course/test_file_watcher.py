"""Every save below a starter is seen, and nothing else is."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from servelab.course.file_watcher import watch_files

Saves = Queue[frozenset[Path]]


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """A starter beside other folders of an exercise."""
    folder = tmp_path / "starter"
    (folder / "src").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    return folder


@pytest.fixture
def seen(tmp_path: Path, starter: Path) -> Iterator[Saves]:
    """The saves that are seen below the starter."""
    queue: Saves = Queue()
    with watch_files([tmp_path], [starter], queue.put):
        yield queue


def test_a_save_is_seen_with_its_file(starter: Path, seen: Saves) -> None:
    """From the first one on: the block begins when it listens."""
    path = starter / "src" / "main.py"

    path.write_text("x", encoding="utf-8")

    assert path in seen.get(timeout=10)


def test_caches_and_files_beside_the_starter_are_not_the_learners(starter: Path, seen: Saves) -> None:
    """A test run writes caches; seeing them would begin the next run, for ever."""
    (starter / "src" / "__pycache__").mkdir()
    (starter / "src" / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"x")
    (starter.parent / "tests" / "test_01.py").write_text("x", encoding="utf-8")
    (starter / "src" / "mine.py").write_text("x", encoding="utf-8")

    first = seen.get(timeout=10)

    assert {"mine.py"} == {path.name for path in first if path.suffix}
    with pytest.raises(Empty):
        seen.get(timeout=0.5)


def test_a_starter_that_goes_and_comes_back_is_still_watched(starter: Path, seen: Saves) -> None:
    """Git does that when a learner switches branches."""
    shutil.rmtree(starter)
    seen.get(timeout=10)
    (starter / "src").mkdir(parents=True)
    seen.get(timeout=10)

    (starter / "src" / "main.py").write_text("x", encoding="utf-8")

    assert any(path.name == "main.py" for path in seen.get(timeout=10))
