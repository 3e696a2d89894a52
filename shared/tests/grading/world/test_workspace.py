"""A world as a workspace: files in and out, commands one after the other, a kill at an exact point."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo
from servelab.grading.submission import Submission, Unfinished
from servelab.zoo import InstrumentedModel

Make = Callable[..., Submission]
ROWS = zoo.golden("digits-mlp-small").instances[:15]
WAIT_S = 20.0


@pytest.fixture
def model() -> Iterator[InstrumentedModel]:
    """A model outside, whose calls the grader holds and counts."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as served:
            yield served


def test_a_job_that_is_killed_at_its_third_call_goes_on_where_it_was(
    make: Make, model: InstrumentedModel
) -> None:
    """A machine that loses power at the worst moment, and no random sleep to hope for it."""
    environment = {"MODEL": model.uri}
    with make().world(binds=[Path(model.uri.removeprefix("unix:")).parent]) as world:
        world.put("rows", "\n".join(" ".join(map(str, row)) for row in ROWS.tolist()).encode())
        with model.hold():
            model.release(2)
            job = world.begin("src.copy", "rows", "labels", env=environment)
            arrived = model.wait_for_calls(3, WAIT_S)
            killed = job.kill()
        halfway = (world.fetch("labels") / "labels").read_text().split()
        ended = world.run("src.copy", "rows", "labels", env=environment)
        whole = (world.fetch("labels") / "labels").read_text().split()

    labels = model.oracle(np.asarray(ROWS, dtype=np.float32)).argmax(axis=1).tolist()
    assert (True, 137, 0) == (arrived, killed.code, ended.code)
    assert labels[:6] == list(map(int, halfway))
    assert labels == list(map(int, whole))
    assert 6 == len(model.calls), "five chunks, of which the third was asked for twice"


def test_what_one_command_writes_the_next_one_finds(make: Make) -> None:
    """Build, then serve what was built."""
    write = "from pathlib import Path\nPath('deep').mkdir()\nPath('deep/x').write_text('made')\n"
    read = "from pathlib import Path\nprint(Path('deep/x').read_text())\n"
    with make({"src/write.py": write, "src/read.py": read}).world() as world:
        written, found = world.run("src.write"), world.run("src.read")

    assert (0, "made\n") == (written.code, found.output)


def test_an_artefact_is_shown_to_another_sandbox(make: Make) -> None:
    """Exported in one, served in another that can't write to it."""
    write = (
        "from pathlib import Path\nPath('out').mkdir()\nPath('out/model.bin').write_bytes(bytes(3 << 20))\n"
    )
    look = """
        import os, sys
        from pathlib import Path
        model = Path(sys.argv[1], "out", "model.bin")
        print(model.stat().st_size, os.access(model, os.W_OK) and os.getuid() != 0)
    """
    submission = make({"src/write.py": write, "src/look.py": look})
    with submission.world() as world:
        world.run("src.write")
        artefact = world.fetch("out")
    looked = submission.run("src.look", str(artefact), binds=[artefact])

    assert f"{3 << 20} False\n" == looked.output


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("os.symlink('/etc/passwd', 'out/link')", "is a link"),
        ("os.mkfifo('out/fifo')", "is neither a file nor a folder"),
        ("open('out/a', 'w').close(); os.link('out/a', 'out/b')", "is a hard link"),
        ("[open(f'out/{n}', 'w').close() for n in range(2500)]", "more than 2000 files"),
        ("[open(f'out/{n}', 'wb').write(bytes(15 << 20)) for n in range(5)]", "more than 64 MiB"),
    ],
    ids=["link", "fifo", "hard-link", "many", "large"],
)
def test_what_is_no_plain_file_does_not_come_out(make: Make, made: str, why: str) -> None:
    """What a stranger has packed is the stranger's failure, whatever it is."""
    code = f"import os\nos.mkdir('out')\n{made}\n"
    submission = make({"src/write.py": code})
    with submission.with_limits(scratch_mib=128), submission.world() as world:
        assert 0 == world.run("src.write").code
        with pytest.raises(Unfinished, match=why):
            world.fetch("out")


def test_what_is_not_there_is_said(make: Make) -> None:
    """The usual end of a job that has written elsewhere."""
    with make().world() as world, pytest.raises(Unfinished, match=r"labels: not there"):
        world.fetch("labels")


def test_a_full_disk_is_the_submissions_failure(make: Make) -> None:
    """An export that fills its disk half-way must clean up, and the grader must be able to look."""
    write = "open('big', 'wb').write(bytes(4 << 20))"
    submission = make({"src/write.py": write})
    with submission.with_limits(file_mib=1), submission.world() as world:
        ended = world.run("src.write")

    assert 0 != ended.code
    assert "File too large" in ended.output


def test_the_clock_is_moved_for_programs_that_run(make: Make) -> None:
    """An hour's expiry is tested in a moment; the next test has the true time again."""
    submission = make()
    with submission.world() as world:
        job = world.begin("src.clocks")
        submission.clock.advance(3599)
        submission.clock.advance(2)
        ended = job.wait(WAIT_S)

    assert "an hour has passed 1" in ended.output


def test_the_next_test_has_the_true_time_again(make: Make) -> None:
    """A moved clock that stays moved would be another test's riddle."""
    code = "import time; from servelab import clock; print(round(clock.time_s() - time.time()))"
    submission = make({"src/told.py": code})
    submission.clock.advance(60)
    moved = submission.run("src.told").output
    submission.begin_test("1.1")

    assert ("60\n", "0\n") == (moved, submission.run("src.told").output)


def test_time_does_not_go_back(make: Make) -> None:
    """Code that measures durations may rely on it."""
    with pytest.raises(ValueError, match="does not go back"):
        make().clock.advance(-1)
