"""Intake of bombs, damage and lies: bounded work, and one sentence at the end of it."""

import contextlib
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from servelab.grading import intake
from servelab.grading.intake import bound
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


def noise(seed: int, size_bytes: int) -> bytes:
    """Return bytes that can't be compressed."""
    return random.Random(seed).randbytes(size_bytes)  # noqa: S311 - nothing is kept secret by it


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


@every_archive
def test_a_bomb_of_one_file_is_absent(tmp_path: Path, make: Maker) -> None:
    """Ten megabytes of zeros take ten kilobytes in an archive."""
    taken = take(tmp_path, make({**MAIN, "src/bomb.py": bytes(10 * bound.MIB)}))

    assert (("src/main.py",), ("src/bomb.py is larger than 1 MiB",)) == (taken.files, taken.notes)


def test_a_zip_bomb_with_a_false_size_is_cut_off(tmp_path: Path) -> None:
    """The size in a header is what the attacker wrote there."""
    data = make_zip({**MAIN, "src/bomb.py": bytes(10 * bound.MIB)})
    lying = data.replace(struct.pack("<L", 10 * bound.MIB), struct.pack("<L", 100))

    assert "the zip archive is damaged or cut short: make it again" == refusal(tmp_path, lying)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_a_tar_bomb_ends_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    """A compressed tar must be unpacked to be looked through, so unpacking itself is bounded."""
    monkeypatch.setattr("servelab.grading.intake.tar_archive.MAX_UNPACKED_BYTES", 2 * bound.MIB)

    sentence = refusal(tmp_path, compress(make_tar({**MAIN, "data.bin": bytes(3 * bound.MIB)})))

    assert sentence.startswith("the archive unpacks to more than 2 MiB: leave out what is not code")


def test_an_archive_beyond_the_limits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading an archive must take bounded memory and time, whatever is in it."""
    monkeypatch.setattr("servelab.grading.intake.source.MAX_ARCHIVE_BYTES", bound.MIB)
    monkeypatch.setattr("servelab.grading.intake.selection.MAX_ENTRIES", 10)
    monkeypatch.setattr("servelab.grading.intake.zip_archive.MAX_DIRECTORY_BYTES", 100_000)

    sentences = [
        refusal(tmp_path, make_zip({"src/main.py": noise(1, 2 * bound.MIB)})),
        refusal(tmp_path, make_tar({f"docs/{number}": b"" for number in range(11)})),
        refusal(tmp_path, make_zip({f"docs/{number}": b"" for number in range(2_000)})),
    ]

    assert "the archive is larger than 1 MiB" in sentences[0]
    assert "it holds more than 10 entries" in sentences[1]
    assert "the zip archive's directory is larger than" in sentences[2]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_method_that_unpacks_without_a_bound_is_refused(tmp_path: Path, method: int) -> None:
    """The library gives those decompressors no limit for a single step."""
    sentence = refusal(tmp_path, make_zip(MAIN, method))

    assert "src/main.py is compressed by a method other than deflate" in sentence


@every_archive
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.9])
def test_a_truncated_archive_is_never_taken_for_a_whole_one(
    tmp_path: Path, make: Maker, share: float
) -> None:
    """An upload that broke off must not become a low mark."""
    data = make({f"src/m{number}.py": noise(number, 3_000) for number in range(8)})

    assert "damaged or cut short" in refusal(tmp_path, data[: int(len(data) * share)])


def test_a_tar_that_breaks_off_between_two_members_is_not_whole(tmp_path: Path) -> None:
    """The library takes a broken header for the end of the archive, and what follows would be missing."""
    data = bytearray(make_tar({f"src/m{number}.py": noise(number, 512) for number in range(4)}))

    cut = refusal(tmp_path, bytes(data[: 2 * 1024]))
    data[2 * 1024] ^= 1
    broken = refusal(tmp_path, bytes(data))

    assert "damaged or cut short" in cut
    assert cut == broken


def test_a_tar_that_leads_backwards_does_not_hang(tmp_path: Path) -> None:
    """CVE-2025-8194: a negative size in an extended header reads the same header for ever."""
    member = tarfile.TarInfo("src/main.py")
    member.pax_headers = {"size": "-1536"}
    data = member.tobuf(tarfile.PAX_FORMAT) + bytes(4_096)

    assert "damaged or cut short" in refusal(tmp_path, data)


def test_a_tar_with_a_long_extended_header_does_not_hang(tmp_path: Path) -> None:
    """CVE-2024-6232: parsing an extended header takes time quadratic in its length."""
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 4 * bound.MIB

    sentence = refusal(tmp_path, header.tobuf() + b"1" * header.size + make_tar(MAIN))

    assert "damaged or cut short" in sentence


@every_archive
def test_random_damage_gives_files_or_one_sentence(tmp_path: Path, make: Maker) -> None:
    """A parser that raises anything else ends the grading of a whole cohort."""
    dice = random.Random(2)  # noqa: S311 - nothing is kept secret by it
    data = make({f"src/m{number}.py": dice.randbytes(300) for number in range(4)})

    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(dice.randint(1, 6)):
            damaged[dice.randrange(len(damaged))] = dice.choice((0, 0xFF, dice.randrange(256)))
        (tmp_path / "alice").write_bytes(damaged)
        # Any other error passes through and fails the test.
        with contextlib.suppress(intake.SubmissionError):
            intake.take(tmp_path / "alice", EXERCISE, tmp_path / "copy")
        intake.discard(tmp_path / "copy")
