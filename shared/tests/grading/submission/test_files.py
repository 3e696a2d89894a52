"""The files and the environment of a submission."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servelab.grading.submission import Submission

Make = Callable[..., Submission]
Inside = Callable[[Submission, str], Any]


def test_a_file_is_read(make: Make) -> None:
    """Dockerfiles and settings are graded as text."""
    submission = make({"Dockerfile": "FROM scratch\n", "bad.txt": "x"})

    assert "FROM scratch\n" == submission.read("Dockerfile")
    assert submission.exists("Dockerfile")
    assert not submission.exists("compose.yml")


def test_no_link_is_followed_when_a_file_is_read(make: Make, tmp_path: Path) -> None:
    """At level process, learner code could put one there after the intake."""
    submission = make()
    root = tmp_path / "copy"
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (root / "file").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)

    for name in ("file", "folder/secret", "missing", "src"):
        with pytest.raises(AssertionError, match="is missing from your implementation"):
            submission.read(name)
    assert not submission.exists("file")


def test_a_file_that_is_too_large_is_not_read(make: Make) -> None:
    """The intake has a limit of its own, which is higher."""
    with pytest.raises(AssertionError, match="larger than 256 KiB"):
        make({"Dockerfile": "x" * 300_000}).read("Dockerfile")


def test_the_submission_cannot_change_itself(make: Make, inside: Inside) -> None:
    """What is read for grading is what was handed in."""
    submission = make()
    if inside(submission, "told = str(__import__('pathlib').Path.cwd())") != "/submission":
        pytest.skip("at level process only the intake's modes protect the copy")
    code = """
        import os
        try:
            told = os.open("src/answer.py", os.O_RDWR)
        except OSError as error:
            told = error.strerror
    """

    assert inside(submission, code) in ("Read-only file system", "Permission denied")


def test_the_environment_is_the_graders_own(
    make: Make, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets of whoever grades, and paths that would bring other modules, stay outside."""
    for name in ("SECRET_TOKEN", "PYTHONSTARTUP", "SERVICE_WORKERS", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "/secret")
    told = inside(make(), "import os\ntold = dict(os.environ)")

    assert not [name for name, value in told.items() if "secret" in value]
    assert ("1", "1") == (told["PYTHONNOUSERSITE"], told["PYTHONDONTWRITEBYTECODE"])
    assert not [name for name in told if "TASK" in name], "which task is graded is none of its business"
