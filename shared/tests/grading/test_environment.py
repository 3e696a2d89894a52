"""An environment is here when its interpreter and its modules are; nothing of it is started to find out."""

import sys
from pathlib import Path

import pytest

from servelab import course_root
from servelab.grading.environment import Environment

OWN = Environment(name="demo", extra="exercise-02", where="own", modules=("demo.deep", "other"), size="3 kB")


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an environment of its own that is complete."""
    monkeypatch.setattr(course_root, "COURSE_ROOT", tmp_path)
    prefix = tmp_path / ".venvs" / "demo"
    site = prefix / "lib" / "python3.11" / "site-packages"
    for folder in (prefix / "bin", site / "demo"):
        folder.mkdir(parents=True)
    (prefix / "bin" / "python").touch()
    (prefix / ".place").write_text(f"{tmp_path}\n", encoding="utf-8")
    for name in ("demo/__init__.py", "demo/deep.py", "other.py"):
        (site / name).write_text("raise AssertionError('imported')", encoding="utf-8")
    return prefix


def test_it_is_found_without_being_imported(prefix: Path) -> None:
    """An import of torch takes seconds, and what is asked for here is only whether it is there."""
    assert "" == OWN.fault()
    assert (prefix, prefix / "bin" / "python") == (OWN.prefix, OWN.python)
    assert "shared/setup/environment.sh exercise-02 .venvs/demo" == OWN.command
    assert "demo" not in sys.modules


@pytest.mark.parametrize("broken", ["bin/python", "lib"])
def test_one_that_is_gone_is_not_here(prefix: Path, broken: str) -> None:
    """No folder, or an interpreter that the system has removed."""
    (prefix / broken).rename(prefix / "away")

    assert "is not on this machine" == OWN.fault()


@pytest.mark.parametrize(("file", "module"), [("demo/deep.py", "demo.deep"), ("other.py", "other")])
def test_one_without_a_module_is_incomplete(prefix: Path, file: str, module: str) -> None:
    """Half an environment would make errors out of what is a lack."""
    site = prefix / "lib" / "python3.11" / "site-packages"
    (site / file).unlink()
    (site / "other").mkdir(exist_ok=True)  # a folder that holds nothing is no module

    assert f"is incomplete, it has no {module}" == OWN.fault()


def test_one_whose_installation_was_interrupted_is_incomplete(prefix: Path) -> None:
    """All its modules may be there, and what they need not."""
    (prefix / ".incomplete-02").touch()

    assert "is incomplete, its installation was interrupted" == OWN.fault()


def test_one_that_has_moved_is_of_no_use(prefix: Path) -> None:
    """The first lines of its programs name the old place."""
    (prefix / ".place").write_text("/somewhere/else", encoding="utf-8")

    assert "was made for another clone" == OWN.fault()


def test_a_part_of_the_base_is_looked_for_where_servelab_runs() -> None:
    """What can share an environment does."""
    base = OWN.model_copy(update={"where": "base", "modules": ("rich.text", "pytest")})
    absent = base.model_copy(update={"modules": ("no_such_module.at_all",)})

    assert ("", "is not on this machine") == (base.fault(), absent.fault())
    assert (Path(sys.prefix), Path(sys.executable)) == (base.prefix, base.python)
    assert "shared/setup/environment.sh exercise-02" == base.command
