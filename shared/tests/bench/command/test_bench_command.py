"""`servelab bench` measures real servers, and refuses in one sentence what can't be measured."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servelab import cli
from servelab.bench.servers.process import fast
from servelab.commands.bench import option, side
from servelab.grading.manifest import Exercise

CLOSED_PORT = "http://127.0.0.1:9/"
SHORT = ["--warm-up", "0.1s", "--percentile", "90", "--rate", "300"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A fast server."""
    with fast() as found:
        yield found


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", CLOSED_PORT], "nothing answers at http://127.0.0.1:9/"),
        (["run", "http://192.0.2.1/"], "load goes to loopback alone"),
        (["run", "ftp://x"], "'ftp://x' is no address"),
        (["run", CLOSED_PORT, "--rate", "1e6"], "1,000,000 requests/s are more than the generator can send"),
        (["run", CLOSED_PORT, "--rate", "0"], "must be positive"),
        (["run", CLOSED_PORT, "--rate", "10", "--duration", "9s"], "p99 needs 662; let it run for 75 s"),
        (["run", CLOSED_PORT, "--duration", "1s"], "a run of 1 s with a warm-up of 2 s measures nothing"),
        (["run", CLOSED_PORT, "--duration", "3x"], "'3x' is no time: write it as 500ms, 30s or 2min"),
        (["run", CLOSED_PORT, "--arrivals", "weekly"], "there are poisson, constant, stepped and recorded"),
        (["run", CLOSED_PORT, "--arrivals", "stepped", "--step", "9"], "write it as RATE:TIME"),
        (["run", CLOSED_PORT, "--arrivals", "recorded"], "need --recording FILE"),
        (["run", CLOSED_PORT, "--header", "x"], "'x' has no colon"),
        (["run", CLOSED_PORT, "--body", "@/nowhere"], "/nowhere can't be read"),
        (["run", CLOSED_PORT, "--html", "/nowhere/x"], "is in a folder that does not exist"),
        (["run", CLOSED_PORT, "--processes", "64"], "this machine has"),
        (["compare", CLOSED_PORT, CLOSED_PORT, "--statistic", "mean"], "write it as p50, p99"),
        (["compare", CLOSED_PORT, CLOSED_PORT, "--statistic", "p99"], "p99 needs 662"),
        (["compare", CLOSED_PORT, "/nowhere"], "add --exercise N"),
        (["capacity", CLOSED_PORT, "--start", "1"], "begin with a higher rate"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Better said before a run of minutes than after it."""
    code = cli.run(["bench", *arguments])

    said = capsys.readouterr().err
    assert 2 == code
    assert 1 == said.strip().count("\n") + 1
    assert sentence in said


def test_a_run_is_reported_as_json_and_as_a_page(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--json -` standard output holds the report and nothing else."""
    page = tmp_path / "report.html"

    code = cli.run(
        ["bench", "run", address, *SHORT, "--duration", "1.1s", "--json", "-", "--html", str(page)]
    )

    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (0 if found["valid"] else 1) == code
    assert ("open", "poisson", 300.0) == (
        found["loop"],
        found["load"]["arrivals"],
        found["load"]["rate_per_s"],
    )
    assert {} == found["figures"]["errors"]
    assert found["figures"]["percentiles"]["p99"] is None
    assert f"<h1>{address}</h1>" in page.read_text(encoding="utf-8")


def test_a_closed_loop_says_what_it_is(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for it gets it, and is told what it can't show."""
    code = cli.run(
        ["bench", "run", address, "--closed", "--connections", "2", "--duration", "0.6s", "--warm-up", "0.1s"]
    )

    said = " ".join(capsys.readouterr().out.split())
    assert 0 == code
    assert "INVALID closed loop" in said
    assert "no figure for capacity" in said


def test_steps_and_requests_are_sent_as_asked(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The arrivals decide how long the run is."""
    arrivals = ["--arrivals", "stepped", "--step", "200:0.25s", "--step", "600:0.25s"]
    request = ["--body", '{"x": 1}', "--header", "X-Y: z"]

    cli.run(["bench", "run", address, *arrivals, *request, *SHORT, "--json", "-"])

    found = json.loads(capsys.readouterr().out)
    assert 0.5 == found["load"]["duration_s"]
    assert {} == found["figures"]["errors"]


def test_a_comparison_without_time_is_inconclusive(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It fails a script that asks whether B is as good as A: nothing was shown."""
    short = ["--block", "0.3s", "--warm-up", "0.1s", "--budget", "1s", "--rate", "200"]

    code = cli.run(["bench", "compare", address, address, *short, "--json", "-"])

    found = json.loads(capsys.readouterr().out)
    assert (1, "inconclusive") == (code, found["verdict"])
    assert ["A", "B", "B", "A"] == [block["label"] for block in found["blocks"][:4]]


def test_a_search_offers_more_until_it_is_stopped(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each rate is one probe with arrivals of its own; a search that was cut short says so."""
    short = ["--start", "100", "--probe", "0.4s", "--warm-up", "0.1s", "--max-probes", "2"]
    easy = ["--percentile", "50", "--slo", "10s"]

    code = cli.run(["bench", "capacity", address, *short, *easy, "--json", "-"])

    found = json.loads(capsys.readouterr().out)
    assert (0 if found["rate_per_s"] else 1) == code
    assert 100.0 == found["probes"][0]["rate_per_s"]
    # On a busy machine it is the generator that falls behind, and the search says so.
    assert (found["limit"], len(found["probes"])) in {("probes", 2), ("generator", 1), ("generator", 2)}
    assert list(range(1, 1 + len(found["probes"]))) == [probe["load"]["seed"] for probe in found["probes"]]


def test_a_folder_is_served_for_as_long_as_it_is_measured(miniature: Exercise) -> None:
    """A comparison of two implementations needs no second and third terminal."""
    with side.serving(str(miniature.solution), "/health/live", None) as found:
        path = re.findall(r"^unix:(.+):/health/live$", found)[0]
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)

    with socket.socket(socket.AF_UNIX) as client, pytest.raises(FileNotFoundError):
        client.connect(path)


def test_a_body_is_posted_as_json_unless_said_otherwise() -> None:
    """It is what the course's services take."""
    plain = option.request("", "{}", None)
    other = option.request("PUT", "x", ["Content-Type: text/plain"])

    assert ("POST", (("Content-Type", "application/json"),)) == (plain.method, plain.headers)
    assert ("PUT", (("Content-Type", "text/plain"),)) == (other.method, other.headers)
