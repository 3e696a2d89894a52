"""The compose file, as it is written and as data."""

import re
from typing import Any

import pytest
import yaml

from servelab.course_root import COURSE_ROOT


@pytest.fixture(scope="session")
def compose_text() -> str:
    """The compose file as it is written."""
    return (COURSE_ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def compose(compose_text: str) -> dict[str, Any]:
    """The compose file with its anchors resolved, and its variables left as they are."""
    loaded: dict[str, Any] = yaml.safe_load(compose_text)
    return loaded


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every service by its name."""
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="session")
def variables(compose_text: str) -> set[str]:
    """The variables that the compose file asks for; `$$` is a dollar of the shell's."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", compose_text))
