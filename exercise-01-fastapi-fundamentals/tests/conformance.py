"""Let schemathesis compare a service with its own OpenAPI document, and say in short what it finds.

It runs as a program of its own, with a time limit: the document comes from a stranger.
Its seed is fixed and nothing of a run is kept for the next one, so a service always gets the same requests.
Source: Hatfield-Dodds and Dygalo, "Deriving Semantics-Aware Fuzzers from Web API Schemas", 2021.
Leaves out: its check that valid data is accepted, since a schema can't say what a certain model takes;
and its stateful phase, which depends on ids that are drawn at random.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from servelab.course_root import COURSE_ROOT
from servelab.errors import GraderFaultError
from servelab.grading.client import SERVED_AT

EXAMPLES = 3
TIMEOUT_S = 40
MAX_FINDINGS = 3
FOUND_NOTHING, FOUND_SOMETHING = 0, 1
MAX_LINES = 16
TABLES = COURSE_ROOT / ".servelab" / "hypothesis"
"""Tables of Unicode that take a second to make; they hold nothing of a run."""


def findings(url: str) -> list[str]:
    """Return what is wrong: the operation, what was expected, and a `curl` line that shows it.

    Raises:
        GraderFaultError: schemathesis did not get as far as an answer.
        subprocess.TimeoutExpired: it took too long, as it does with a service that hangs.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        report = Path(folder) / "report.xml"
        done = _run(url, report, folder)
        if done.returncode not in (FOUND_NOTHING, FOUND_SOMETHING) or not report.exists():
            msg = f"schemathesis ended with code {done.returncode}: {(done.stderr or done.stdout)[-500:]}"
            raise GraderFaultError(msg)
        found = _read(report, url)
    return found or ([done.stdout[-1000:]] if done.returncode == FOUND_SOMETHING else [])


def _run(url: str, report: Path, folder: str) -> "subprocess.CompletedProcess[str]":
    options = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)]
    options += ["--generation-deterministic", "--exclude-checks", "positive_data_acceptance", "--no-color"]
    options += ["--request-timeout", "5", "--max-failures", str(MAX_FINDINGS), "--warnings", "off"]
    options += ["--report", "junit", "--report-junit-path", str(report)]
    command = [sys.executable, "-P", "-m", "schemathesis.cli", "run", f"{url}/openapi.json", *options]
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": _tables(folder), "NO_PROXY": "*"}
    return subprocess.run(  # noqa: S603 - our own words, and a URL of ours
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def _tables(folder: str) -> str:
    try:
        TABLES.mkdir(parents=True, exist_ok=True)
    except OSError:
        return folder
    return str(TABLES) if os.access(TABLES, os.W_OK) else folder


def _read(report: Path, url: str) -> list[str]:
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - schemathesis has written it
    return [
        f"{case.get('name')}: {_short(problem.text or '').replace(url, SERVED_AT)}"
        for case in cases
        for problem in case
        if problem.tag in ("failure", "error")
    ]


def _short(text: str) -> str:
    """Leave out what schemathesis says about itself."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [
        re.sub(r"^- ST\d+ ", "", line) for line in lines if not re.match(r"\d+\. Test Case ID|See: |💡", line)
    ]
    return "\n".join(said[:MAX_LINES])
