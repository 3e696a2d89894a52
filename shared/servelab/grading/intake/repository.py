"""A submission that is a git repository on disk: the files of its HEAD.

Git never runs in the learner's repository. Its objects, and nothing else, are
copied into an empty repository of the grader's, so no hook, filter, alternate,
submodule, fsmonitor or other setting of the learner's can have an effect. There
two plumbing commands run that only read objects, without a checkout.
Source: gitsecurityboundary(7), which asks for such a sanitised copy.
Leaves out: other branches, the reftable format, linked worktrees.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servelab.grading.intake.bound import KIB, MAX_ENTRIES, MAX_FILE_BYTES, MAX_REPOSITORY_BYTES, MIB
from servelab.grading.intake.entry import LINK, SPECIAL, Entry, Parts, SubmissionError, UnreadableError, entry
from servelab.grading.intake.git_process import BrokenRepositoryError, run_git
from servelab.grading.intake.safe_reader import SafeReader

DAMAGED = "the git repository is damaged or incomplete: clone it again, with its whole history"

_MAX_LISTING_BYTES = 16 * MIB
_MAX_REFS_BYTES = 4 * MIB
_OBJECT_FOLDER = re.compile(r"[0-9a-f]{2}|pack")
_OBJECT_FILE = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?|pack-[0-9a-f]+\.(?:pack|idx)")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"ref: (refs/heads/[^\s\x00-\x20\x7f~^:?*\[\\]+)")
_SHA256_DIGITS = 64
_LINK_MODE = "120000"
_FILE_MODE = "100"


class RepositorySource:
    """The files of a commit, read from a copy of the learner's objects."""

    def __init__(self, copy: Path, commit: str) -> None:
        self._copy = copy
        self._commit = commit
        self._blobs: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """Yield the files of the commit."""
        arguments = ("ls-tree", "-r", "-z", "-l", "--full-tree", self._commit)
        try:
            listing = run_git(self._copy, arguments, _MAX_LISTING_BYTES)
        except BrokenRepositoryError as error:
            raise SubmissionError(DAMAGED) from error
        for key, row in enumerate(filter(None, listing.split(b"\0"))):
            head, _, name = row.partition(b"\t")
            mode, _, blob, size = head.decode("ascii").split()
            self._blobs.append(blob)
            refused = "" if mode.startswith(_FILE_MODE) else LINK if mode == _LINK_MODE else SPECIAL
            # A submodule has "-" for its size.
            yield entry(
                os.fsdecode(name), size_bytes=int(size) if refused == "" else 0, key=key, refused=refused
            )

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a file as they were committed."""
        try:
            return run_git(self._copy, ("cat-file", "blob", self._blobs[entry.key]), MAX_FILE_BYTES + KIB)
        except BrokenRepositoryError as error:
            raise SubmissionError(DAMAGED) from error


def git_folder(reader: SafeReader, *, must_be: bool) -> Parts | None:
    """Return where the repository lies: here when it is bare, in `.git`, or nowhere.

    Args:
        reader: the folder of the submission.
        must_be: the folder was named as a repository, so that its `.git` counts and not its files.
    """
    try:
        here = dict(reader.scan(()))
        if here.get("HEAD") == "file" and here.get("objects") == here.get("refs") == "folder":
            return ()
    except UnreadableError as error:
        msg = f"the folder {error}"
        raise SubmissionError(msg) from error
    if must_be and here.get(".git") != "folder":
        msg = "there is no git repository: a bare one or a clone with its own .git folder is expected"
        raise SubmissionError(msg)
    return (".git",) if must_be else None


@contextmanager
def open_repository(reader: SafeReader, at: Parts) -> Iterator[RepositorySource]:
    """Copy the objects of a repository and open its HEAD as a source.

    Raises:
        SubmissionError: it has no commit, is damaged, or is beyond the limit.
    """
    commit = _head(reader, at)
    with tempfile.TemporaryDirectory(prefix="servelab-git-") as scratch:
        copy = Path(scratch)
        (copy / "refs").mkdir()
        (copy / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        sha256 = len(commit) == _SHA256_DIGITS
        (copy / "config").write_text(
            "[core]\nbare = true\nrepositoryformatversion = 1\n"
            + ("[extensions]\nobjectFormat = sha256\n" if sha256 else ""),
            encoding="ascii",
        )
        _copy_objects(reader, (*at, "objects"), copy / "objects")
        yield RepositorySource(copy, commit)


def _head(reader: SafeReader, at: Parts) -> str:
    head = _text(reader, (*at, "HEAD"), KIB).strip()
    if branch := _BRANCH.fullmatch(head):
        name = branch[1]
        parts = tuple(name.split("/"))
        loose = "" if ".." in parts else _text(reader, (*at, *parts), KIB).strip()
        refs = _text(reader, (*at, "packed-refs"), _MAX_REFS_BYTES)
        packed = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", refs, re.MULTILINE)
        head = loose or (packed[1] if packed else "")
    if not _COMMIT.fullmatch(head):
        msg = "the git repository has no commit at its HEAD: commit the work and hand it in again"
        raise SubmissionError(msg)
    return head


def _text(reader: SafeReader, parts: Parts, limit_bytes: int) -> str:
    try:
        return reader.read(parts, limit_bytes).decode("utf-8", "replace")
    except UnreadableError:
        return ""


def _copy_objects(reader: SafeReader, at: Parts, into: Path) -> None:
    into.mkdir()
    bytes_left = MAX_REPOSITORY_BYTES
    files_left = MAX_ENTRIES
    try:
        for folder, file in _objects(reader, at):
            (into / folder).mkdir(exist_ok=True)
            files_left -= 1
            with reader.open((*at, folder, file)) as source, (into / folder / file).open("wb") as target:
                while bytes_left >= 0 and (chunk := os.read(source, MIB)):
                    bytes_left -= len(chunk)
                    target.write(chunk)
            if bytes_left < 0 or files_left < 0:
                limits = f"{MAX_REPOSITORY_BYTES // MIB} MiB or {MAX_ENTRIES:,} objects"
                msg = f"the git repository holds more than {limits}: hand in a shallow clone or the folder"
                raise SubmissionError(msg)
    except UnreadableError as error:
        raise SubmissionError(DAMAGED) from error


def _objects(reader: SafeReader, at: Parts) -> Iterator[tuple[str, str]]:
    for folder, kind in reader.scan(at):
        if kind == "folder" and _OBJECT_FOLDER.fullmatch(folder):
            for file, file_kind in reader.scan((*at, folder)):
                if file_kind == "file" and _OBJECT_FILE.fullmatch(file):
                    yield folder, file
