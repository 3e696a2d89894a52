"""The reports for people: terminal and page say the same, and no submission can change how they look."""

import base64
import hashlib
import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from rich.console import Console

from servelab.dev import report_preview
from servelab.grading.report import html, text
from servelab.grading.verdict import Grade

NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)
ONE = report_preview.grade("submissions/alice.zip", 0.93, 5)
FAULT = Grade("bob.zip", 1, "bubblewrap", ONE.tasks, 0.5, fault="the sandbox could not be started")
VOID = {"meta", "rect"}


class Page(HTMLParser):
    """A page as a browser takes it apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with its attributes."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that elements end in order."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Note the words that a person sees."""
        if not self.open or self.open[-1] != "style":
            self.words += data


@pytest.mark.parametrize(
    "grades",
    [[ONE], report_preview.cohort(12), [report_preview.hostile()], [FAULT], [ONE, report_preview.hostile()]],
)
def test_the_page_loads_nothing_and_runs_nothing(grades: list[Grade]) -> None:
    """A report is opened from a disk or an e-mail, by somebody with a grade book open in the next tab."""
    page = Page(html.render(grades, now=NOW))

    assert [] == page.open
    assert not {"script", "iframe", "img", "link", "form", "object", "embed", "base"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"src", "style", "srcset", "action"}, (tag, name)
        assert name != "href" or re.fullmatch(r"#submission-\d+", value), value


def test_the_policy_of_the_page_allows_its_own_style_only() -> None:
    """If an escape were forgotten, the browser would still run and load nothing."""
    page = html.render([ONE], now=NOW)

    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_hostile_text_is_shown_as_the_text_that_it_is() -> None:
    """A learner who prints HTML must find it in the report, as text."""
    page = html.render([report_preview.hostile()], now=NOW)

    words = Page(page).words
    assert "<script>alert(1)</script>" in words
    assert "{{ 7 * 7 }}" in words
    assert '" onmouseover="alert(1)"' in words
    assert not set(page) & {"\x1b", "\x07", "\x00", "\u202e", "\r"}


def test_the_page_shows_what_a_learner_needs() -> None:
    """Claim, call, expected against got, and what the service said, for every failing test."""
    words = Page(html.render([ONE], now=NOW)).words

    failed = [test for task in ONE.tasks for test in task.tests if test.verdict == "fail"]
    assert failed
    for test in failed:
        for part in (test.claim, test.call, test.expected, test.said):
            assert part in words
    for task in ONE.tasks:
        assert task.message in words
    assert "14 March 2026" in words
    assert "bubblewrap" in words


def test_a_known_mistake_stands_out() -> None:
    """The sentence of a known mistake is the most useful line of a report."""
    grades = (report_preview.grade("a", 0.9, seed) for seed in range(50))
    grade = next(grade for grade in grades if any(task.diagnosis for task in grade.tasks))

    assert 'class="diagnosis"' in html.render([grade], now=NOW)
    assert "known mistake: your handler runs the model on the event loop" in text.render([grade], width=200)


@pytest.mark.parametrize("render", [text.render, lambda grades: html.render(grades, now=NOW)])
def test_practice_is_named_and_a_fault_has_no_number(render: Callable[[Sequence[Grade]], str]) -> None:
    """Nobody may take a practice run for a mark, nor a broken grader for a zero."""
    practice = render([report_preview.grade("starter", 0.9, 3, isolation="process")])
    fault = render([FAULT])

    assert "practice, not graded" in practice.lower()
    assert "practice, not graded" not in fault.lower()
    assert "the sandbox could not be started" in fault
    assert "no score" in fault.lower()
    assert not re.search(r"\d</b> of|\d of \d+ ", fault.replace("of 4 tests", ""))


def test_a_cohort_comes_before_its_submissions() -> None:
    """With many submissions, what they have in common is what an instructor wants first."""
    page = html.render(report_preview.cohort(12), now=NOW)

    titles = [
        "14 submissions",
        ">Tasks<",
        "Known mistakes",
        "Failed tests",
        ">Submissions<",
        "Each submission",
    ]
    places = [page.index(title) for title in titles]
    assert sorted(places) == places
    assert "discrimination is the correlation" in page


def test_the_text_fits_a_terminal_and_has_no_colour_in_a_pipe() -> None:
    """Eighty columns are what a CI log and a divided screen have."""
    report = text.render([report_preview.grade("submissions/alice.zip", 3, 5)])

    assert max(map(len, report.splitlines())) <= 80
    assert "\x1b" not in report
    assert "100 of 100" in report


def test_a_terminal_gets_colour_but_not_from_the_submission() -> None:
    """Colour is ours; a sequence in the output of a service is the attacker's."""
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True, color_system="standard", width=80)

    text.show([report_preview.hostile()], console)

    assert "\x1b[" in buffer.getvalue()
    assert "\x1b[2J" not in buffer.getvalue()
    assert "\x1b]0;" not in buffer.getvalue()
    assert "[bold]x[/bold]" in buffer.getvalue()


def test_no_line_of_the_text_is_a_command_to_a_ci_system() -> None:
    """Attack 23: the text is printed into the log of a job that obeys such lines."""
    report = text.render([report_preview.hostile()])

    assert not any(line.lstrip().startswith("::") for line in report.splitlines())
    assert "##vso[" not in report
