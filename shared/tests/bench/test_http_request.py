"""Addresses and requests: what is refused before a byte is sent."""

import pytest

from servelab.bench.errors import AddressError, RemoteHostError, RequestError
from servelab.bench.http.address import parse
from servelab.bench.http.request import Request, encode

LOCAL = parse("http://127.0.0.1:8000/v1?x=1")


def test_a_request_has_the_bytes_of_rfc_9112() -> None:
    """The bytes are made once; a mistake in them would be in every sample."""
    request = Request("POST", "/p", (("Content-Type", "application/json"),), b"[1]")

    expected = (
        b"POST /p HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
        b"Content-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"
    )
    assert expected == encode(request, LOCAL)


def test_the_path_of_the_address_serves_where_a_request_names_none() -> None:
    """`servelab bench run http://127.0.0.1:8000/v1?x=1` means that resource."""
    assert encode(Request(), LOCAL).startswith(b"GET /v1?x=1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="HEAD"),
        Request(method="GET /x"),
        Request(resource="/a b"),
        Request(resource="/\u00e9"),
        Request(headers=(("X", "a\r\nHost: evil"),)),
        Request(headers=(("Content-Length", "3"),)),
    ],
)
def test_a_request_that_would_break_its_framing_is_refused(request_: Request) -> None:
    """Else one request would be read as two, and every later answer be off by one."""
    with pytest.raises(RequestError):
        encode(request_, LOCAL)


@pytest.mark.parametrize(
    "text",
    ["https://127.0.0.1/", "127.0.0.1:80", "http://", "http://127.0.0.1:x/", "unix:", "http://u@127.0.0.1/"],
)
def test_what_is_no_address_is_refused_with_the_two_forms(text: str) -> None:
    """The refusal shows what would have been right."""
    with pytest.raises(AddressError) as refused:
        parse(text)

    assert "unix:/run/service.sock:/path" in str(refused.value)


@pytest.mark.parametrize("text", ["http://192.0.2.1/", "http://0.0.0.0:80/", "http://[2001:db8::1]/"])
def test_load_leaves_this_machine_only_for_a_host_that_is_named(text: str) -> None:
    """Load on somebody else's service is an attack on it."""
    with pytest.raises(RemoteHostError) as refused:
        parse(text)

    assert "--allow-remote" in str(refused.value)


def test_a_named_host_is_allowed() -> None:
    """Its owner agreed."""
    assert "192.0.2.1" == parse("http://192.0.2.1/", frozenset({"192.0.2.1"})).ip
