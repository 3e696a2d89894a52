"""Every command that a README shows is run, in a scratch clone, in the order in which a reader meets them.

What can't run here is named with the reason, and its existence is checked instead.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from servelab import cli
from servelab.course_root import COURSE_ROOT
from servelab.dev.scratch_clone import ScratchClone
from servelab.grading import manifest

EXERCISE_README = "exercise-01-fastapi-fundamentals/README.md"
DOCUMENTS = ("README.md", EXERCISE_README)
FOLDERS = {EXERCISE_README: "exercise-01-fastapi-fundamentals"}
"""Document -> folder in which its commands are meant to be run; the root where none is given."""

EXIT_CODES = {
    r"servelab test 1\.\d+": 1,  # nothing is solved yet
    r"servelab reveal 1\.\d+": 2,  # … so nothing is revealed
}
"""Pattern of a whole command -> its exit code in a fresh clone, where that is not 0."""

RUNS_ON = "runs until it is stopped"
NOT_RUN = {
    r"make setup": "sets up an environment, which a test must not",
    r"make (up|ps|down|test-compose)": "needs a container engine; shared/tests/compose checks what it starts",
    r"servelab monitoring check": "shared/tests/monitoring makes the same proof",
    r"servelab services selftest .*": "shared/tests/services uses each service in the same way",
    r"make start": "sets up an environment, which a test must not; what it then runs is `servelab start`",
    r"make test": "runs this test",
    r"make student-edition": "needs a git repository; has tests of its own",
    r"servelab watch( .*)?": RUNS_ON,
    r"servelab serve .*": RUNS_ON,
    r"servelab debug .*": "needs a terminal",
    r"servelab verify .*": "takes minutes, and `make test` runs it",
    r"(cd starter && )?.*python -m (uvicorn|pytest) .*": "needs a service, or is one that " + RUNS_ON,
    r"curl .*": "needs a service",
    r"docker .*": "needs a container engine; graded task 1.13 builds the image where there is one",
    r"servelab test .* --images": "needs a container engine",
}
"""Pattern of a whole command -> why it is not run."""


@dataclass(frozen=True)
class Shown:
    """A command in a document; `line` counts from 1."""

    document: str
    line: int
    command: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: {self.command}"


def shown_in(document: str) -> Iterator[Shown]:
    """Yield the commands of the `console` and `bash` blocks of a document."""
    lines = (COURSE_ROOT / document).read_text(encoding="utf-8").splitlines()
    inside = False
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("```"):
            inside = line.strip() in ("```console", "```bash")
            continue
        command = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if inside and command:
            yield Shown(document, number, command)


def why_not_run(command: str) -> str | None:
    """Return the reason for which a command is not run, None when it is."""
    return next((why for pattern, why in NOT_RUN.items() if re.fullmatch(pattern, command)), None)


ALL = [shown for document in DOCUMENTS for shown in shown_in(document)]
RUN = [shown for shown in ALL if why_not_run(shown.command) is None]
LEFT = [shown for shown in ALL if why_not_run(shown.command) is not None]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> ScratchClone:
    """A fresh clone with the generated starters; one for all commands, as a reader has one."""
    made = ScratchClone(tmp_path_factory.mktemp("readme") / "clone")
    for exercise in manifest.exercises():
        made.write_starter(exercise)
    return made


def test_the_documents_show_commands() -> None:
    """A change of the blocks' language must not turn these tests off in silence."""
    assert {*DOCUMENTS} == {shown.document for shown in ALL}
    assert RUN


@pytest.mark.parametrize("shown", RUN, ids=str)
def test_a_shown_command_does_what_its_document_says(clone: ScratchClone, shown: Shown) -> None:
    """A reader pastes what is shown, and it must work."""
    expected = next((code for pattern, code in EXIT_CODES.items() if re.fullmatch(pattern, shown.command)), 0)

    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", shown.command],
        cwd=clone.folder / FOLDERS.get(shown.document, "."),
        env=clone.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert expected == done.returncode, f"{shown}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr


def test_the_commands_that_are_not_run_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """What can't be run in a test can still be misspelt."""
    words = [(shown, shlex.split(shown.command)) for shown in LEFT]

    unknown = [str(shown) for shown, (program, *rest) in words if program == "servelab" and not known(rest)]
    goals = [word for _, (program, *rest) in words if program == "make" for word in rest]
    dry = subprocess.run(
        ["/usr/bin/env", "make", "-n", *goals], cwd=COURSE_ROOT, capture_output=True, text=True, check=False
    )
    files = {path for shown in LEFT for path in re.findall(r"--file (\S+)", shown.command)}

    assert [] == unknown, capsys.readouterr().err
    assert 0 == dry.returncode, dry.stderr
    assert [] == [path for path in files if not (COURSE_ROOT / path).is_file()]


def known(words: list[str]) -> bool:
    """Whether `servelab` has a command of that name."""
    return cli.run([words[0], "--help"]) == 0


def test_the_list_of_commands_that_are_not_run_is_no_longer_than_needed() -> None:
    """An exception that nothing needs any more would hide the next mistake."""
    unused = [pattern for pattern in NOT_RUN if not any(re.fullmatch(pattern, each.command) for each in ALL)]

    assert [] == unused, "remove them from NOT_RUN"
