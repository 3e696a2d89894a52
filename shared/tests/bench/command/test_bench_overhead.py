"""`servelab bench overhead` from its arguments to its table; the searches themselves are canned."""

import contextlib
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from servelab import cli
from servelab.bench.bench_config import RequestConfig
from servelab.bench.capacity.search import Limit
from servelab.bench.layers import LayerCost
from servelab.bench.overhead import Search, Side, Tried
from servelab.grading import manifest

MARKS = "before\n<!-- made by `servelab bench overhead 1 --write` -->\nold\n<!-- end -->\nafter\n"
Rates = Callable[[str, int], tuple[float, Limit]]


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README of a copy of exercise 01."""
    owner = manifest.exercise(1)
    for name in ("bench.toml", "layers.py", "solution"):
        (tmp_path / name).symlink_to(owner.folder / name)
    monkeypatch.setattr(manifest, "exercise", lambda _number: owner.model_copy(update={"folder": tmp_path}))
    costs = [LayerCost("FastAPI alone", [1e-4] * 8), LayerCost("the model", [3e-4] * 8)]
    monkeypatch.setattr("servelab.dev.layer_cost.layer_costs", lambda *_: costs)
    path = tmp_path / "README.md"
    path.write_text(MARKS, encoding="utf-8")
    return path


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> "Install":
    """Puts a made-up result in the place of a search; what it finds is told by its path and its turn.

    Nothing is asked, so nothing is started either: the bare service and the exercise's are addresses.
    """
    module = importlib.import_module("servelab.dev.commands.overhead")

    def install(rates: Rates) -> list[tuple[str, int]]:
        turns: list[tuple[str, int]] = []

        def search(side: Side, _address: str, asked: RequestConfig, seed: int) -> Search:
            path = "/" if side == "bare" else asked.path
            rate_per_s, limit = rates(path, len(turns))
            turns.append((path, seed))
            return Search(
                side, rate_per_s, limit, (Tried(rate_per_s, seed, None, sustained=True, reasons=()),)
            )

        monkeypatch.setattr(module, "_search", search)
        return turns

    def served(*_: object) -> contextlib.AbstractContextManager[SimpleNamespace]:
        return contextlib.nullcontext(SimpleNamespace(address="http://127.0.0.1:9"))

    monkeypatch.setattr("servelab.commands.bench.side.served", served)
    return install


Install = Callable[[Rates], list[tuple[str, int]]]


def test_the_table_goes_into_the_readme_and_the_searches_into_the_json(
    readme: Path, found: Install, tmp_path: Path
) -> None:
    """What a number in the table comes from can be looked up: its searches, their seeds and their probes."""
    turns = found(lambda path, _: (2000.0 if path == "/" else 500.0, "service"))
    report = tmp_path / "report.json"

    code = cli.run(["bench", "overhead", "1", "--rounds", "2", "--write", "--json", str(report)])

    assert 0 == code
    document = json.loads(report.read_text(encoding="utf-8"))
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| GET /health/live | 2,000 | 500 | 0.25 (0.25 to 0.25) | 1.50 ms |" in text
    assert "| and the model | 0.300 ms | 0.200 ms (0.200 to 0.200) |" in text
    assert ["bare", "service"] == [each["side"] for each in document["overheads"][0]["rounds"][0]]
    first = document["overheads"][0]["rounds"][0][0]["probes"][0]
    assert (2000.0, turns[0][1]) == (first["rate_per_s"], first["seed"])


def test_both_sides_of_a_round_get_the_same_seeds_in_turns(readme: Path, found: Install) -> None:
    """The luck of the arrivals is in no share, nor is who comes first."""
    turns = found(lambda *_: (1000.0, "service"))

    cli.run(["bench", "overhead", "1", "--rounds", "2"])

    live = [turn for index, turn in enumerate(turns) if index % 4 < 2]
    assert ["/", "/health/live", "/health/live", "/"] == [path for path, _ in live]
    first, second, third, fourth = (seed for _, seed in live)
    assert first == second < third == fourth
    assert readme.read_text(encoding="utf-8") == MARKS


def test_a_lost_search_costs_its_round_alone(
    readme: Path, found: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty minutes must not be lost to one restless minute."""
    found(lambda _, turn: (1000.0, "probes" if turn == 0 else "service"))

    code = cli.run(["bench", "overhead", "1", "--rounds", "2", "--write"])

    said = " ".join(capsys.readouterr().out.split())
    assert 0 == code
    assert "round 1: GET /health/live, bare: left out after 1 probes, limit: probes" in said
    assert "GET /health/live: 1 of 2 rounds left out" in readme.read_text(encoding="utf-8")


def test_without_one_whole_round_there_is_no_table(
    readme: Path, found: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But what was measured is in the JSON."""
    found(lambda path, _: (1000.0, "generator" if path == "/" else "service"))
    report = tmp_path / "report.json"

    code = cli.run(["bench", "overhead", "1", "--rounds", "1", "--write", "--json", str(report)])

    assert 3 == code
    assert "no round found both capacities" in capsys.readouterr().err
    assert MARKS == readme.read_text(encoding="utf-8")
    assert (
        json.loads(report.read_text(encoding="utf-8"))["overheads"][0]["rounds"][0][1]["limit"] == "service"
    )


def test_lost_marks_are_found_before_anything_is_measured(
    readme: Path, found: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after twenty minutes."""
    turns = found(lambda *_: (1000.0, "service"))
    readme.write_text("no marks\n", encoding="utf-8")

    assert 3 == cli.run(["bench", "overhead", "1", "--write"])
    assert [] == turns
    assert "has lost its marks" in capsys.readouterr().err
