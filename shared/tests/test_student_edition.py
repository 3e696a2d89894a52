"""The student edition works for a learner, and holds nothing that gives an answer away."""

import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from servelab.course import variant
from servelab.course.region import parse
from servelab.dev.scratch_clone import ScratchClone
from servelab.grading import manifest

ARCHIVE = "student-edition.tar.gz"
GIT = (
    "/usr/bin/env",
    "git",
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@localhost",
    "-c",
    "init.defaultBranch=main",
)


def run(folder: Path, *command: str) -> str:
    """Run a program in a folder and return what it prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert 0 == done.returncode, f"{command}: {done.stderr}"
    return done.stdout


def commit_all(folder: Path) -> None:
    """Make a folder a git repository with one commit."""
    run(folder, *GIT, "init", "--quiet")
    run(folder, *GIT, "add", "--all")
    run(folder, *GIT, "commit", "--quiet", "--message", "all")


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> ScratchClone:
    """A student edition as a learner has it: unpacked, in a repository of its own."""
    folder = tmp_path_factory.mktemp("edition")
    clone = ScratchClone(folder / "clone")
    for exercise in manifest.exercises():
        clone.write_starter(exercise)
    commit_all(clone.folder)
    run(clone.folder, "/usr/bin/env", "make", "student-edition")
    with tarfile.open(clone.folder / ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    clone.folder.rename(folder / "teacher")
    (folder / "student-edition").rename(clone.folder)
    commit_all(clone.folder)
    return clone


def answers() -> Iterator[str]:
    """Yield the text of every region of every solution."""
    for exercise in manifest.exercises():
        for name, text in variant.source_files(exercise).items():
            yield from (region.inner for region in parse(name, text))


def test_no_text_of_a_region_is_in_it(edition: ScratchClone) -> None:
    """Whatever gives an answer away must not be in it, wherever it came from."""
    long_enough = [text for text in answers() if len(text) > 200]
    files = [path for path in edition.folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    texts = {path: path.read_text(encoding="utf-8", errors="ignore") for path in files}

    assert long_enough
    assert not [path for path, text in texts.items() if any(answer in text for answer in long_enough)]


def test_it_lacks_what_is_for_teachers(edition: ScratchClone) -> None:
    """A mutant is a solution but for one line."""
    names = {path.relative_to(edition.folder).as_posix() for path in edition.folder.glob("*/*")}

    assert not {
        name
        for name in names
        if name.endswith(("/solution", "/mutants", "/hostile", "/COMMENTARY.md", "/layers.py", "/tests"))
    } - {f"{exercise.folder.name}/tests" for exercise in manifest.exercises()}


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("start", 0, "Task 1.1"),
        ("test 1.2", 1, "1.2 fails"),
        ("hint 1.2", 0, "nudge"),
        ("progress", 0, "0 of"),
        ("zoo check", 0, "ok"),
    ],
)
def test_what_a_learner_needs_works(edition: ScratchClone, command: str, code: int, says: str) -> None:
    """Without the solutions, the course is still the course."""
    done = edition.servelab(*command.split())

    assert (code, True) == (done.returncode, says in done.stdout), f"{done.stdout}\n{done.stderr}"
    assert "defect" not in done.stderr


def test_reset_finds_the_generated_file_in_the_history(edition: ScratchClone) -> None:
    """Without the solution, only git knows what a file was."""
    file = edition.folder / "exercise-01-fastapi-fundamentals" / "starter" / "src" / "routers" / "health.py"
    before = file.read_text(encoding="utf-8")
    file.write_text("broken", encoding="utf-8")

    done = edition.servelab("reset", "1.2")

    assert 0 == done.returncode, done.stderr
    assert before == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command", ["reveal 1.2 --give-up", "sync", "sync --check", "verify --task 1.2", "screens --check"]
)
def test_what_needs_the_solutions_says_so_in_one_sentence(edition: ScratchClone, command: str) -> None:
    """A learner is told what is absent, and by whom they can get it."""
    done = edition.servelab(*command.split())

    assert 2 == done.returncode, done.stderr
    assert "student edition" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_the_task_that_needs_the_reference_says_what_is_absent(edition: ScratchClone) -> None:
    """A learner's tests can't run against a reference that is not there; say so, not that they fail."""
    done = edition.servelab("test", "1.12")

    assert 0 != done.returncode
    # The path before these words decides where their line is broken.
    assert "student edition" in " ".join((done.stdout + done.stderr).split())
    assert "defect" not in done.stderr
