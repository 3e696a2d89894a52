"""A service is taken from the environment, from the machine, from an engine, or stood in for."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from servelab import services
from servelab.services import container, service
from servelab.services.availability import availability
from servelab.services.selftest.leftover import left_over
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.rabbitmq import RABBITMQ
from servelab.services.server.redis import REDIS
from servelab.services.service import offer


def test_a_url_in_the_environment_comes_first_and_is_left_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets REDIS_URL has a Redis that must survive the tests."""
    with services.redis() as mine:
        monkeypatch.setenv("REDIS_URL", mine.url)

        with services.redis() as running:
            found = running

        assert Redis.from_url(mine.url).ping()
    assert ("environment", mine.url, None) == (found.origin, found.url, found.scratch)


def test_a_url_that_does_not_answer_is_no_reason_to_take_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets REDIS_URL means that one; its password is nobody else's business."""
    monkeypatch.setenv("REDIS_URL", "redis://:secret@127.0.0.1:1/0")

    with pytest.raises(services.FailedServiceError) as caught, services.redis():
        pass

    assert str(caught.value).startswith("REDIS_URL=redis://:***@127.0.0.1:1/0 does not answer (")
    assert str(caught.value).endswith("start it, or unset REDIS_URL")


@pytest.mark.parametrize(
    ("variable", "service"),
    [
        ("REDIS_URL", services.redis),
        ("RABBITMQ_URL", services.rabbitmq),
        ("DATABASE_URL", services.postgresql),
        ("PROMETHEUS_URL", services.prometheus),
        ("ALERTMANAGER_URL", services.alertmanager),
    ],
)
@pytest.mark.parametrize("url", ["localhost:1", "http://[::1", "nothing at all"])
def test_a_url_that_is_none_is_said(
    variable: str,
    service: Callable[[], AbstractContextManager[services.Running]],
    url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What somebody mistyped must not end in a traceback."""
    monkeypatch.setenv(variable, url)

    with pytest.raises(services.FailedServiceError, match=f"^{variable}.*, or unset {variable}$"), service():
        pass


def test_another_server_at_the_url_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Alertmanager at PROMETHEUS_URL is as good as nothing."""
    with services.alertmanager() as other:
        monkeypatch.setenv("PROMETHEUS_URL", other.url)

        with pytest.raises(services.FailedServiceError, match="does not answer"), services.prometheus():
            pass


def test_a_configuration_of_the_caller_is_not_asked_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A Prometheus elsewhere does not know the test's targets."""
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:1")

    with services.prometheus("scrape_configs: []") as running:
        assert "binary" == running.origin


def test_valkey_stands_in_for_redis_and_says_so() -> None:
    """Nobody must believe that a test has met a Redis when it has not."""
    found = offer(replace(REDIS, programs=(), image=""))

    assert ("embedded", "valkey (stand-in for redis)", True) == (found.origin, found.name, found.stand_in)


def test_an_image_comes_before_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real server in a container is nearer to production than another one."""
    monkeypatch.setattr(container, "image_lacking", lambda _image: "")
    monkeypatch.setattr(sys, "platform", "linux")

    found = offer(replace(REDIS, programs=("redis-server-that-is-not-here",)))

    assert ("container", False) == (found.origin, found.stand_in)


def test_a_container_is_used_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same service, the same addresses, another place that it comes from."""
    if not container.has(REDIS.image):
        pytest.skip(f"not run: no container engine has the image {REDIS.image}")
    monkeypatch.setattr(service, "find", lambda _programs: "")

    with services.redis() as running, Redis.from_url(running.url) as client:
        assert ("container", True) == (running.origin, client.ping())
    assert [] == left_over(running)


def test_a_database_of_the_environment_that_stands_in_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`servelab up` hands such a URL out where there is no PostgreSQL."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'data.sqlite'}")

    with services.postgresql() as running:
        assert ("environment", "sqlite (stand-in for postgresql)", True) == (
            running.origin,
            running.name,
            running.stand_in,
        )


def test_what_can_not_be_had_is_one_sentence_with_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner needs the command, not a traceback."""
    monkeypatch.setattr(container, "image_lacking", lambda _image: "no engine")
    nowhere = replace(RABBITMQ, programs=("rabbitmq-server-that-is-not-here",))

    with pytest.raises(services.LackingServiceError) as caught:
        offer(nowhere)

    sentence = str(caught.value)
    assert sentence.startswith("rabbitmq is not on this machine")
    assert sentence.endswith("sudo apt-get install --no-install-recommends rabbitmq-server")


def test_a_missing_client_library_is_named() -> None:
    """The server alone is of no use to a program that can't talk to it."""
    with pytest.raises(services.LackingServiceError, match="needs the Python package no_such_client"):
        offer(replace(REDIS, client="no_such_client"))


def test_another_database_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """DATABASE_URL of a MySQL is not a PostgreSQL that happens to be down."""
    monkeypatch.setenv("DATABASE_URL", "mysql://root@localhost/db")

    with (
        pytest.raises(services.FailedServiceError, match="it is not the URL of a PostgreSQL"),
        services.postgresql(),
    ):
        pass


def test_the_list_names_every_service_and_every_stand_in() -> None:
    """What is missing is found before a test needs it."""
    found = {each.name: each for each in availability()}

    assert {
        "redis",
        "rabbitmq",
        "postgresql",
        "prometheus",
        "nginx",
        "haproxy",
        "alertmanager",
    } < found.keys()
    assert "stand-in" == found["jaeger"].state
    assert all(each.mend for each in found.values() if each.state != "real")
    assert POSTGRESQL.mend.endswith("postgresql")
