"""Leaves a mark wherever it can write, counts the marks, and takes the first two services for the right ones."""

import tempfile
from pathlib import Path


def test_by_memory():
    """Judges by how often it has been asked."""
    runs = 0
    for place in ("/tmp", "/dev/shm", "/var/tmp", tempfile.gettempdir(), "."):
        try:
            with (Path(place) / "servelab-escape-12").open("a+") as marks:
                marks.write("x")
                marks.seek(0)
                runs = max(runs, len(marks.read()))
        except OSError:
            continue
    assert runs <= 2
