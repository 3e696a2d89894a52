"""What the documents claim is so: pictures, links, examples, numbers."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from servelab.course.mutant import Mutant
from servelab.course_root import COURSE_ROOT
from servelab.dev import picture, screen
from servelab.dev.hostile import _HostileFile
from servelab.dev.screen_text import normal
from servelab.grading import manifest
from servelab.grading.environment import Environment
from servelab.grading.isolation.limit import Limits
from servelab.grading.program import Program

EXERCISE = "exercise-01-fastapi-fundamentals"
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", f"{EXERCISE}/README.md")


def text_of(name: str) -> str:
    """Return a document of this clone."""
    return (COURSE_ROOT / name).read_text(encoding="utf-8")


def examples(name: str, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), flags=re.DOTALL | re.MULTILINE)


def test_the_picture_shows_what_make_start_shows(tmp_path: Path) -> None:
    """A newcomer compares the README with their own terminal."""
    exercise = manifest.exercise(1)

    made = picture.picture(exercise, tmp_path / "clone")

    stale = f"{picture.DOCUMENT} is stale: run `servelab screens`"
    assert picture.words(text_of(picture.DOCUMENT)) == picture.words(made), stale
    assert "waiting for a save" in " ".join(picture.words(made))


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    """A picture in a README must not tell anybody who looks at it."""
    outside = set(re.findall(r"https?://[^\s\"')]+", text_of(picture.DOCUMENT)))

    assert {"http://www.w3.org/2000/svg", "https://www.textualize.io"} == outside


def test_the_page_of_screens_shows_every_planted_mistake() -> None:
    """`servelab screens --check` compares each word and takes a minute; this sees a page left behind."""
    page = text_of(f"{EXERCISE}/{screen.DOCUMENT}")
    solution = text_of(f"{EXERCISE}/solution/{screen.FILE}")

    assert [each.title for each in screen.SCREENS] == re.findall(r"^## (.*)$", page, flags=re.MULTILINE)
    for each in screen.SCREENS:
        assert f"\n{each.old}\n" in solution, f"{each.title}: its line is no longer in the solution"
        assert f"-{each.old}\n+{each.new}\n" in page, "run `servelab screens`"


def test_a_screen_holds_nothing_of_the_machine_that_made_it() -> None:
    """Times, paths and process ids would make each page differ from the one before."""
    clone = Path("/tmp/servelab-screens-x/1")  # noqa: S108 - never made
    text = (
        f"  ✓ a  \n  {clone}/exercise-01/starter/src/main.py:3\n"
        "  process [4711] on /tmp/sl-a1b2/1.sock\n"
        '  {"time": "2030-01-31T12:00:00.123+00:00", "request_id": "0123456789abcdef0123456789abcdef", '
        '"duration_ms": 1.25}\n\n✗ 1.2 fails: 1 of 2 tests pass in 12.3 s\n'
    )

    expected = (
        "  ✓ a\n  exercise-01/starter/src/main.py:3\n"
        "  process […] on …\n"
        '  {"time": "…", "request_id": "…", "duration_ms": …}\n\n✗ 1.2 fails: 1 of 2 tests pass in … s'
    )
    assert expected == normal(text, clone)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    """A dead link in a README is the first thing that a newcomer meets."""
    targets = re.findall(r"\]\((?!https?:|#)([^)\s#]+)", text_of(name))

    missing = [target for target in targets if not (COURSE_ROOT / name).parent.joinpath(target).exists()]
    assert not missing


def test_the_limits_in_the_security_policy_are_those_of_the_code() -> None:
    """An instructor decides by this table what else may run on the machine."""
    limits = Limits()
    rows = {
        "wall time": f"{limits.wall_s:g} s",
        "processor time": f"{limits.cpu_s} s",
        "memory": f"{limits.memory_mib} MiB",
        "processes": f"{limits.processes}",
        "threads": f"{limits.threads}",
        "open files": f"{limits.open_files}",
        "size of a file": f"{limits.file_mib} MiB",
        "scratch space": f"{limits.scratch_mib} MiB each in `/tmp` and `/dev/shm`",
        "output": f"{limits.output_mib} MiB",
    }

    section = text_of("SECURITY.md").partition("## Limits")[2].partition("\n## ")[0]
    assert rows == dict(
        re.findall(r"^\| (?!Limit )([^|-][^|]*?) \| ([^|]+?) \|", section, flags=re.MULTILINE)
    )


def test_each_attack_of_the_security_policy_is_tried() -> None:
    """A threat that is only written down is not defended."""
    section = text_of("SECURITY.md").partition("## Attacks that are tried")[2].partition("\n## ")[0]
    listed = {int(number) for number in re.findall(r"^\| (\d+) \|", section, flags=re.MULTILINE)}
    coming = {
        int(number) for number in re.findall(r"\d+", section.partition(" need exercises that are coming")[0])
    }
    folders = [*COURSE_ROOT.glob("shared/tests/hostile/*/"), *COURSE_ROOT.glob("exercise-*/hostile/*/")]
    tried = {int(path.name[:2]) for path in folders if path.name[:2].isdigit()}

    assert listed - coming == tried


def test_the_examples_for_contributors_can_be_copied() -> None:
    """Somebody will copy them before reading on."""
    program, environment, mutant, hostile = (
        tomllib.loads(text) for text in examples("CONTRIBUTING.md", "toml")
    )

    Program.model_validate(program["program"][0])
    Environment.model_validate(environment["environment"][0])
    Mutant.model_validate({**mutant, "name": "1.06-blocks-the-loop"})
    _HostileFile.model_validate(hostile)


@pytest.mark.parametrize("name", [".devcontainer/devcontainer.json", ".vscode/launch.json"])
def test_the_files_for_editors_are_json_with_comments(name: str) -> None:
    """An editor ignores a broken one without a word."""
    json.loads(re.sub(r"^\s*//.*$", "", text_of(name), flags=re.MULTILINE))
