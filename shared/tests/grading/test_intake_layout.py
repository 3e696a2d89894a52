"""Intake: the implementation is found where learners put it, within limits, and copied to its own place."""

from pathlib import Path

import pytest

from servelab.errors import GraderFaultError, MisuseError
from servelab.grading import intake
from servelab.grading.intake import bound, safe_reader
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


@pytest.mark.parametrize(
    ("files", "root"),
    [
        (["src/main.py"], ""),
        (["starter/src/main.py", "solution/src/main.py", "tests/test_01.py", "exercise.toml"], "starter"),
        (["alice/src/main.py"], "alice"),
        (["alice/starter/src/main.py"], "alice/starter"),
        (
            ["exercise-01-fastapi-fundamentals/starter/src/main.py"],
            "exercise-01-fastapi-fundamentals/starter",
        ),
        (
            [
                "exercise-01-fastapi-fundamentals/starter/src/main.py",
                "exercise-01-fastapi-fundamentals/solution/src/main.py",
                "exercise-02-model-serving/starter/src/main.py",
                "shared/servelab/cli.py",
            ],
            "exercise-01-fastapi-fundamentals/starter",
        ),
        (
            ["fork/exercise-01-fastapi-fundamentals/starter/src/main.py", "fork/README.md"],
            "fork/exercise-01-fastapi-fundamentals/starter",
        ),
    ],
)
def test_the_implementation_is_found_where_learners_put_it(
    tmp_path: Path, files: list[str], root: str
) -> None:
    """Learners hand in the folder, the exercise, the clone, or any of them inside another folder."""
    write(tmp_path / "alice", *files)

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert (("src/main.py",), root) == (taken.files, taken.root)
    assert {"src/main.py": f"# {root + '/' if root else ''}src/main.py\n"} == content(tmp_path / "copy")


def test_an_implementation_goes_before_a_starter_beside_it_and_says_so(tmp_path: Path) -> None:
    """A learner who worked beside the untouched starter must not be graded on the starter in silence."""
    write(tmp_path / "alice", "src/main.py", "starter/src/main.py")

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert "" == taken.root
    assert "starter/src/ is not graded: src/ goes before it" in taken.notes


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "it is empty: hand in the folder that holds src/"),
        (["notes.txt", "data/a.csv"], "there is no src/ with Python files among"),
        (["a/src/main.py", "b/src/main.py"], "it holds more than one implementation, in a/ and b/"),
        (["exercise-02-model-serving/starter/src/main.py"], "there is no src/ with Python files among"),
        (["solution/src/main.py", "exercise.toml"], "there is no src/ with Python files among"),
        (["SRC/main.py"], "there is no src/ with Python files among SRC/"),
        (["src/readme.md"], "there is no src/ with Python files among src/"),
    ],
)
def test_what_is_no_submission_ends_in_one_sentence(tmp_path: Path, files: list[str], sentence: str) -> None:
    """An instructor must see at once that a learner handed in the wrong thing."""
    folder = tmp_path / "alice"
    folder.mkdir()
    write(folder, *files)

    with pytest.raises(intake.SubmissionError) as caught:
        intake.take(folder, EXERCISE, tmp_path / "copy")

    assert str(caught.value).startswith(sentence)
    assert not (tmp_path / "copy").exists()


def test_too_many_files_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    """One submission must not fill the grader's disk."""
    write(tmp_path / "many", *(f"src/m{number}.py" for number in range(bound.MAX_FILES + 1)))
    write(tmp_path / "big", "src/main.py")
    for number in range(9):
        (tmp_path / f"big/src/big{number}.py").write_bytes(b"#" * bound.MAX_FILE_BYTES)
    sentences = []

    for name in ("many", "big"):
        with pytest.raises(intake.SubmissionError) as caught:
            intake.take(tmp_path / name, EXERCISE, tmp_path / "copy")
        sentences.append(str(caught.value))

    assert "it holds 401 files to be graded, more than 400: leave out what is not code" == sentences[0]
    assert "its files to be graded exceed 8 MiB: leave out what is not code" == sentences[1]
    assert not (tmp_path / "copy").exists()


def test_a_folder_beside_the_code_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment of 20,000 files must not make a submission slow or too large."""
    write(tmp_path / "alice", "src/main.py", ".venv/src/a.py", "data/deep/er/b.py")
    seen = []
    scan = safe_reader.SafeReader.scan

    def watched(self: safe_reader.SafeReader, parts: tuple[str, ...]) -> list[tuple[str, safe_reader.Kind]]:
        seen.append("/".join(parts))
        return scan(self, parts)

    monkeypatch.setattr(safe_reader.SafeReader, "scan", watched)
    intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert {"", "src", "data"} == set(seen)


def test_deep_and_long_paths_are_noted(tmp_path: Path) -> None:
    """A path that no file system takes must not stop the copying half-way."""
    write(tmp_path / "alice", "src/main.py", "src/" + "d/" * 20 + "x.py", f"src/{'n' * 200}/{'m' * 200}.py")

    taken = intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    assert any("lies more than 11 folders deep" in note for note in taken.notes)
    assert any("has a path of more than 240 characters" in note for note in taken.notes)


def test_a_missing_path_and_a_remote_address_are_misuse(tmp_path: Path) -> None:
    """These are mistakes of the one who grades, not of the one who is graded."""
    sentences = []

    for path in (tmp_path / "nobody", "https://example.org/alice.git", "git@example.org:alice.git"):
        with pytest.raises(MisuseError) as caught:
            intake.take(path, EXERCISE, tmp_path / "copy")
        sentences.append(str(caught.value))

    assert f"there is nothing at {tmp_path}/nobody" in sentences[0]
    assert all("is not on this disk: clone it first" in sentence for sentence in sentences[1:])


def test_a_copy_goes_into_a_folder_of_its_own(tmp_path: Path) -> None:
    """Files of one learner must never be mixed with those of another."""
    write(tmp_path / "alice", "src/main.py")
    write(tmp_path / "copy", "src/bob.py")

    with pytest.raises(GraderFaultError) as caught:
        intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    assert "is not empty" in str(caught.value)
    assert {"src/bob.py": "# src/bob.py\n"} == content(tmp_path / "copy")


def test_a_copy_can_be_discarded(tmp_path: Path) -> None:
    """Read-only folders can't be emptied by an owner who is not root."""
    write(tmp_path / "alice", "src/a/main.py")
    intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")

    intake.discard(tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
