"""`servelab up` starts services that stay, `servelab down` ends them, and both say what they did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from servelab import cli
from servelab.services.leftover import left_over
from servelab.services.running import Running

if TYPE_CHECKING:
    from tests.conftest import Clone


@pytest.fixture
def clone(clone: "Clone") -> Iterator["Clone"]:
    """A clone in which nothing stays up after the test."""
    yield clone
    clone.run("down")


def up(clone: "Clone") -> Running:
    """Bring a Redis up, and return what the command reports."""
    (report,) = json.loads(clone.run("up", "redis", "--json", "-").stdout)["services"]
    del report["started"]
    return Running(**{**report, "scratch": Path(report["scratch"]), "ports": tuple(report["ports"])})


def test_a_service_stays_up_until_it_is_taken_down(clone: "Clone") -> None:
    """A learner starts it in one terminal and uses it in another, after the command has ended."""
    running = up(clone)
    with Redis.from_url(running.url) as client:
        assert client.ping()

    done = clone.run("down")

    assert (0, "redis: stopped\n") == (done.returncode, done.stdout)
    assert [] == left_over(running)


def test_up_twice_is_the_same_service(clone: "Clone") -> None:
    """A second one would hide the data of the first."""
    running = up(clone)

    again = clone.run("up", "redis")

    assert 0 == again.returncode
    assert "running already" in again.stdout
    assert f"export REDIS_URL={running.url}" in again.stdout


def test_what_has_ended_by_itself_is_forgotten(clone: "Clone") -> None:
    """A process id that is remembered for too long belongs to somebody else."""
    running = up(clone)
    with Redis.from_url(running.url) as client:
        client.shutdown(nosave=True)

    # Its supervisor may still be cleaning up: either answer is true then, and nothing is left after it.
    first, second = clone.run("down", "redis"), clone.run("down", "redis")

    assert first.stdout in ("redis: stopped\n", "redis: was not running\n")
    assert "redis: was not running\n" == second.stdout


def test_a_service_of_the_environment_is_not_started_again(clone: "Clone") -> None:
    """Who has a Redis already is not given another."""
    running = up(clone)
    clone.environment["REDIS_URL"] = "redis://default:secret@127.0.0.1:1/0"

    refused = clone.run("up", "redis")
    clone.environment["REDIS_URL"] = running.url
    found = clone.run("up", "redis")

    assert 1 == refused.returncode
    assert "secret" not in refused.stdout
    assert 0 == found.returncode
    assert "runs where REDIS_URL says" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["up", "reddis"], "there is no service reddis; up knows redis, rabbitmq"),
        (["up", "nginx"], "nginx does nothing without a configuration"),
        (["down", "reddis"], "up starts no service reddis"),
    ],
)
def test_a_wrong_name_is_one_sentence_and_exit_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The learner is told which names there are."""
    code = cli.run(arguments)

    said = capsys.readouterr().err
    assert 2 == code
    assert sentence in said
