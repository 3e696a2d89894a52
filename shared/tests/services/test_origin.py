"""A service is taken from the environment, from the machine, from an engine, or stood in for."""

import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis

from servelab import services
from servelab.dev.selftest import use
from servelab.services import container, definition
from servelab.services.availability import availability
from servelab.services.definition import offer
from servelab.services.leftover import left_over
from servelab.services.plan import Place
from servelab.services.server import prometheus, redis_exporter
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.rabbitmq import RABBITMQ
from servelab.services.server.redis import REDIS


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
        assert "environment" != running.origin


def test_valkey_stands_in_for_redis_and_says_so() -> None:
    """Nobody must believe that a test has met a Redis when it has not."""
    found = offer(replace(REDIS, programs=(), image=""))

    assert ("embedded", "valkey (stand-in for redis)", True) == (found.origin, found.name, found.stand_in)


def test_an_image_comes_before_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real server in a container is nearer to production than another one."""
    _have_engine(monkeypatch)

    found = offer(replace(REDIS, programs=("redis-server-that-is-not-here",)))

    assert ("container", False) == (found.origin, found.stand_in)


@pytest.mark.parametrize(
    "engine",
    [
        {"endpoint": "tcp://10.0.0.7:2376"},
        {"endpoint": "ssh://user@host"},
        {"endpoint": ""},
        {"kind": "Docker Desktop [name=seccomp,profile=unconfined]"},
        {"kind": "Debian GNU/Linux 12 (bookworm) [name=seccomp,profile=builtin name=rootless]"},
    ],
    ids=["tcp", "ssh", "podman", "desktop", "rootless"],
)
def test_an_engine_that_is_not_on_this_very_network_is_not_used(
    engine: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its containers would listen on a loopback interface that no test reaches, and see no file of it."""
    _have_engine(monkeypatch, **engine)

    assert not container.has("redis:7-alpine")


def _have_engine(
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str = "unix:///var/run/docker.sock",
    kind: str = "Debian GNU/Linux 12 (bookworm) [name=seccomp,profile=builtin]",
) -> None:
    """Have an engine that says of itself what it is told to, and has every image."""

    def docker(*words: str) -> CompletedProcess[str]:
        return CompletedProcess(words, 0, stdout=endpoint if words[0] == "context" else kind)

    monkeypatch.setattr(container, "image_lacking", lambda _image: "")
    monkeypatch.setattr(container, "docker", docker)
    monkeypatch.setattr(sys, "platform", "linux")


def test_rules_in_files_are_not_given_to_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not see them, and Prometheus would start without a single rule and say nothing."""
    _have_engine(monkeypatch)
    monkeypatch.setattr(definition, "find", lambda _programs: "")

    assert "container" == offer(prometheus.configured("scrape_configs: []")).origin
    with pytest.raises(services.LackingServiceError, match="sudo apt-get install"):
        offer(prometheus.configured("rule_files: [/rules/*.yml]"))


def test_a_container_is_used_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same service, the same addresses, another place that it comes from."""
    if not container.has(REDIS.image):
        pytest.skip(f"not run: no container engine has the image {REDIS.image}")
    monkeypatch.setattr(definition, "find", lambda _programs: "")

    with services.redis() as running, Redis.from_url(running.url) as client:
        assert ("container", True) == (running.origin, client.ping())
    assert [] == left_over(running)


def test_a_database_of_the_environment_that_stands_in_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`servelab up` hands such a URL out where there is no PostgreSQL."""
    (tmp_path / "data.sqlite").touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'data.sqlite'}")

    with services.postgresql() as running:
        assert ("environment", "sqlite (stand-in for postgresql)", True) == (
            running.origin,
            running.name,
            running.stand_in,
        )


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_a_file_that_is_no_database_is_said_and_not_made(
    scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A mistyped path must neither pass for a database nor become one."""
    (tmp_path / "text").write_text("x" * 4096, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    for path in ("text", "missing.db", f"{tmp_path}/missing.db", ""):
        monkeypatch.setenv("DATABASE_URL", f"{scheme}:///{path}")
        with pytest.raises(
            services.FailedServiceError, match=f"DATABASE_URL={re.escape(scheme)}:.*does not answer"
        ):
            services.postgresql().__enter__()

    assert ["text"] == [each.name for each in tmp_path.iterdir()]


def test_a_url_with_a_driver_names_the_same_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SQLAlchemy's URLs say by which library the database is asked."""
    (tmp_path / "data.sqlite").touch()
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'data.sqlite'}")

    with services.postgresql() as running:
        used = use.postgresql(running)

    assert "CREATE, INSERT, SELECT" == used


def test_a_database_is_not_open_to_every_user_of_the_machine() -> None:
    """Its account may run programs as whoever started the server."""
    with services.postgresql() as running:
        if running.stand_in:
            pytest.skip("not run: postgresql is not on this machine")
        parts = urlsplit(running.url)
        open_to_all = parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}").geturl()

        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(open_to_all)


def test_the_password_of_a_redis_is_no_argument_of_its_exporter(tmp_path: Path) -> None:
    """The arguments of a process are read by every user of the machine, its environment by its own."""
    url = "redis://:secret@127.0.0.1:1/0"

    plan = redis_exporter.planner(url)(Place("exporter", tmp_path, {"main": 1}))

    assert url in plan.environment.values()
    assert "secret" not in " ".join(plan.command)


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
