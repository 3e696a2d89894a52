"""The brief of a task is the section of the README that begins with its id."""

from pathlib import Path
from textwrap import dedent

import pytest

from servelab.course.brief import brief, commentary, section
from servelab.grading.manifest import Exercise


def test_a_brief_ends_at_the_next_heading_and_fenced_lines_are_no_headings(miniature: Exercise) -> None:
    """Code in a brief holds comments that look like headings."""
    found = brief(miniature, "1.1")

    assert found is not None
    assert 3 == found.line
    assert found.markdown.startswith("A probe asks")
    assert found.markdown.endswith("### 1.2 is no heading here\n```")


def test_a_brief_ends_at_a_higher_heading(miniature: Exercise) -> None:
    """The last task must not carry the rest of the README."""
    found = brief(miniature, "1.3")

    assert found is not None
    assert "Ready is not alive." == found.markdown


def test_a_missing_brief_is_none(miniature: Exercise) -> None:
    """A task that is being written has no brief yet."""
    assert None is brief(miniature, "1.2")
    assert None is commentary(miniature, "1.3")
    assert None is section(miniature.folder / "missing.md", 2, "1.1")


@pytest.mark.parametrize(
    "heading", ["### 1.1 Title", "### 1.1", "### 1.1* Title", "### 1.1. Title", "### Task 1.1: Title"]
)
def test_ids_are_matched_whole(tmp_path: Path, heading: str) -> None:
    """1.1 and 1.10 stand in the same README."""
    path = tmp_path / "README.md"
    text = dedent(f"""\
        ### 1.10 Another
        no
        ### 1.1.2 Another
        no
        {heading}
        yes
        """)
    path.write_text(text, encoding="utf-8")

    found = section(path, 3, "1.1")

    assert found is not None
    assert "yes" == found.markdown
