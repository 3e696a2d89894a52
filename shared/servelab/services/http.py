"""How a server that speaks HTTP is asked."""

import httpx

from servelab.services.errors import NotReadyError

TIMEOUT_S = 1.0  # of one question, which is asked again


def get(url: str) -> httpx.Response:
    """Return whatever is answered to `GET`, never by way of a proxy.

    Raises:
        NotReadyError: nothing is.
    """
    try:
        return httpx.get(url, timeout=TIMEOUT_S, trust_env=False)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise NotReadyError(str(error)) from None


def ask(url: str) -> httpx.Response:
    """Return the answer of a server that is ready.

    Raises:
        NotReadyError: there is none, or it is an error.
    """
    reply = get(url)
    if reply.is_error:
        msg = f"GET {reply.url.path} is answered with {reply.status_code}"
        raise NotReadyError(msg)
    return reply


def ask_field(url: str, *keys: str) -> str:
    """Return a field of the JSON that a server which is ready answers with.

    Raises:
        NotReadyError: there is no such field; it is another server.
    """
    try:
        value = ask(url).json()
        for key in keys:
            value = value[key]
    except (ValueError, LookupError, TypeError):
        msg = f"GET {url} is answered as by another server"
        raise NotReadyError(msg) from None
    return str(value)
