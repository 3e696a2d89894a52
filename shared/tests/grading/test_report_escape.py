"""Escaping: hostile text loses what steers a terminal, a spreadsheet or a CI system, and keeps its words."""

import pytest

from servelab.grading.report import escape


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hscore 100", "score 100"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1bP1;2|data\x1b\\text", "text"),
        ("\x1bc\x1b(Btext", "text"),
        ("unfinished \x1b]0;rest", "unfinished ]0;rest"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("a\u200bb\ufeffc\u2066d", "abcd"),
        ("a\ud800b\ufffec", "a\ufffdbc"),
        ("a\u2028b", "a\nb"),
        ("Grüße, 世界, é́", "Grüße, 世界, é́"),
    ],
)
def test_a_block_keeps_words_and_loses_what_steers(hostile: str, plain: str) -> None:
    """A service's output is printed by a grader at somebody's terminal."""
    assert plain == escape.block(hostile)


def test_cleaning_twice_changes_nothing() -> None:
    """Every writer cleans by itself, so that text may come through it more than once."""
    text = "".join(map(chr, range(0x250))) * 40 + "\u202e\x1b[31m\ud800" + "x" * 50_000

    for clean in (escape.block, escape.line, escape.path):
        assert clean(text) == clean(clean(text))


def test_lengths_are_capped_at_both_ends() -> None:
    """A million characters of output must not hide the last line, which says what failed."""
    text = "first" + "x" * 1_000_000 + "last"

    for clean, limit in ((escape.block, 6_000), (escape.line, 400), (escape.path, 160)):
        assert limit == len(clean(text))
        assert clean(text).startswith("first")
        assert clean(text).endswith("last")


def test_a_path_shows_what_can_not_be_seen() -> None:
    """Two names that look alike must not look alike in a report."""
    assert "a\\nb\\x1b[2J\\u202e\\udcff\\xa0.py" == escape.path("a\nb\x1b[2J\u202e\udcff\xa0.py")
    assert "src/größe.py" == escape.path("src/größe.py")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\x00=", "%", "|", "\uff1d", "\u200b="]
)
def test_no_cell_begins_like_a_formula(start: str) -> None:
    """`=HYPERLINK(…)` in the name of a submission runs in the instructor's spreadsheet."""
    cell = escape.cell(f"{start}1+1")

    assert cell.startswith("'")


def test_a_cell_of_plain_words_stays_as_it_is() -> None:
    """An apostrophe before every name would be noise."""
    assert "alice/a=b.zip" == escape.cell("alice/a=b.zip")


@pytest.mark.parametrize(
    "command",
    [
        "::set-output name=score::100",
        "::error file=a.py,line=1::no",
        "  ::add-mask::secret",
        "##[error]no",
        "##vso[task.complete result=Succeeded;]done",
        "##teamcity[testFinished name='x']",
    ],
)
def test_workflow_commands_are_broken(command: str) -> None:
    """The log of a grading job is read by the CI system that runs it."""
    broken = escape.command_free(command)

    assert not broken.lstrip().startswith("::")
    assert "##[" not in broken
    assert "##vso[" not in broken
    assert "##teamcity[" not in broken


def test_what_only_looks_like_a_command_is_left_alone() -> None:
    """Slices, addresses and test ids have colons, too."""
    for text in ("rows[::2]", "http://[::1]:8000", "test_06.py::test_a_client_leaves", "## heading"):
        assert text == escape.command_free(text)
