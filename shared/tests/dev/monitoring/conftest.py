"""Tools of Prometheus, where this machine has them."""

import pytest

from servelab.services.program import find


def tool(name: str) -> str:
    """Return the path of a tool, or skip the test."""
    if program := find([name]):
        return program
    pytest.skip(f"{name} is not on this machine; get it with: make setup")


@pytest.fixture
def promtool() -> str:
    """The tool that checks configurations, and tests rules."""
    return tool("promtool")


@pytest.fixture
def amtool() -> str:
    """The tool that checks Alertmanager's configuration, and routes alerts by it."""
    return tool("amtool")
