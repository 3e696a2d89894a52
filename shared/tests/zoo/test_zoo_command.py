"""The command `servelab zoo`, as a person and as a program use it."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from servelab import zoo
from servelab.dev.commands.zoo import app
from servelab.errors import MisuseError
from servelab.zoo import card


def run(*arguments: str) -> Result:
    """Run one command of the group."""
    return CliRunner().invoke(app, list(arguments), standalone_mode=False)


def test_list_names_every_model_with_its_accuracy() -> None:
    """The first question is which models there are."""
    printed = run("list").stdout

    for each in zoo.catalogue():
        assert each.name in printed
        assert f"{each.accuracy:.1%}" in printed


def test_show_says_how_to_open_a_model_and_where_its_data_come_from() -> None:
    """The card of a model, for a person."""
    printed = run("show", "tumour-forest").stdout

    for part in ("zoo:tumour-forest", "malignant, benign", "0 to 5000", "CC BY 4.0", "10.24432/C5DW2B"):
        assert part in printed


def test_reports_are_also_json() -> None:
    """A program gets the same facts, and nothing else on standard output."""
    listed = json.loads(run("list", "--json", "-").stdout)
    shown = json.loads(run("show", "digits-cnn", "--json", "-").stdout)
    checked = json.loads(run("check", "--json", "-").stdout)

    assert [each.name for each in zoo.catalogue()] == [each["name"] for each in listed["models"]]
    assert shown == listed["models"][0]
    assert 0 == checked["wrong"]
    assert {"model", "check", "ok", "detail"} == set(checked["findings"][0])


def test_check_succeeds_on_the_committed_models() -> None:
    """Exit code 0 is what CI looks at."""
    result = run("check")

    assert 0 == result.return_value
    assert "WRONG" not in result.stdout


def test_check_fails_when_a_model_is_spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and the table says which check of which model."""
    values = json.loads(card.CATALOGUE.read_text())
    values["models"][0]["sha256"] = "0" * 64
    (tmp_path / "catalogue.json").write_text(json.dumps(values))
    monkeypatch.setattr(card, "CATALOGUE", tmp_path / "catalogue.json")

    result = run("check")

    assert 1 == result.return_value
    assert 1 == result.stdout.count("WRONG")


@pytest.mark.parametrize("command", ["show", "build"])
def test_an_unknown_model_is_one_sentence(command: str) -> None:
    """Wrong use ends with a sentence and exit code 2, never with a traceback."""
    error = run(command, "digits-cn").exception

    assert isinstance(error, MisuseError)
    assert "did you mean 'digits-cnn'?" in str(error)


def test_building_without_the_training_libraries_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The base installation is light on purpose: no torch, no scikit-learn."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "servelab.dev.zoo_build.training", raising=False)
    monkeypatch.delitem(sys.modules, "servelab.dev.zoo_build.digits_cnn", raising=False)

    error = run("build", "digits-cnn").exception

    assert isinstance(error, MisuseError)
    assert '".[train]"' in str(error)
