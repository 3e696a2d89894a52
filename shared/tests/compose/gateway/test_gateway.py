"""Claims about the gateway, seen from both of its sides."""

import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.compose.gateway.conftest import DnsServer, Gateway, Replica

    Pair = tuple[Replica, Replica]

PREDICTIONS = "/v1/models/digits/predictions"
ENOUGH = 40
"""So many requests miss one of two replicas in one run out of 10^12."""


def test_nginx_accepts_the_configuration(gateway: "Gateway") -> None:
    """What nginx does not accept keeps the whole gateway down."""
    said = gateway.check()

    assert 0 == said.returncode, said.stderr


def test_both_replicas_get_requests(gateway: "Gateway", replicas: "Pair") -> None:
    """A replica that gets nothing is paid for in vain."""
    answered = {gateway.client.get("/v1/models").text for _ in range(ENOUGH)}

    assert {each.address for each in replicas} == answered


def test_a_replica_that_comes_back_elsewhere_is_found(
    gateway: "Gateway", replicas: "Pair", dns: "DnsServer", newcomer: "Replica"
) -> None:
    """A container that is started anew has another address, whatever DNS said of the old one."""
    assert gateway.client.get("/v1/models").text in {each.address for each in replicas}
    dns.addresses = [newcomer.address]
    deadline = time.monotonic() + 10

    while newcomer.address != gateway.client.get("/v1/models").text:
        assert time.monotonic() < deadline, "it still asks the old addresses"


def test_a_prediction_goes_to_the_other_replica_when_one_is_down(
    gateway: "Gateway", replicas: "Pair"
) -> None:
    """A connection that was never made has done nothing, so even a POST may go elsewhere."""
    replicas[0].stop()

    statuses = {gateway.client.post(PREDICTIONS, json={}).status_code for _ in range(ENOUGH)}

    assert {200} == statuses


def test_a_prediction_that_was_sent_is_not_sent_again(gateway: "Gateway", replicas: "Pair") -> None:
    """The replica may have done the work before it broke off: twice would be wrong."""
    for each in replicas:
        each.status = 0

    reply = gateway.client.post(PREDICTIONS, json={})

    assert 502 == reply.status_code
    assert 1 == sum(len(each.asked) for each in replicas)


def test_reading_is_tried_again_at_the_other_replica(gateway: "Gateway", replicas: "Pair") -> None:
    """To read twice harms nobody, so the client need not know that a replica broke off."""
    replicas[0].status = 0

    answered = {gateway.client.get("/v1/models").text for _ in range(ENOUGH)}

    assert {replicas[1].address} == answered
    assert replicas[0].asked, "the broken replica was never asked, so nothing was tried again"


def test_an_overloaded_service_is_not_asked_twice(gateway: "Gateway", replicas: "Pair") -> None:
    """To ask the next replica after each 503 doubles the load when there is too much of it."""
    for each in replicas:
        each.status = 503

    reply = gateway.client.get("/v1/models")

    assert 503 == reply.status_code
    assert 1 == sum(len(each.asked) for each in replicas)
    assert reply.text in {each.address for each in replicas}, "the service's own answer must come through"


def test_a_request_keeps_its_id_on_the_whole_way(gateway: "Gateway", replicas: "Pair") -> None:
    """Who looks for a request in three logs needs one id."""
    gateway.client.get("/v1/models", headers={"X-Request-ID": "from-the-client.1"})

    ((_, _, headers),) = [asked for each in replicas for asked in each.asked]
    assert "from-the-client.1" == headers["X-Request-ID"]
    logged = gateway.logged("from-the-client.1")
    assert 200 == logged["status"]
    assert logged["tried"].partition(":")[0] in {each.address for each in replicas}


def test_a_line_of_the_log_is_json_whatever_a_client_sends(gateway: "Gateway") -> None:
    """A line that can't be read is one in which an attacker hides."""
    gateway.client.get("/v1/models/%22%0a%22", headers={"X-Request-ID": "odd"})

    assert '/v1/models/"\n"' == gateway.logged("odd")["path"]


@pytest.mark.parametrize("harmful", ['"}{"', "a b", "x" * 65, ""])
def test_an_id_that_could_harm_a_log_is_replaced(gateway: "Gateway", replicas: "Pair", harmful: str) -> None:
    """An id ends up in logs and terminals, so a client can't write there what it likes."""
    gateway.client.get("/v1/models", headers={"X-Request-ID": harmful})

    ((_, _, headers),) = [asked for each in replicas for asked in each.asked]
    assert harmful != headers["X-Request-ID"]
    assert 32 == len(headers["X-Request-ID"])


def test_a_client_can_not_claim_another_address(gateway: "Gateway", replicas: "Pair") -> None:
    """A service that limits by address would limit somebody else."""
    gateway.client.get("/v1/models", headers={"X-Forwarded-For": "192.0.2.1"})

    ((_, _, headers),) = [asked for each in replicas for asked in each.asked]
    assert "127.0.0.1" == headers["X-Forwarded-For"]


@pytest.mark.parametrize("path", ["/metrics", "/docs", "/openapi.json", "/health/ready", "/", "/v1"])
def test_only_the_api_is_open_to_the_outside(gateway: "Gateway", replicas: "Pair", path: str) -> None:
    """Metrics tell a stranger what is used how much, and probes when to come."""
    reply = gateway.client.get(path)

    assert 404 == reply.status_code
    assert "application/problem+json" == reply.headers["Content-Type"]
    assert 404 == reply.json()["status"]
    assert not any(each.asked for each in replicas)


@pytest.mark.parametrize("path", ["/v1/../metrics", "/v1/%2e%2e/metrics", "//metrics", "/v1//../../metrics"])
def test_no_detour_leads_past_the_api(gateway: "Gateway", replicas: "Pair", path: str) -> None:
    """A path is judged by where it leads, not by how it is written."""
    url = gateway.client.base_url
    request = httpx.Request("GET", url, extensions={"target": path.encode()})

    reply = gateway.client.send(request)

    assert reply.status_code in {400, 404}
    assert not any(each.asked for each in replicas)


def test_a_large_body_is_refused_before_it_reaches_a_replica(gateway: "Gateway", replicas: "Pair") -> None:
    """The gateway is there so that not everything reaches a service."""
    reply = gateway.client.post(PREDICTIONS, content=b" " * (1024 * 1024 + 1))

    assert 413 == reply.status_code
    assert "application/problem+json" == reply.headers["Content-Type"]
    assert not any(each.asked for each in replicas)


def test_a_body_of_a_mebibyte_is_let_through(gateway: "Gateway", replicas: "Pair") -> None:
    """The service takes as much, and its own limit is the one that clients know."""
    reply = gateway.client.post(PREDICTIONS, content=b" " * (1024 * 1024))

    assert 200 == reply.status_code
    assert 1 == sum(len(each.asked) for each in replicas)


def test_the_stream_may_become_a_websocket_and_nothing_else_may(gateway: "Gateway", replicas: "Pair") -> None:
    """A handshake needs headers that nginx drops; elsewhere they are a way past the gateway's rules."""
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade"}
    for path in ("/v1/models/digits/stream", "/v1/models"):
        gateway.client.get(path, headers=handshake)

    asked = {path: headers for each in replicas for _, path, headers in each.asked}
    assert "websocket" == asked["/v1/models/digits/stream"]["Upgrade"]
    assert "upgrade" == asked["/v1/models/digits/stream"]["Connection"].lower()
    assert "Connection" not in asked["/v1/models"]
