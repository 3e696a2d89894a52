"""Ask twice whether the service lives."""

from src.answer import live


async def play():
    """Return both answers."""
    return [live(), live()]
