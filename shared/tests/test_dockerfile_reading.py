"""The reading of Dockerfiles by the graded tests of task 1.13: what Docker's reference says, it does."""

import importlib.util
import sys
from types import ModuleType

import pytest

from servelab.course_root import COURSE_ROOT

PLACE = COURSE_ROOT / "exercise-01-fastapi-fundamentals" / "tests" / "dockerfile.py"


@pytest.fixture(scope="module")
def dockerfile() -> ModuleType:
    """The module, which lies beside the tests that use it."""
    spec = importlib.util.spec_from_file_location("dockerfile_of_exercise_01", PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_line_goes_on_over_comments_and_empty_lines(dockerfile: ModuleType) -> None:
    """As Docker does, although a shell would not."""
    (stage,) = dockerfile.parse("FROM a:1\nRUN one \\\n  # why\n\n  && two\nUSER 7\n")

    assert ["one && two", "7"] == [each.text for each in stage.instructions]


def test_the_escape_character_can_be_another_one(dockerfile: ModuleType) -> None:
    """A directive of Windows images; a backslash is then a letter."""
    (stage,) = dockerfile.parse("# escape=`\nFROM a:1\nRUN one `\n two\nRUN c:\\\n")

    assert ["one two", "c:\\"] == [each.text for each in stage.instructions]


def test_flags_are_apart_from_the_text(dockerfile: ModuleType) -> None:
    """COPY --from says where a file comes from, and is no file."""
    (stage,) = dockerfile.parse("FROM a:1\nCOPY --from=build --chown=7:7 /a /b /c\n")
    (copy,) = stage.instructions

    assert ({"from": ["build"], "chown": ["7:7"]}, ["/a", "/b", "/c"]) == (copy.flags, copy.words)


def test_a_heredoc_belongs_to_its_instruction(dockerfile: ModuleType) -> None:
    """Its lines are a script, not instructions."""
    (stage,) = dockerfile.parse("FROM a:1\nRUN <<EOF\npip install x\nUSER root\nEOF\nUSER 7\n")

    assert ["RUN", "USER"] == [each.name for each in stage.instructions]
    assert "pip install x" in stage.instructions[0].command
    assert "7" == stage.last("USER").text


def test_arguments_and_variables_are_put_in(dockerfile: ModuleType) -> None:
    """What stands before the first FROM counts for FROM alone, unless a stage asks for it by name."""
    text = (
        "ARG TAG=3.13\nFROM python:${TAG}-slim\nARG TAG\nENV UID=7 A=b\nUSER $UID:${GID:-8}\nCOPY $TAG /x\n"
    )
    (stage,) = dockerfile.parse(text)

    assert "python:3.13-slim" == stage.base
    assert "7:8" == stage.last("USER").text
    assert ["3.13", "/x"] == stage.last("COPY").words


def test_a_stage_inherits_from_the_stage_it_stands_on(dockerfile: ModuleType) -> None:
    """Its user and command are those of the stage below, until it says otherwise."""
    text = "FROM a:1 AS base\nUSER 7\nCMD one\nFROM base\nRUN x\nFROM base AS last\nUSER 8\n"
    _, second, third = dockerfile.parse(text)

    assert ("7", "8") == (second.last("USER").text, third.last("USER").text)
    assert "one" == third.last("CMD").text


def test_the_exec_form_is_told_from_the_shell_form(dockerfile: ModuleType) -> None:
    """Only the exec form makes the program process 1."""
    text = 'FROM a:1\nCMD ["uvicorn", "a b"]\nENTRYPOINT uvicorn "a b"\n'
    (stage,) = dockerfile.parse(text)

    assert [["uvicorn", "a b"], None] == [each.json_form for each in stage.instructions]
    assert ["uvicorn", "a b"] == stage.instructions[1].words


def test_variables_are_read_in_both_forms(dockerfile: ModuleType) -> None:
    """`ENV NAME value` is old, and still allowed."""
    (stage,) = dockerfile.parse('FROM a:1\nENV OLD one two\nENV A=1 B="2 3"\nARG BARE\n')
    found = [pair for each in stage.instructions for pair in dockerfile.pairs(each)]

    assert [("OLD", "one two"), ("A", "1"), ("B", "2 3"), ("BARE", None)] == found


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "RUN x\n", "FROM\n", "RUN <<EOF\n", "FROM a \\", 'FROM a\nENV A="x']
)
def test_what_is_no_dockerfile_is_read_without_a_crash(dockerfile: ModuleType, text: str) -> None:
    """A learner's file is in any state; the rules say what it lacks."""
    assert len(dockerfile.parse(text)) <= 1
