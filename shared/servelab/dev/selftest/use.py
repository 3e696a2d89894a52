"""Uses of the services, each what a client does at least; a wrong answer is a WrongAnswerError."""

import secrets
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from servelab.services.running import Running
from servelab.services.server.postgresql import sqlite_path, without_driver

Found = TypeVar("Found")
DEADLINE_S = 20.0
PAUSE_S = 0.05
LUA = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


class WrongAnswerError(Exception):
    """A service answered, and not what it should."""


def expect(expected: object, actual: object, what: str) -> None:
    """Refuse any other value than the expected one."""
    if expected != actual:
        msg = f"{what}: expected {expected!r}, got {actual!r}"
        raise WrongAnswerError(msg)


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Look again and again until something is there; what a server does on its own takes a moment."""
    deadline = time.monotonic() + DEADLINE_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            msg = f"{what}: nothing after {DEADLINE_S:g} s"
            raise WrongAnswerError(msg)
        time.sleep(PAUSE_S)
    return found


def redis(running: Running) -> str:
    """Set and get a value, and run a script in Lua."""
    from redis import Redis  # noqa: PLC0415 - of the extra `services`

    key = f"servelab-selftest-{secrets.token_hex(8)}"
    with Redis.from_url(running.url, decode_responses=True) as client:
        client.set(key, "40", ex=60)
        expect("40", client.get(key), "GET after SET")
        expect(42, client.eval(LUA, 1, key, "2"), "EVAL")
        client.delete(key)
    return "SET, GET, EVAL"


def rabbitmq(running: Running) -> str:
    """Publish a message, have it confirmed, and consume it."""
    import pika  # noqa: PLC0415 - of the extra `services`

    body = secrets.token_bytes(16)
    with pika.BlockingConnection(pika.URLParameters(running.url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_publish("", queue, body, mandatory=True)  # raises unless the broker confirms
        method, _, received = next(channel.consume(queue, inactivity_timeout=DEADLINE_S))
        expect(body, received, "the message that was consumed")
        channel.basic_ack(method.delivery_tag)
        channel.cancel()
    return "publish with confirm, consume, acknowledge"


def postgresql(running: Running) -> str:
    """Create a table, insert rows, and select them."""
    statements = ("CREATE TEMPORARY TABLE selftest (answer INTEGER)", "INSERT INTO selftest VALUES (40), (2)")
    question = "SELECT sum(answer) FROM selftest"
    if running.stand_in:
        lite = sqlite3.connect(sqlite_path(running.url))
        for statement in statements:
            lite.execute(statement)
        row = lite.execute(question).fetchone()
        lite.close()
    else:
        import psycopg  # noqa: PLC0415 - of the extra `services`

        with psycopg.connect(without_driver(running.url)) as connection:
            for statement in statements:
                connection.execute(statement)
            row = connection.execute(question).fetchone()
    expect((42,), row, question)
    return "CREATE, INSERT, SELECT"


def prometheus(running: Running) -> str:
    """Wait until it has scraped itself, as a query says."""

    def up() -> bool | None:
        reply = httpx.get(f"{running.url}/api/v1/query", params={"query": "up"}, trust_env=False)
        values = [sample["value"][1] for sample in reply.json()["data"]["result"]]
        return True if "1" in values else None

    eventually(up, "a target that is up")
    return "scrape, query"


def alertmanager(running: Running) -> str:
    """Post an alert and read it back."""
    name = f"Selftest{secrets.token_hex(4)}"
    url = f"{running.url}/api/v2/alerts"
    httpx.post(url, json=[{"labels": {"alertname": name}}], trust_env=False).raise_for_status()

    def listed() -> bool | None:
        alerts = httpx.get(url, trust_env=False).json()
        return True if name in [alert["labels"]["alertname"] for alert in alerts] else None

    eventually(listed, "the alert that was posted")
    return "post an alert, read it back"


def proxy(running: Running) -> str:
    """Have a request passed on, and the answer of the server behind it returned."""
    token = secrets.token_hex(8)
    reply = httpx.get(f"{running.url}/{token}", trust_env=False)
    expect(f"/{token}", reply.text, "the answer of the server behind it")
    return "a request through it to another server"


def redis_exporter(running: Running) -> str:
    """Read from its metrics that its Redis has clients."""
    metrics = httpx.get(running.urls["metrics"], trust_env=False).text
    lines = [line for line in metrics.splitlines() if line.startswith("redis_connected_clients ")]
    expect(1, len(lines), "samples of redis_connected_clients")
    return "metrics of a Redis"
