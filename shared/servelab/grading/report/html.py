"""The report for a browser: one page, nothing loaded from anywhere, no script.

The page forbids scripts and every request by its own content security policy,
so that an escape that was forgotten could still do nothing.
Source: the HTML standard's `details`; WCAG 2.2 for contrast and for signs beside colour.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from servelab.grading.report import wording
from servelab.grading.report.checked import checked
from servelab.grading.report.cohort import MIN_ANALYSED, cohorts
from servelab.grading.verdict import Grade

_TEMPLATES = Path(__file__).parent / "template"
_MOST_FAILED_TESTS = 20


def render(grades: Sequence[Grade], *, now: datetime) -> str:
    """Return the page about one submission, or about many with their cohort first.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    plain = checked(grades)
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            grades=plain,
            numbered=list(enumerate(plain, start=1)),
            cohorts=cohorts(plain),
            now=now,
            style=style,
            style_digest=digest,
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": wording.number,
        "seconds": wording.seconds,
        "sentence": wording.sentence,
    }
    environment.globals |= {
        "wording": wording,
        "min_analysed": MIN_ANALYSED,
        "most_failed_tests": _MOST_FAILED_TESTS,
    }
    return environment
