"""Claims about what `make up` makes before it starts anything."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from servelab.course_root import COURSE_ROOT

SCRIPT = Path("shared/compose/secrets.sh")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with nothing but the script and the example."""
    root = tmp_path / "clone"
    (root / SCRIPT.parent).mkdir(parents=True)
    shutil.copy(COURSE_ROOT / SCRIPT, root / SCRIPT)
    shutil.copy(COURSE_ROOT / ".env.example", root)
    return root


def run(clone: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the script from somewhere else, with variables of its environment."""
    kept = {name: value for name, value in os.environ.items() if name != "SECRETS_FOLDER"}
    return subprocess.run(
        [clone / SCRIPT], cwd="/", env=kept | variables, capture_output=True, text=True, check=False
    )


def mode(path: Path) -> int:
    """Return who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_settings_and_secrets(clone: Path) -> None:
    """A machine has other users; the files are open for the users of containers, the folder for nobody."""
    done = run(clone)

    assert 0 == done.returncode, done.stderr
    assert 0o600 == mode(clone / ".env")
    assert 0o700 == mode(clone / ".secrets")
    assert {0o444} == {mode(path) for path in (clone / ".secrets").iterdir()}


@pytest.mark.parametrize(("folder", "whose"), [("solution", "solution"), ("src", "starter")])
def test_a_student_edition_runs_the_starters(clone: Path, folder: str, whose: str) -> None:
    """It has no solutions, and an image of what is not there can't be built."""
    (clone / "exercise-01-fastapi-fundamentals" / folder).mkdir(parents=True)

    run(clone)

    assert f"\nIMPL={whose}\n" in (clone / ".env").read_text()


def test_no_two_secrets_are_the_same(clone: Path, tmp_path: Path) -> None:
    """A secret that can be guessed, or is the same on every machine, is none."""
    run(clone)
    shutil.copytree(clone, tmp_path / "other", ignore=shutil.ignore_patterns(".env", ".secrets"))
    run(tmp_path / "other")

    made = [
        path.read_text() for root in (clone, tmp_path / "other") for path in (root / ".secrets").iterdir()
    ]
    assert 8 == len(set(made))
    assert {48} == {len(secret) for secret in made}, "24 random bytes"


def test_what_is_there_stays(clone: Path) -> None:
    """A new password would lock its owner out of the data that the old one protects."""
    run(clone)
    (clone / ".env").write_text("SECRETS_FOLDER=./.secrets\nIMPL=starter\n")
    before = {path.name: path.read_text() for path in (clone / ".secrets").iterdir()}

    done = run(clone)

    assert (0, "") == (done.returncode, done.stdout)
    assert "IMPL=starter" in (clone / ".env").read_text()
    assert before == {path.name: path.read_text() for path in (clone / ".secrets").iterdir()}


def test_a_missing_line_is_said_and_not_guessed(clone: Path) -> None:
    """Secrets that are made in a place where nobody looks for them are lost."""
    (clone / ".env").write_text("IMPL=starter\n")

    done = run(clone)

    assert 2 == done.returncode
    assert "SECRETS_FOLDER" in done.stderr
    assert not (clone / ".secrets").exists()


@pytest.mark.parametrize("mode_of_folder", [0o755, 0o710, 0o701, 0o750])
def test_a_folder_that_others_can_look_into_is_refused(clone: Path, mode_of_folder: int) -> None:
    """The files are readable for all, so the folder is all that keeps the machine's other users out."""
    (clone / ".secrets").mkdir()
    (clone / ".secrets").chmod(mode_of_folder)

    done = run(clone)

    assert 2 == done.returncode
    assert "chmod 700 ./.secrets" in done.stderr
    assert [] == list((clone / ".secrets").iterdir())


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_the_secrets_are_where_compose_looks_for_them(clone: Path, quote: str) -> None:
    """Compose takes quotes off a value; a folder with quotes in its name is one that it never opens."""
    (clone / ".env").write_text(f"SECRETS_FOLDER=./earlier\nSECRETS_FOLDER={quote}./my secrets{quote}\n")

    done = run(clone)

    assert 0 == done.returncode, done.stderr
    assert {".env", "my secrets"} <= {path.name for path in clone.iterdir()}
    assert not (clone / "earlier").exists()


def test_the_environment_comes_before_the_settings(clone: Path, tmp_path: Path) -> None:
    """So it is for Compose, which would otherwise find no secret where the environment sends it."""
    done = run(clone, SECRETS_FOLDER=str(tmp_path / "elsewhere"))

    assert 0 == done.returncode, done.stderr
    assert 4 == len(list((tmp_path / "elsewhere").iterdir()))
    assert not (clone / ".secrets").exists()


@pytest.mark.parametrize("path", [".env", ".secrets/redis_password"])
def test_git_never_sees_them(path: str) -> None:
    """What is committed once is known for ever."""
    ignored = subprocess.run(
        ["/usr/bin/env", "git", "check-ignore", "--quiet", path], cwd=COURSE_ROOT, check=False
    )

    assert 0 == ignored.returncode
