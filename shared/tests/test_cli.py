"""Every ending of a command is an exit code and at most one sentence."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from servelab import cli
from servelab.container_engine import engine_lacking
from servelab.course import practice
from servelab.errors import GraderFaultError
from servelab.grading import manifest
from servelab.grading.manifest import Exercise


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tset"], "no such command 'tset'; did you mean 'test'"),
        (["test", "--bogus"], "no such option: --bogus"),
        (["reset"], "missing argument 'TASK'"),
        (["test", "1.9"], "there is no task 1.9; exercise 1 has 1.1 to 1.3"),
        (["hint", "banana"], "'banana' is not a task"),
        (["serve", "2"], "exercise 2 (Serving frameworks) is coming"),
        (["test", "--impl", "/nowhere"], "there is no folder /nowhere"),
        (["reveal", "1.1"], "task 1.1 has not passed yet"),
        (["progress", "--json", "/nowhere/x"], "/nowhere/x is in a folder that does not exist"),
        (["progress", "--json", "/"], "/ is a folder"),
        (["serve", "1", "--port", "0"], "invalid value for '--port'"),
        (["sync", "--exercise", "9"], "there is no exercise 9"),
    ],
)
@pytest.mark.usefixtures("miniature")
def test_wrong_use_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A learner is told what to do, and a script can tell wrong use from a failed test."""
    code = cli.run(arguments)

    said = capsys.readouterr().err
    assert 2 == code
    assert 1 == said.count("\n")
    assert sentence in said


@pytest.mark.usefixtures("miniature")
@pytest.mark.parametrize(
    "arguments", [["test", "1.1"], ["grade", "exercise-01-fastapi-fundamentals/starter"]]
)
def test_an_image_without_an_engine_is_one_sentence(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks for the tests of an image must not get a pass without them."""
    engine_lacking.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")

    code = cli.run([*arguments, "--images"])
    engine_lacking.cache_clear()

    assert 2 == code
    assert "--images: the program docker is not installed" in capsys.readouterr().err


def test_a_broken_manifest_is_one_sentence(miniature: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    """A contributor who edits it sees the line."""
    path = miniature.folder / "exercise.toml"
    path.write_text(path.read_text(encoding="utf-8") + "[[task", encoding="utf-8")
    manifest.exercise.cache_clear()

    code = cli.run(["progress"])

    assert 2 == code
    assert "exercise.toml is not valid TOML" in capsys.readouterr().err


@pytest.mark.usefixtures("miniature")
def test_a_fault_of_the_grader_is_exit_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No score may follow from it, so a script must be able to tell."""
    monkeypatch.setattr(practice, "practise", failing(GraderFaultError("the session broke")))

    code = cli.run(["test", "1.1"])

    assert 3 == code
    assert "servelab: the session broke\n" == capsys.readouterr().err


@pytest.mark.usefixtures("miniature")
def test_a_defect_is_one_line_that_says_where_the_traceback_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback of ours teaches a learner nothing, and is what a report needs."""
    monkeypatch.setattr(practice, "practise", failing(ZeroDivisionError("oops")))

    code = cli.run(["test", "1.1"])

    said = capsys.readouterr().err
    [kept] = (tmp_path / ".servelab").glob("servelab-defect.txt")
    assert 3 == code
    assert 1 == said.count("\n")
    assert str(kept) in said
    assert "ZeroDivisionError: oops" in kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [13, 28, 30], ids=["no permission", "full disk", "read-only"])
@pytest.mark.usefixtures("miniature")
def test_what_the_machine_refuses_is_one_sentence(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk is nobody's defect."""
    monkeypatch.setattr(practice, "practise", failing(OSError(number, os.strerror(number), "/some/file")))

    code = cli.run(["test", "1.1"])

    assert 2 == code
    assert f"servelab: /some/file: {os.strerror(number).lower()}\n" == capsys.readouterr().err


@pytest.mark.usefixtures("miniature")
def test_ctrl_c_is_exit_130_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who interrupts knows that they did."""
    monkeypatch.setattr(practice, "practise", failing(KeyboardInterrupt()))

    code = cli.run(["test", "1.1"])

    assert 130 == code
    assert "" == capsys.readouterr().err


def failing(error: BaseException) -> Callable[..., object]:
    """Return a function that raises."""

    def fail(*_arguments: object, **_named: object) -> object:
        raise error

    return fail


def test_control_characters_never_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A path in a message may be hostile."""
    cli.say("there is no \x1b[31mfile\x07\nhere")

    assert "servelab: there is no ?[31mfile? here\n" == capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["zoo"]])
def test_help_is_no_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Who types the bare name wants to know what there is."""
    code = cli.run(arguments)

    assert 0 == code
    assert "Usage: servelab" in capsys.readouterr().out


def test_the_help_tells_who_a_command_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the first thing that an instructor reads."""
    cli.run(["--help"])

    help_ = capsys.readouterr().out
    panels = ["For learners", "For instructors", "For contributors"]
    assert sorted(panels, key=help_.index) == panels
    assert "completion" not in help_


@pytest.mark.parametrize(("learners_ready", "code"), [(True, 0), (False, 1)])
def test_doctor_fails_only_for_what_learners_need(
    *, learners_ready: bool, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A laptop without Docker is fit for learning."""
    from servelab.course import machine  # noqa: PLC0415 - only this test looks at the machine
    from servelab.course.check import Check  # noqa: PLC0415 - likewise

    checks = [
        Check("Python", "learners", learners_ready, "3", "" if learners_ready else "install it"),
        Check("Docker engine", "optional", ok=False, found="none", mend="start it"),
    ]
    monkeypatch.setattr(machine, "examine", lambda _: iter(checks))

    assert code == cli.run(["doctor", "--json", "-"])
    report = json.loads(capsys.readouterr().out)
    assert learners_ready == report["ready"]["learners"]
    assert ["Python", "Docker engine"] == [check["name"] for check in report["checks"]]
