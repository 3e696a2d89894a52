"""Intake of archives: whatever a zip or a tar claims, only honest files arrive."""

import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
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


MAIN = {"src/main.py": b"app = 1\n"}


Maker = Callable[[dict[str, bytes]], bytes]


def make_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def make_tar(files: dict[str, bytes], *special: tarfile.TarInfo) -> bytes:
    """Return a plain tar archive of these files and special members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in special:
            archive.addfile(member)
    return buffer.getvalue()


def make_tar_gz(files: dict[str, bytes]) -> bytes:
    """Return a tar archive compressed by gzip."""
    return gzip.compress(make_tar(files))


def make_tar_xz(files: dict[str, bytes]) -> bytes:
    """Return a tar archive compressed by xz."""
    return lzma.compress(make_tar(files))


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Return a member of a tar that is no file."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member


def take(folder: Path, data: bytes) -> intake.Intake:
    """Take an archive in as a submission."""
    (folder / "alice").write_bytes(data)
    return intake.take(folder / "alice", EXERCISE, folder / "copy")


def refusal(folder: Path, data: bytes) -> str:
    """Return the sentence with which an archive is refused."""
    (folder / "alice").write_bytes(data)
    with pytest.raises(intake.SubmissionError) as caught:
        intake.take(folder / "alice", EXERCISE, folder / "copy")
    assert not (folder / "copy").exists()
    return str(caught.value)


every_archive = pytest.mark.parametrize("make", [make_zip, make_tar, make_tar_gz, make_tar_xz])


every_tar = pytest.mark.parametrize("make", [make_tar, make_tar_gz, make_tar_xz])


@every_archive
@pytest.mark.parametrize(
    "wrapper", ["", "./", "alice-1.0/", "fork/exercise-01-fastapi-fundamentals/starter/"]
)
def test_every_kind_of_archive_arrives_wherever_its_root_lies(
    tmp_path: Path, make: Maker, wrapper: str
) -> None:
    """Learners and their tools wrap archives in a folder, or don't."""
    taken = take(tmp_path, make({f"{wrapper}src/main.py": b"app = 1\n", f"{wrapper}conftest.py": b""}))

    assert (("src/main.py",), wrapper.removeprefix("./").rstrip("/")) == (taken.files, taken.root)
    assert b"app = 1\n" == (tmp_path / "copy/src/main.py").read_bytes()
    assert 1 == len(taken.notes)
    assert taken.notes[0].startswith("1 other entry was left out: ")


@every_archive
@pytest.mark.parametrize("name", ["../../etc/x.py", "src/../../x.py", "/src/abs.py", "src/x/../main.py"])
def test_a_path_that_leads_outside_is_noted_and_writes_nothing(
    tmp_path: Path, make: Maker, name: str
) -> None:
    """An archive that climbs out of its folder could overwrite the tests."""
    before = {path.name for path in tmp_path.parent.iterdir()}

    taken = take(tmp_path, make({**MAIN, name: b"evil\n"}))

    assert (("src/main.py",), (f"{name} leads out of the submission",)) == (taken.files, taken.notes)
    assert {"alice", "copy"} == {path.name for path in tmp_path.iterdir()}
    assert before == {path.name for path in tmp_path.parent.iterdir()}


@every_archive
def test_names_that_only_a_terminal_understands_are_escaped(tmp_path: Path, make: Maker) -> None:
    """The name of a file is the cheapest place for an injection."""
    taken = take(tmp_path, make({**MAIN, "src/a\n\x1b[31mb.py": b"", "src/" + "n" * 4_000 + ".py": b""}))

    assert ("src/main.py",) == taken.files
    assert "src/a\\n\\x1b[31mb.py has a name with characters that can't be shown" == taken.notes[0]
    assert taken.notes[1].endswith("nnn.py has a path of more than 240 characters")
    assert len(taken.notes[1]) < 240


