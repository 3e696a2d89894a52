"""shared/setup/environment.sh makes environments: once, whole or not at all, and anew after a move."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from servelab import course_root
from servelab.course_root import COURSE_ROOT
from servelab.grading.environment import Environment

PROJECT = """\
[project.optional-dependencies]
demo = ["stub"]
demo-more = []
"""
DEMO = Environment(name="demo", extra="demo", where="own", modules=("stub",), size="1 kB")
SCRIPTS = ("environment.sh", "python.sh")


class Clone:
    """A clone with the scripts and a project of one package, which a folder beside it may hold."""

    def __init__(self, root: Path) -> None:
        """Write the clone."""
        self.root = root / "clone"
        self.wheels = root / "wheels"
        self.wheels.mkdir()
        for name in SCRIPTS:
            target = self.root / "shared" / "setup" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(COURSE_ROOT / "shared" / "setup" / name, target)
        (self.root / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (self.root / "constraints.txt").write_text("stub==1\n", encoding="utf-8")

    def publish(self, version: str) -> None:
        """Make a version of the package available."""
        about = f"stub-{version}.dist-info"
        with zipfile.ZipFile(self.wheels / f"stub-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("stub.py", f"VERSION = {version}\n")
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: stub\nVersion: {version}\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(
                f"{about}/RECORD", f"stub.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
            )

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script, with nothing but the folder to install from."""
        indexless = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.run(
            [self.root / "shared/setup/environment.sh", *(arguments or ("demo", ".venvs/demo"))],
            cwd=self.root,
            env={**os.environ, **indexless, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def version(self) -> str:
        """Return the version that the environment has."""
        done = subprocess.run(
            [self.root / ".venvs/demo/bin/python", "-c", "import stub; print(stub.VERSION)"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone whose environments servelab looks at."""
    made = Clone(tmp_path)
    monkeypatch.setattr(course_root, "COURSE_ROOT", made.root)
    return made


def test_an_environment_is_whole_or_none_and_is_made_once(clone: Clone) -> None:
    """What a failing network interrupted is completed by the same command, which then does nothing."""
    failed, half = clone.make(), DEMO.fault()
    clone.publish("1")
    clone.publish("2")
    mended = clone.make()
    again = clone.make()

    assert 2 == failed.returncode
    assert "run the same command again" in failed.stderr
    assert "is incomplete, its installation was interrupted" == half
    assert failed.stdout.startswith("setup: making .venvs/demo with Python 3.")
    assert mended.stdout.startswith("setup: installing the packages of demo into .venvs/demo")
    assert (0, "") == (again.returncode, again.stdout)
    assert ("1", "") == (clone.version(), DEMO.fault())

    # What can't share .venv has versions that contradict the course's; when they change, it follows.
    (clone.root / "constraints-demo.txt").write_text("stub==2\n", encoding="utf-8")
    clone.make()

    assert ("2", "") == (clone.version(), DEMO.fault())


def test_an_environment_is_taken_for_no_other(clone: Clone) -> None:
    """Neither for one with a longer name, nor for one of a clone that has moved."""
    clone.publish("1")
    empty = clone.make("demo-more", ".venvs/demo")
    full = clone.make()
    unknown = clone.make("dmeo", ".venvs/demo")

    assert (0, 0, 2) == (empty.returncode, full.returncode, unknown.returncode), empty.stderr + full.stderr
    assert "installing the packages of demo " in full.stdout
    assert "pyproject.toml has no extra dmeo; it has: demo, demo-more" in unknown.stderr

    (clone.root / ".venvs" / "demo" / ".place").write_text("/somewhere/else\n", encoding="utf-8")

    # It asks for an interpreter to make it anew.
    assert "no-python is no Python" in clone.make(PYTHON="no-python").stderr
    assert "was made for another clone" == DEMO.fault()
