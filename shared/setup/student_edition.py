"""Write student-edition.tar.gz: the last commit without what gives the answers away.

Left out are the solutions with their commentaries, layers, mutants and hostile submissions,
the course's own tests with the CI that runs them, and the stubs of each manifest, which
quote the solution.
The standard library alone: an instructor may not have the environment.
"""

import io
import subprocess
import sys
import tarfile
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ARCHIVE = "student-edition.tar.gz"
PREFIX = "student-edition"
LEFT_OUT = (
    "exercise-*/solution",
    "exercise-*/mutants",
    "exercise-*/hostile",
    "exercise-*/COMMENTARY.md",
    "exercise-*/layers.py",
    "shared/tests",
    ".ci",
    ".ci/*",
    ".github",
    ".github/*",
)
MANIFEST = "exercise-*/exercise.toml"
FENCES = ("'''", '"""')


def main() -> None:
    """Write the edition of the clone that this file lies in."""
    root = Path(__file__).resolve().parents[2]
    commit = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"],  # noqa: S607 - the instructor's git
        cwd=root,
        capture_output=True,
        check=False,
    )
    if commit.returncode != 0:
        sys.exit(f"student-edition: git can't give the last commit: {commit.stderr.decode().strip()}")
    with (
        tarfile.open(fileobj=io.BytesIO(commit.stdout)) as source,
        tarfile.open(root / ARCHIVE, "w:gz") as target,
    ):
        for member in source:
            if not is_left_out(member.name):
                copy(source, member, target)
    sys.stdout.write(f"student-edition: wrote {ARCHIVE}\n")


def is_left_out(name: str) -> bool:
    """Whether a path of the course is not for students."""
    parts = name.rstrip("/").split("/")
    return any(fnmatch("/".join(parts[:2]), pattern) for pattern in LEFT_OUT)


def copy(source: tarfile.TarFile, member: tarfile.TarInfo, target: tarfile.TarFile) -> None:
    """Copy a member into the edition; a manifest goes without its stubs."""
    file = source.extractfile(member) if member.isfile() else None
    data = file.read() if file else b""
    if fnmatch(member.name, MANIFEST):
        data = without_stubs(data.decode()).encode()
    member.name = f"{PREFIX}/{member.name}"
    member.size = len(data)
    target.addfile(member, io.BytesIO(data))


def without_stubs(manifest: str) -> str:
    """Return the text of a manifest without its `[[task.stub]]` tables."""
    kept, inside, fence = [], False, ""
    for line in manifest.splitlines(keepends=True):
        if not fence and line.startswith("["):
            inside = line.startswith("[[task.stub]]")
        if not inside:
            kept.append(line)
        for mark in FENCES:
            # A text of several lines may hold lines that look like tables.
            if line.count(mark) % 2 and fence in ("", mark):
                fence = "" if fence else mark
    text = "".join(kept)
    check(manifest, text)
    return text


def check(before: str, after: str) -> None:
    """Refuse an edition whose manifest says anything else than before."""
    wanted = tomllib.loads(before)
    for task in wanted["task"]:
        task.pop("stub", None)
    if wanted != tomllib.loads(after):
        sys.exit("student-edition: the stubs could not be taken out of exercise.toml")


if __name__ == "__main__":
    main()
