"""The reference of a task is what the solution has between its markers."""

import shutil

import pytest

from servelab.commands.reveal import Reference, reference
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise


def test_the_reference_names_file_and_line(miniature: Exercise) -> None:
    """A reader wants to see the rest of the file too."""
    expected = Reference("src/answer.py", 6, "say that the process answers", '    return "alive"')

    assert [expected] == reference(miniature, "1.1")


def test_a_student_edition_says_so(miniature: Exercise) -> None:
    """An instructor hands out the course without its solutions."""
    shutil.rmtree(miniature.solution)

    with pytest.raises(MisuseError, match="student edition"):
        reference(miniature, "1.1")