@every_archive
def test_names_that_differ_in_case_only_are_both_absent(tmp_path: Path, make: Maker) -> None:
    """On another file system one would replace the other, and the mark would depend on the machine."""
    taken = take(
        tmp_path,
        make({**MAIN, "src/Row.py": b"1", "src/row.py": b"2", "src/x.py": b"", "src/x.py/y.py": b""}),
    )

    assert ("src/main.py", "src/x.py") == taken.files
    assert 3 == len(taken.notes)
    assert all("differs in case only" in note for note in taken.notes[:2])
    assert "src/x.py/y.py lies below something that is a file" == taken.notes[2]


@every_tar
def test_a_member_that_comes_twice_is_absent(tmp_path: Path, make: Maker) -> None:
    """What a person saw in the archive and what is graded must be the same file."""
    twice = make_tar(MAIN)[:1024] + make_tar({"src/main.py": b"other\n", "src/row.py": b""})
    data = (
        twice if make is make_tar else gzip.compress(twice) if make is make_tar_gz else lzma.compress(twice)
    )

    taken = take(tmp_path, data)

    assert ("src/row.py",) == taken.files
    assert 2 == len(taken.notes)


def test_links_and_devices_in_a_tar_are_noted(tmp_path: Path) -> None:
    """A hard link in a tar copies any file of the grader that the extractor may read."""
    data = make_tar(
        MAIN,
        special("src/soft.py", tarfile.SYMTYPE, "/etc/passwd"),
        special("src/hard.py", tarfile.LNKTYPE, "src/main.py"),
        special("src/services", tarfile.SYMTYPE, "/etc"),
        special("src/fifo.py", tarfile.FIFOTYPE),
        special("src/null.py", tarfile.CHRTYPE),
        special("README.md", tarfile.SYMTYPE, "src/main.py"),
    )

    taken = take(tmp_path, data)

    assert ("src/main.py",) == taken.files
    assert (
        "src/soft.py is a link, which is never followed",
        "src/hard.py is a hard link to another entry",
        "src/services is a link, which is never followed",
        "src/fifo.py is neither a file nor a folder",
        "src/null.py is neither a file nor a folder",
        "1 other entry was left out: README.md",
    ) == taken.notes


def test_a_link_in_a_zip_is_noted(tmp_path: Path) -> None:
    """A zip made on Unix can hold links, too: their kind stands in the attributes."""
    buffer = io.BytesIO(make_zip(MAIN))
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, mode in (("src/link.py", stat.S_IFLNK), ("src/fifo.py", stat.S_IFIFO)):
            member = zipfile.ZipInfo(name)
            member.external_attr = (mode | 0o777) << 16
            archive.writestr(member, "/etc/passwd")

    taken = take(tmp_path, buffer.getvalue())

    assert ("src/main.py",) == taken.files
    assert (
        "src/link.py is a link, which is never followed",
        "src/fifo.py is neither a file nor a folder",
    ) == taken.notes


def test_a_zip_from_windows_arrives(tmp_path: Path) -> None:
    """Old tools on Windows write backslashes between the names."""
    names = make_zip({"alice/src/main.py": b"app = 1\n"}).replace(
        b"alice/src/main.py", b"alice\\src\\main.py"
    )

    taken = take(tmp_path, names)

    assert ("src/main.py",) == taken.files


def test_an_encrypted_zip_ends_in_one_sentence(tmp_path: Path) -> None:
    """A learner who set a password must be told so."""
    data = bytearray(make_zip(MAIN))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1

    assert "the zip archive is encrypted: make it again without a password" == refusal(tmp_path, bytes(data))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b"print('hello')\n", "the file is not an archive"),
        (b"BZh91AY&SY", "the file is not an archive"),
        (make_zip({}), "it is empty"),
        (make_tar({}) + b"x", "the file is not an archive"),
        (make_zip({"notes.txt": b""}), "there is no src/ with Python files among notes.txt"),
        (
            make_tar({}, special("src", tarfile.SYMTYPE, "/etc")),
            "there is no src/ with Python files (src is a link",
        ),
    ],
)
def test_what_is_no_submission_ends_in_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    """A person who handed in the wrong file must see what was found and what is expected."""
    assert refusal(tmp_path, data).startswith(sentence)
