"""What this machine has and lacks for the course, and the command that fixes each lack.

Leaves out: fixing it; a command that changes a machine is for its owner to run.
"""

import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from servelab.course.check import Check
from servelab.course.equipment import environments, services

if TYPE_CHECKING:
    from packaging.requirements import Requirement

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 1 << 30
TIMEOUT_S = 5.0
USERNS_SWITCHES = {
    "/proc/sys/user/max_user_namespaces": ("0", "sysctl -w user.max_user_namespaces=15000"),
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
}


def examine(root: Path) -> Iterator[Check]:
    """Yield the checks of this machine, for the clone at `root`, as they are made."""
    yield python()
    yield dependencies(root / "pyproject.toml")
    yield zoo()
    yield git()
    yield disk(root)
    yield Check("isolation: process", "learners", ok=True, found="available, for practice")
    yield bubblewrap()
    yield memory_limit()
    yield user_namespaces()
    yield docker()
    yield from environments()
    yield from services()


def python() -> Check:
    """Look at the interpreter."""
    wanted = ".".join(map(str, OLDEST_PYTHON))
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    return Check(
        "Python", "learners", ok, platform.python_version(), "" if ok else f"install Python {wanted} or later"
    )


def dependencies(pyproject: Path) -> Check:
    """Compare what is installed with what the project asks of a learner."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - doctor alone needs it

    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        return Check(
            "dependencies",
            "learners",
            ok=False,
            found=f"{pyproject} can't be read ({error})",
            mend="git restore pyproject.toml",
        )
    wanted = [*project["dependencies"], *project.get("optional-dependencies", {}).get("exercise-01", [])]
    requirements = [requirement for text in wanted if _applies(requirement := Requirement(text))]
    lacking = [
        why
        for requirement in requirements
        if (why := _lack(requirement.name, requirement.specifier.contains))
    ]
    if lacking:
        return Check("dependencies", "learners", ok=False, found="; ".join(lacking), mend="make setup")
    return Check("dependencies", "learners", ok=True, found=f"{len(requirements)} as asked for")


def _applies(requirement: "Requirement") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _lack(name: str, allows: Callable[[str], bool]) -> str:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing"
    return "" if allows(version) else f"{name} {version} is out of range"


def zoo() -> Check:
    """Compare the committed models with the digests of their catalogue."""
    from servelab.zoo.card import catalogue  # noqa: PLC0415 - doctor alone needs these
    from servelab.zoo.errors import ZooError  # noqa: PLC0415
    from servelab.zoo.opening import read_model  # noqa: PLC0415

    try:
        cards = catalogue()
        for card in cards:
            read_model(f"zoo:{card.name}")
    except (ZooError, OSError, ValueError, KeyError) as error:
        return Check(
            "model zoo",
            "learners",
            ok=False,
            found=str(error),
            mend="git restore shared/servelab/zoo/artifacts",
        )
    return Check("model zoo", "learners", ok=True, found=f"{len(cards)} models, digests as in the catalogue")


def git() -> Check:
    """Look for git."""
    version = _ask("git", "--version").removeprefix("git version ")
    return Check(
        "git", "optional", bool(version), version or "not installed", "" if version else "apt-get install git"
    )


def disk(root: Path) -> Check:
    """Look at the free space of the clone's file system."""
    free = shutil.disk_usage(root).free
    ok = free >= FREE_BYTES
    return Check(
        "disk space", "learners", ok, f"{free / 1e9:.1f} GB free", "" if ok else "free at least 1 GB"
    )


def bubblewrap() -> Check:
    """Say whether submissions can be graded in isolation, and why not."""
    from servelab.grading.isolation.bubblewrap import lacking  # noqa: PLC0415 - doctor alone needs it

    why = lacking()
    missing = shutil.which("bwrap") is None
    mend = "apt-get install bubblewrap" if missing else "see the line on user namespaces"
    return Check("isolation: bubblewrap", "grading", not why, why or "available", mend if why else "")


def memory_limit() -> Check:
    """Say what would hold the memory of a submission."""
    from servelab.grading.isolation import cgroup  # noqa: PLC0415 - doctor alone needs it

    if found := cgroup.version():
        return Check("memory of submissions", "optional", ok=True, found=f"held by control groups, {found}")
    why = "held by a watcher, which sees processes alone: no control group can be made"
    return Check("memory of submissions", "optional", ok=False, found=why, mend="grade as root")


def user_namespaces() -> Check:
    """Look for the switches that forbid user namespaces to others than root."""
    if not sys.platform.startswith("linux"):
        return Check(
            "user namespaces", "grading", ok=False, found="only Linux has them", mend="grade on Linux"
        )
    for switch, (forbidding, mend) in USERNS_SWITCHES.items():
        path = Path(switch)
        if path.is_file() and path.read_text(encoding="ascii").strip() == forbidding:
            return Check("user namespaces", "grading", ok=False, found=f"{switch} is {forbidding}", mend=mend)
    return Check("user namespaces", "grading", ok=True, found="allowed")


def docker() -> Check:
    """Look for a container engine that answers."""
    if shutil.which("docker") is None:
        return Check(
            "Docker engine",
            "optional",
            ok=False,
            found="docker is not installed",
            mend="https://docs.docker.com/engine/install",
        )
    version = _ask("docker", "version", "--format", "{{.Server.Version}}")
    found = f"engine {version}" if version else "installed, but no engine answers"
    return Check(
        "Docker engine", "optional", bool(version), found, "" if version else "systemctl start docker"
    )


def _ask(*command: str) -> str:
    """Return the first line that a program prints, nothing when it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().split("\n")[0] if done.returncode == 0 else ""
