"""Intake of git repositories: the files of HEAD, and nothing of the learner's git ever runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from servelab.grading import intake
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
IDENTITY = {
    f"GIT_{who}_{what}": f"{who}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str, standard_input: str = "") -> str:
    """Run git as somebody without a configuration and return what it prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **IDENTITY}
    command = (
        "git",
        "-C",
        str(folder),
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
        *arguments,
    )
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, input=standard_input
    ).stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> Path:
    """Make a repository with one commit of these files."""
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "work")
    return folder


def refusal(path: Path | str, copy: Path) -> str:
    """Return the sentence with which a submission is refused."""
    with pytest.raises(intake.SubmissionError) as caught:
        intake.take(path, EXERCISE, copy)
    return str(caught.value)


def test_a_url_gives_what_was_committed_and_a_folder_what_lies_there(tmp_path: Path) -> None:
    """An instructor names a commit by the URL of its repository, a working copy by its folder."""
    folder = commit(tmp_path / "alice", {"src/main.py": "committed\n", "README.md": ""})
    (folder / "src/main.py").write_text("changed\n", encoding="utf-8")

    by_url = intake.take(f"file://{folder}", EXERCISE, tmp_path / "url")
    by_path_of_url = intake.take(Path(f"file://{folder}"), EXERCISE, tmp_path / "path")
    intake.take(folder, EXERCISE, tmp_path / "folder")

    assert (("src/main.py",), ("1 other entry was left out: README.md",)) == (by_url.files, by_url.notes)
    assert by_url == by_path_of_url
    assert "committed\n" == (tmp_path / "url/src/main.py").read_text()
    assert "changed\n" == (tmp_path / "folder/src/main.py").read_text()


@pytest.mark.parametrize("packed", [False, True])
def test_a_bare_repository_is_known_by_its_shape(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Servers keep bare repositories, with loose objects and references or packed ones."""
    git(
        commit(tmp_path / "alice", {"starter/src/main.py": "x\n"}),
        "clone",
        "-q",
        "--bare",
        ".",
        str(tmp_path / "bare"),
    )
    if packed:
        git(tmp_path / "bare", "gc", "-q")

    taken = intake.take(tmp_path / "bare", EXERCISE, tmp_path / "copy")

    assert (("src/main.py",), "starter") == (taken.files, taken.root)


def test_nothing_that_a_learner_configured_runs(tmp_path: Path) -> None:
    """Filters, hooks, fsmonitor and remote helpers are commands that somebody else wrote."""
    folder = commit(
        tmp_path / "alice", {"src/main.py": "x\n", ".gitattributes": "*.py filter=evil export-ignore\n"}
    )
    evil = f"touch {tmp_path}/owned"
    for key in (
        "filter.evil.smudge",
        "filter.evil.process",
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
    ):
        git(folder, "config", key, evil)
    for key, value in {
        "filter.evil.required": "true",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::sh -c {evil}",
        "remote.origin.uploadpack": evil,
        "protocol.ext.allow": "always",
        "core.hooksPath": str(folder / "hooks"),
    }.items():
        git(folder, "config", key, value)
    (folder / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (folder / "hooks" / hook).write_text(f"#!/bin/sh\n{evil}\n")
        (folder / "hooks" / hook).chmod(0o755)

    taken = intake.take(f"file://{folder}", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    assert not (tmp_path / "owned").exists()


def test_objects_of_another_repository_can_not_be_borrowed(tmp_path: Path) -> None:
    """With `alternates`, a commit could name the files of another learner's repository."""
    other = commit(tmp_path / "other", {"src/main.py": "the answer\n"})
    thief = commit(tmp_path / "alice", {"src/main.py": "x\n"})
    (thief / ".git/objects/info").mkdir(exist_ok=True)
    (thief / ".git/objects/info/alternates").write_text(f"{other}/.git/objects\n")
    (thief / ".git/HEAD").write_text(git(other, "rev-parse", "HEAD") + "\n")

    assert "the git repository is damaged or incomplete" in refusal(f"file://{thief}", tmp_path / "copy")


def test_linked_objects_are_not_followed(tmp_path: Path) -> None:
    """A link in place of the object folder is an alternate by another name."""
    other = commit(tmp_path / "other", {"src/main.py": "the answer\n"})
    thief = commit(tmp_path / "alice", {"src/main.py": "x\n"})
    shutil.rmtree(thief / ".git/objects")
    (thief / ".git/objects").symlink_to(other / ".git/objects")
    (thief / ".git/HEAD").write_text(git(other, "rev-parse", "HEAD") + "\n")

    assert "the git repository is damaged or incomplete" in refusal(f"file://{thief}", tmp_path / "copy")


def test_committed_links_and_submodules_are_noted(tmp_path: Path) -> None:
    """A repository can hold links, too, and references to others."""
    folder = commit(tmp_path / "alice", {"src/main.py": "x\n"})
    (folder / "src/link.py").symlink_to("/etc/passwd")
    head = git(folder, "rev-parse", "HEAD")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},src/module")
    git(folder, "add", "src/link.py")
    git(folder, "commit", "-q", "-m", "more")

    taken = intake.take(f"file://{folder}", EXERCISE, tmp_path / "copy")

    assert ("src/main.py",) == taken.files
    assert (
        "src/link.py is a link, which is never followed",
        "src/module is neither a file nor a folder",
    ) == taken.notes


def test_a_tree_that_holds_itself_a_million_times_ends(tmp_path: Path) -> None:
    """Ten trees of ten entries each, one above the other, list ten thousand million files."""
    folder = commit(tmp_path / "alice", {"src/main.py": "x\n"})
    tree = git(folder, "rev-parse", "HEAD^{tree}")
    for _ in range(10):
        rows = "".join(f"040000 tree {tree}\t{name}\n" for name in "abcdefghij")
        tree = git(folder, "mktree", standard_input=rows)
    (folder / ".git/HEAD").write_text(git(folder, "commit-tree", tree, "-m", "bomb") + "\n")

    assert "the git repository is damaged or incomplete" in refusal(f"file://{folder}", tmp_path / "copy")


def test_what_is_no_repository_ends_in_one_sentence(tmp_path: Path) -> None:
    """Nobody should have to read what git says."""
    (tmp_path / "plain/src").mkdir(parents=True)
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q")
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree/.git").write_text("gitdir: /etc\n")

    sentences = [
        refusal(f"file://{tmp_path}/{name}", tmp_path / "copy") for name in ("plain", "new", "worktree")
    ]

    assert (
        "there is no git repository: a bare one or a clone with its own .git folder is expected"
        == sentences[0]
    )
    assert sentences[0] == sentences[2]
    assert (
        "the git repository has no commit at its HEAD: commit the work and hand it in again" == sentences[1]
    )


def test_a_head_that_climbs_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    """A reference is a path, and a path can be hostile."""
    folder = commit(tmp_path / "alice", {"src/main.py": "x\n"})
    (tmp_path / "secret").write_text("0" * 40)
    (folder / ".git/HEAD").write_text("ref: refs/heads/../../../../secret\n")

    assert "the git repository has no commit at its HEAD" in refusal(f"file://{folder}", tmp_path / "copy")
