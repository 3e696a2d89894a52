"""How an exercise is measured."""

from pathlib import Path

import pytest

from servelab.bench.bench_config import load
from servelab.course_root import COURSE_ROOT
from servelab.errors import MisuseError


def test_the_requests_of_this_course_can_be_read() -> None:
    """A typing mistake would show only when somebody measures."""
    for path in COURSE_ROOT.glob("exercise-*/bench.toml"):
        measured = load(path)
        assert all(asked.path.startswith("/") for asked in measured.request)
        assert measured.layered in measured.request


REQUEST = "[[request]]\nname = 'read'\npath = '/'\n"
LAYERS = "[[layers.layer]]\nname = 'a'\napp = 'm:a'\n[[layers.layer]]\nname = 'b'\napp = 'm:b'\n"


@pytest.mark.parametrize(
    "text",
    [
        "[[request",
        "[[request]]\nname = 'x'",
        "request = 3",
        REQUEST,
        f"{REQUEST}[layers]\nrequest = 'write'\nrate_per_s = 5\n{LAYERS}",
        f"{REQUEST}[layers]\nrequest = 'read'\nrate_per_s = 0\n{LAYERS}",
        None,
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str | None) -> None:
    """A contributor sees the file, and no traceback."""
    path = tmp_path / "bench.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(MisuseError, match=r"bench\.toml can't be read: [^\n]+$"):
        load(path)


def test_the_layers_belong_to_one_of_the_requests(tmp_path: Path) -> None:
    """So that the two tables speak of the same."""
    path = tmp_path / "bench.toml"
    path.write_text(f"{REQUEST}[layers]\nrequest = 'read'\nrate_per_s = 5\n{LAYERS}", encoding="utf-8")

    measured = load(path)

    assert "/" == measured.layered.path
    assert ["m:a", "m:b"] == [layer.app for layer in measured.layers.layer]
