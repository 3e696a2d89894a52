"""Intake of a folder: only allow-listed files, never through a link, and the learner's own stay untouched."""

import os
import socket
import stat
from pathlib import Path

import pytest

from servelab.grading import intake
from servelab.grading.intake import safe_reader
from servelab.grading.manifest import Exercise

EXERCISE = Exercise(
    number=1,
    title="FastAPI fundamentals",
    hours="4 to 6",
    folder=Path("/course/exercise-01-fastapi-fundamentals"),
    programs=(),
    allow=("src/**/*.py", "tests/**/*.py", "Dockerfile", ".dockerignore"),
    tasks=(),
)


def write(root: Path, *names: str) -> Path:
    """Write files that say their own name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", encoding="utf-8")
    return root


def content(folder: Path) -> dict[str, str]:
    """Return all files below a folder by their path."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_only_allow_listed_files_are_copied(tmp_path: Path) -> None:
    """A `conftest.py` or `pytest.ini` in a submission could take over its own grading."""
    names = ("src/main.py", "src/routers/health.py", "tests/test_own.py", "Dockerfile")
    write(
        tmp_path / "alice", *names, "conftest.py", "pytest.ini", "src/data.json", ".git/config", "docs/src.py"
    )

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert tuple(sorted(names)) == taken.files
    assert {name: f"# {name}\n" for name in names} == content(tmp_path / "copy")
    assert 1 == len(taken.notes)
    assert taken.notes[0].startswith("5 other entries were left out: ")


def test_the_copy_can_be_read_by_another_user_and_changed_by_nobody(tmp_path: Path) -> None:
    """The learner's code runs as another user, whatever the umask of the grader is."""
    write(tmp_path / "alice", "src/models/row.py")
    before = os.umask(0o077)

    try:
        intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "copy").rglob("*")}
    assert {"src": 0o555, "models": 0o555, "row.py": 0o444} == modes
    assert 0o555 == stat.S_IMODE((tmp_path / "copy").stat().st_mode)


def test_links_are_never_followed(tmp_path: Path) -> None:
    """A link in `src/` could bring the reference solution or another learner's work into a submission."""
    write(tmp_path / "other", "src/services/answer.py", "key.py")
    write(tmp_path / "alice", "src/main.py")
    (tmp_path / "alice/src/answer.py").symlink_to(tmp_path / "other/key.py")
    (tmp_path / "alice/src/services").symlink_to(tmp_path / "other/src/services")

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    refused = {f"src/{name} is a link, which is never followed" for name in ("answer.py", "services")}
    assert refused == set(taken.notes)


def test_a_submission_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """In a folder of submissions, a link could make a learner be graded on another's work."""
    write(tmp_path / "other", "src/main.py")
    (tmp_path / "alice").symlink_to(tmp_path / "other")

    with pytest.raises(intake.SubmissionError) as caught:
        intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert "it is a link: give the folder or archive itself" == str(caught.value)


def test_a_file_that_becomes_a_link_after_it_was_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at a file and opening it are two moments; a learner's daemon can swap it between them."""
    write(tmp_path / "alice", "src/main.py", "src/swapped.py", "src/deep/x.py")
    write(tmp_path / "other", "x.py", "deep/x.py")
    swapped = tmp_path / "alice/src/swapped.py"
    read = safe_reader.SafeReader.read

    def swap_then_read(self: safe_reader.SafeReader, parts: tuple[str, ...], limit_bytes: int) -> bytes:
        if not swapped.is_symlink():
            swapped.unlink()
            swapped.symlink_to(tmp_path / "other/x.py")
            (tmp_path / "alice/src/deep").rename(tmp_path / "alice/src/gone")
            (tmp_path / "alice/src/deep").symlink_to(tmp_path / "other/deep")
        return read(self, parts, limit_bytes)

    monkeypatch.setattr(safe_reader.SafeReader, "read", swap_then_read)
    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    assert "src/swapped.py is a link, which is never followed" in taken.notes
    assert any(note.startswith("src/deep/x.py can't be read") for note in taken.notes)


def test_a_fifo_and_a_socket_neither_hang_nor_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a FIFO waits for a writer who never comes."""
    write(tmp_path / "alice", "src/main.py")
    os.mkfifo(tmp_path / "alice/src/fifo.py")
    monkeypatch.chdir(tmp_path)  # the path of a socket is at most 107 bytes long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("alice/src/socket.py")

        taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    refused = {f"src/{name}.py is neither a file nor a folder" for name in ("fifo", "socket")}
    assert refused == set(taken.notes)


def test_a_hostile_name_is_escaped_in_its_note(tmp_path: Path) -> None:
    """A name with a newline or a terminal sequence could forge a line of the report."""
    write(tmp_path / "alice", "src/main.py")
    for name in (b"a\nscore 100.py", b"b\x1b[2J.py", b"c\xff.py", "d\u202eyp.py".encode()):
        Path(os.fsdecode(bytes(tmp_path / "alice/src") + b"/" + name)).write_bytes(b"")

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    shown = {note.split(" has a name")[0] for note in taken.notes}
    assert {"src/a\\nscore 100.py", "src/b\\x1b[2J.py", "src/c\\udcff.py", "src/d\\u202eyp.py"} == shown


def test_an_enormous_file_is_absent_and_a_sparse_one_costs_nothing(tmp_path: Path) -> None:
    """A terabyte of zeros takes no room on the learner's disk, and must take none on the grader's."""
    write(tmp_path / "alice", "src/main.py")
    with (tmp_path / "alice/src/huge.py").open("wb") as file:
        file.truncate(1 << 40)

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert (("src/main.py",), ("src/huge.py is larger than 1 MiB",)) == (taken.files, taken.notes)


def test_a_file_that_is_not_utf_8_is_copied_byte_by_byte(tmp_path: Path) -> None:
    """Python itself will say what is wrong with it, at the line where it is wrong."""
    write(tmp_path / "alice", "src/main.py")
    (tmp_path / "alice/src/latin.py").write_bytes(b"name = '\xe9'\r\n\0")

    intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert b"name = '\xe9'\r\n\0" == (tmp_path / "copy/src/latin.py").read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_an_unreadable_file_is_absent_with_its_reason(shown_path: Path) -> None:
    """One file with the wrong mode must not cost a learner the whole submission."""
    write(shown_path / "alice", "src/main.py", "src/secret.py", "src/closed/x.py")
    (shown_path / "alice/src/secret.py").chmod(0)
    (shown_path / "alice/src/closed").chmod(0)
    (shown_path / "open").mkdir()
    (shown_path / "open").chmod(0o777)

    os.seteuid(65534)
    try:
        taken = intake.take(shown_path / "alice", EXERCISE, shown_path / "open/copy")
    finally:
        os.seteuid(0)

    assert ("src/main.py",) == taken.files
    refused = {f"src/{name} can't be read (Permission denied)" for name in ("secret.py", "closed")}
    assert refused == set(taken.notes)


def test_the_learners_files_stay_as_they_were(tmp_path: Path) -> None:
    """Grading reads; a learner's clone must not change by it, not even a mode."""
    write(tmp_path / "alice", "src/main.py", "conftest.py")
    before = {path: path.stat() for path in (tmp_path / "alice").rglob("*")}

    intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    after = {path: path.stat() for path in (tmp_path / "alice").rglob("*")}
    assert [(p, s.st_mode, s.st_mtime_ns) for p, s in before.items()] == [
        (p, s.st_mode, s.st_mtime_ns) for p, s in after.items()
    ]
