"""The requests by which an exercise is measured."""

from pathlib import Path

import pytest

from servelab.bench.asked import load
from servelab.course_root import COURSE_ROOT
from servelab.errors import MisuseError


def test_the_requests_of_this_course_can_be_read() -> None:
    """A typing mistake would show only when somebody measures."""
    for path in COURSE_ROOT.glob("exercise-*/bench.toml"):
        assert all(asked.path.startswith("/") for asked in load(path))


@pytest.mark.parametrize("text", ["[[request", "[[request]]\nname = 'x'", "request = 3", None])
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str | None) -> None:
    """A contributor sees the file, and no traceback."""
    path = tmp_path / "bench.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(MisuseError, match=r"bench\.toml can't be read: [^\n]+$"):
        load(path)
