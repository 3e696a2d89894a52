"""Keeps the services in use while the panels are looked at: predictions, cached keys, messages.

One thread asks for a little of everything, again and again: enough that every counter moves.
Leaves out: measuring; how fast a service is, `servelab bench` says.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import httpx
import pika
import redis
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from servelab import zoo
from servelab.services import FailedServiceError

Use = Callable[[], None]
"""One round of somebody's use of a service."""

PAUSE_S = 0.05
TIMEOUT_S = 10.0
MODELS = {"digits": "digits-cnn", "tumour": "tumour-forest"}
"""Name in the service -> name in the zoo, as exercise 01 has them by default."""

QUEUE = "predictions"
KEY = "servelab:monitoring"
LIFETIME_MS = 500


@contextmanager
def traffic(apis: Sequence[str], redis_url: str, rabbitmq_url: str) -> Iterator[None]:
    """Keep services in use as long as the block runs.

    Args:
        apis: address of each replica of exercise 01.
        redis_url: of the Redis.
        rabbitmq_url: of the RabbitMQ.

    Raises:
        FailedServiceError: one of them failed meanwhile.
    """
    users = [*map(predicting, apis), caching(redis_url), exchanging(rabbitmq_url)]
    enough, failures = threading.Event(), list[Exception]()
    thread = threading.Thread(target=_use_all, args=(users, enough, failures), name="traffic")
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
    if failures:
        msg = f"the services could not be kept in use: {failures[0]!r}"
        raise FailedServiceError(msg)


@contextmanager
def predicting(url: str) -> Iterator[Use]:
    """Ask a prediction service for single predictions, a batch and its list of models."""
    rows = {name: zoo.golden(model).instances[0].tolist() for name, model in MODELS.items()}
    with httpx.Client(base_url=url, trust_env=False, timeout=TIMEOUT_S) as client:

        def use() -> None:
            for name, row in rows.items():
                client.post(f"/v1/models/{name}/predictions", json={"features": row}).raise_for_status()
            batch = {"instances": [{"features": rows["digits"]}] * 8}
            client.post("/v1/models/digits/batch", json=batch).raise_for_status()
            client.get("/v1/models").raise_for_status()

        yield use


@contextmanager
def caching(url: str) -> Iterator[Use]:
    """Write a key that expires, read it, and read one that is not there."""
    with contextlib.closing(redis.Redis.from_url(url, socket_timeout=TIMEOUT_S)) as client:

        def use() -> None:
            client.set(KEY, "a cached prediction", px=LIFETIME_MS)
            client.get(KEY)
            client.get(f"{KEY}:absent")

        yield use


@contextmanager
def exchanging(url: str) -> Iterator[Use]:
    """Publish a message, and consume and acknowledge what has come."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = TIMEOUT_S
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.basic_consume(QUEUE, _acknowledge)

        def use() -> None:
            channel.basic_publish(exchange="", routing_key=QUEUE, body=b"a row of features")
            connection.process_data_events(time_limit=0)

        yield use


def _acknowledge(channel: BlockingChannel, method: Basic.Deliver, _: BasicProperties, __: bytes) -> None:
    channel.basic_ack(method.delivery_tag)


def _use_all(
    users: Sequence[contextlib.AbstractContextManager[Use]],
    enough: threading.Event,
    failures: list[Exception],
) -> None:
    try:
        # Opened here: a connection of pika belongs to the thread that opened it.
        with ExitStack() as stack:
            uses = [stack.enter_context(user) for user in users]
            while not enough.wait(PAUSE_S):
                for use in uses:
                    use()
    except (httpx.HTTPError, redis.RedisError, AMQPError) as error:
        failures.append(error)
