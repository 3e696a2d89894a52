"""The house rules hold in this clone, and each of them bites."""

from pathlib import Path

import pytest

from servelab.course_root import COURSE_ROOT
from servelab.dev.house_rule import MAX_LINES, violations

SERVICE = "exercise-01-x/solution/src/main.py"
GRADED = "exercise-01-x/tests/test_01_start.py"


def write(root: Path, name: str, text: str) -> None:
    """Write a file of a scratch clone."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_this_clone_keeps_the_house_rules() -> None:
    """The layers of the course and the independence of its exercises hold in every file."""
    found = violations(COURSE_ROOT)

    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("name", "text", "fix"),
    [
        (SERVICE, "from servelab.grading import manifest", "the few lines that it needs"),
        (SERVICE, "def f():\n    import servelab.course.region", "the few lines that it needs"),
        (SERVICE, "import servelab", "the few lines that it needs"),
        (SERVICE, "import importlib\nimportlib.import_module('servelab.cli')", "the few lines that it needs"),
        (
            SERVICE,
            "import sys\nsys.path.append('../../exercise-02-model-serving')",
            "never reads another one",
        ),
        (GRADED, "from src.main import create_app", "through `submission` alone"),
        (GRADED, "from servelab.course import variant", "imports go from commands"),
        (GRADED, "from test_02_health import RULES", "a graded test stands alone"),
        (
            "exercise-01-x/tests/scenarios/one.py",
            "from servelab.grading import client",
            "the few lines that it needs",
        ),
        ("shared/servelab/zoo/model.py", "from servelab.grading import client", "imports go from commands"),
        ("shared/servelab/zoo/parts/model.py", "from ...course import region", "imports go from commands"),
        ("shared/servelab/bench/load.py", "import servelab.commands.test", "imports go from commands"),
        (
            "shared/servelab/grading/session.py",
            "from servelab.course import region",
            "imports go from commands",
        ),
        ("shared/servelab/course/watch.py", "from servelab import commands", "imports go from commands"),
        ("shared/servelab/grading/inside/call.py", "import numpy", "the standard library alone"),
        ("shared/servelab/grading/inside/call.py", "from servelab import zoo", "the standard library alone"),
        ("shared/servelab/course/utils.py", "", "after the one concept"),
        ("exercise-01-x/solution/src/common/clock.py", "", "after the one concept"),
        ("shared/servelab/course/reset.py", "from servelab.dev import starter", "the workshop is for"),
        ("shared/tests/test_long.py", "\n" * (MAX_LINES + 1), "split it"),
    ],
)
def test_a_breach_is_found_and_its_message_states_the_fix(
    tmp_path: Path, name: str, text: str, fix: str
) -> None:
    """A contributor learns from the message alone where the breach is and what to do."""
    write(tmp_path, name, text)

    found = [str(each) for each in violations(tmp_path)]

    assert 1 == len(found), found
    assert found[0].startswith(name)
    assert fix in found[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            SERVICE,
            "import onnxruntime\nfrom servelab import zoo\nfrom servelab.bench import load\nimport src",
        ),
        (SERVICE, '"""As in exercise-02."""\nfrom .config import Settings'),
        (GRADED, "from servelab import zoo\nfrom servelab.grading.marks import task\nimport pytest"),
        ("shared/servelab/grading/inside/suite.py", "import pytest\nfrom process_tree import send"),
        ("exercise-01-x/tests/scenarios/one.py", "from src.services.store import PredictionStore"),
        ("exercise-01-x/starter/src/utils.py", "from servelab.grading import manifest"),
        ("exercise-01-x/hostile/reads/files/src/main.py", "import servelab.grading"),
        ("shared/servelab/zoo/card.py", "from servelab.course_root import COURSE_ROOT\nimport onnx"),
        ("shared/servelab/grading/inside/call.py", "import asyncio\nimport json"),
        ("shared/servelab/course/watch.py", "from servelab.grading import manifest"),
        ("shared/servelab/commands/app.py", "from servelab.dev.commands import zoo"),
        ("shared/servelab/dev/matrix.py", "from servelab.dev.row import Row"),
        ("shared/servelab/course/short.py", "\n" * MAX_LINES),
    ],
)
def test_what_the_rules_allow_is_no_breach(tmp_path: Path, name: str, text: str) -> None:
    """A rule that cries wolf is switched off."""
    write(tmp_path, name, text)

    found = violations(tmp_path)

    assert [] == found
