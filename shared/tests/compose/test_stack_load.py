"""Claims about the load of the smoke test."""

import re
import socket
from collections.abc import Iterator

import pytest

from servelab.course_root import COURSE_ROOT
from servelab.dev.stack.errors import StackError
from servelab.dev.stack.load import CLIENTS, PACE_RPS, Load


@pytest.fixture
def closed() -> Iterator[str]:
    """An address at which nobody answers, so that each request ends at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield "{}:{}".format(*held.getsockname())


def test_the_gateway_allows_what_the_clients_ask_for_together() -> None:
    """On a fast machine a gateway that is right would fail the smoke test with 429."""
    text = (COURSE_ROOT / "shared/compose/nginx/nginx.conf").read_text(encoding="utf-8")
    (allowed_rps,) = re.findall(r"rate=(\d+)r/s", text)
    (connections,) = re.findall(r"limit_conn connections (\d+);", text)

    assert int(allowed_rps) > CLIENTS * PACE_RPS
    assert int(connections) > CLIENTS


def test_a_client_keeps_to_its_pace_however_fast_the_answers_are(closed: str) -> None:
    """The limit of the gateway is for all clients of one address together."""
    with Load(closed) as load:
        load.wait_for(10 * CLIENTS)
    began_s = sorted(reply.began_s for reply in load.replies)
    seconds = began_s[-1] - began_s[0]

    # One at once and then one for each interval; a clock that is set meanwhile gets some room.
    assert len(began_s) <= CLIENTS * (1 + 1.1 * PACE_RPS * seconds)


def test_a_load_that_runs_out_says_so(closed: str) -> None:
    """A time-out would send whoever reads it to look at the services."""
    with Load(closed, most_requests=20) as load:
        load.wait_for(15)
        with pytest.raises(StackError) as caught:
            load.wait_for(15)

    assert "the load runs out" in str(caught.value)
    assert len(load.replies) <= 20
