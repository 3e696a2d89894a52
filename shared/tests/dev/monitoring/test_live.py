"""Every panel shows data while the real services are in use."""

import pytest

from servelab.dev.monitoring.live_check import look_live
from servelab.services import LackingServiceError


def test_every_panel_has_data_against_the_real_services() -> None:
    """A renamed metric empties a panel, and nobody would notice until it is needed."""
    try:
        seen = look_live()
    except LackingServiceError as lacking:
        pytest.skip(str(lacking))

    assert [] == [each.to_dict() for each in seen.findings if not each.ok]
    assert seen.step.ok, seen.step.detail
    assert seen.findings
