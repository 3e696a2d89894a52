"""Hints come one by one, the vaguest first."""

from servelab.commands.hint import hints, next_hint
from servelab.grading.manifest import Exercise


def test_each_level_has_its_name(miniature: Exercise) -> None:
    """A learner knows how much more there is to come."""
    found = [(hint.number, hint.level, hint.text) for hint in hints(miniature.task("1.3"))]

    assert [(1, "nudge", "one"), (2, "approach", "two"), (3, "almost there", "three")] == found


def test_the_next_hint_is_the_first_unseen(miniature: Exercise) -> None:
    """Nobody reads the last before the first."""
    levels = [hint.level if (hint := next_hint(miniature.task("1.3"), seen)) else None for seen in range(4)]

    assert ["nudge", "approach", "almost there", None] == levels
