"""An environment: packages that some tasks need beside the base, and whether they are here.

What can share the environment in which servelab runs goes into it; what can't gets one
of its own in `.venvs`. It is looked at without starting or importing anything: to
import torch takes seconds.
Leaves out: making it, which is `shared/setup/environment.sh`; the versions in it.
"""

import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from servelab import course_root

PROGRAM = "shared/setup/environment.sh"
_NAME = r"^[a-z0-9][a-z0-9-]*$"


class Environment(BaseModel):
    """An environment that an exercise declares.

    Attributes:
        extra: the extra of pyproject.toml that names its packages.
        where: "base", in the environment of servelab, or "own", in `.venvs/NAME`.
        modules: names of modules that must be found in it.
        size: how much it adds to the disk, for people: "1.0 GB".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=_NAME)
    extra: str = Field(pattern=_NAME)
    where: Literal["base", "own"]
    modules: tuple[str, ...] = Field(min_length=1)
    size: str

    @property
    def prefix(self) -> Path:
        """The folder that it lies in."""
        return Path(sys.prefix) if self.where == "base" else course_root.COURSE_ROOT / self._folder

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return Path(sys.executable) if self.where == "base" else self.prefix / "bin" / "python"

    @property
    def command(self) -> str:
        """The command that makes it, in the root of the clone."""
        return f"{PROGRAM} {self.extra}" + (f" {self._folder}" if self.where == "own" else "")

    def fault(self) -> str:
        """Say what is wrong with it; empty when it can be used."""
        if not self.python.exists():
            return "is not on this machine"
        # The program leaves this behind until all packages are there.
        if (self.prefix / f".incomplete-{self.extra.removeprefix('exercise-')}").exists():
            return "is incomplete, its installation was interrupted"
        if self.where == "own" and self._has_moved():
            return "was made for another clone"
        missing = [module for module in self.modules if not _is_found(module, self._path())]
        if len(missing) == len(self.modules):
            return "is not on this machine"
        return f"is incomplete, it has no {', '.join(missing)}" if missing else ""

    @property
    def _folder(self) -> str:
        return f".venvs/{self.name}"

    def _has_moved(self) -> bool:
        place = self.prefix / ".place"
        # The programs of an environment do not survive a move.
        return place.is_file() and Path(place.read_text().strip()).resolve() != course_root.COURSE_ROOT

    def _path(self) -> list[str]:
        if self.where == "base":
            return sys.path
        return [str(folder) for folder in self.prefix.glob("lib/python3.*/site-packages")]


def _is_found(module: str, path: list[str]) -> bool:
    """Whether a module is found, with the packages around it; `find_spec` of importlib would import those."""
    name, spec = "", None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, path)
        path = list(spec.submodule_search_locations or ()) if spec else []
    # A folder without a file to load is what an interrupted removal leaves.
    return spec is not None and spec.origin is not None
