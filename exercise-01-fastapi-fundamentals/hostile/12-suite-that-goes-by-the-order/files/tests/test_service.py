"""Takes the number of its socket's folder for its turn, and the first two for the right ones."""

import sys
from pathlib import Path


def test_by_turn():
    """Judges without looking."""
    sockets = [Path(word) for word in sys.argv if word.endswith(".sock") or word.startswith("/tmp/planted")]
    turns = [int(part) for path in sockets for part in path.parts if part.isdigit()]
    assert not turns or turns[0] < 2
