"""A service starts when it can, says why when it can't, and stops for good."""

import os
import select
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from servelab import services
from servelab.services import supply as supply_module
from servelab.services.definition import Service, offer
from servelab.services.leftover import left_over
from servelab.services.port import LOOPBACK, is_free, number_of, reserve
from servelab.services.server.redis import REDIS
from servelab.services.supply import supply

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="watches processes as Linux alone does"
)


def test_two_services_of_a_kind_do_not_meet() -> None:
    """Tests that run at the same time must not read each other's data."""
    with services.redis() as one, services.redis() as other:
        Redis.from_url(one.url).set("key", "value")

        assert Redis.from_url(other.url).get("key") is None


def test_a_service_is_reached_by_a_unix_socket_too() -> None:
    """A sandbox without a network still reaches a socket in a folder."""
    with services.redis() as running, Redis.from_url(running.urls["unix"]) as client:
        assert client.ping()


def test_a_port_that_somebody_else_took_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between choosing a port and listening on it, any program may take it."""
    offered: list[int] = []
    with socket.socket() as thief:

        def reserve_and_be_robbed() -> socket.socket:
            reservation = reserve()
            if not offered:
                thief.bind((LOOPBACK, number_of(reservation)))
                thief.listen()
            offered.append(number_of(reservation))
            return reservation

        monkeypatch.setattr(supply_module, "reserve", reserve_and_be_robbed)
        with services.redis() as running:
            ports = running.ports

    assert (offered[1],) == ports
    assert 2 == len(offered)


def test_a_machine_that_takes_every_port_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying for ever would look like a hang."""
    with socket.socket() as thief:
        thief.bind((LOOPBACK, 0))
        thief.listen()
        monkeypatch.setattr(supply_module, "number_of", lambda _: thief.getsockname()[1])

        with (
            pytest.raises(services.FailedServiceError, match="redis found its port taken 3 times"),
            services.redis(),
        ):
            pass


def test_a_reserved_port_is_offered_to_nobody_else() -> None:
    """Two test runs that start at once must not agree on a port."""
    reservations = [reserve() for _ in range(200)]
    numbers = {number_of(each) for each in reservations}
    for each in reservations:
        each.close()

    assert 200 == len(numbers)


def test_a_port_with_a_listener_is_not_free() -> None:
    """The check must tell the one from the other."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert not is_free(port)
    assert is_free(port)


def test_a_server_that_dies_at_its_start_is_quoted(redis_that_is: Callable[[str], Service]) -> None:
    """What the server itself said is the shortest way to the cause."""
    service = redis_that_is("pwd; echo 'no space left'; exit 3")

    with pytest.raises(services.FailedServiceError) as caught, supply(service):
        pass

    folder, _, said = str(caught.value).partition("exit code 3: ")[2].partition("\n")
    assert "no space left" == said
    assert not Path(folder).exists()


def test_a_server_that_never_answers_is_given_up(redis_that_is: Callable[[str], Service]) -> None:
    """A start that hangs must not hang the tests."""
    service = replace(redis_that_is("exec sleep 1000"), deadline_s=0.2)

    with (
        pytest.raises(services.FailedServiceError, match=r"does not answer 0\.2 s after its start"),
        supply(service),
    ):
        pass


def test_a_program_that_can_not_be_run_is_said(redis_that_is: Callable[[str], Service]) -> None:
    """A broken installation is told from a missing one."""
    service = redis_that_is("")
    Path(service.programs[0]).write_text("#!/no/such/interpreter\n", encoding="utf-8")

    with pytest.raises(services.FailedServiceError, match="No such file or directory"), supply(service):
        pass


@LINUX
def test_a_server_that_ends_while_it_is_in_use_is_a_failure() -> None:
    """A test that passes although its server died has not tested what it says."""

    def use() -> None:
        with services.redis() as running, Redis.from_url(running.url) as client:
            process = os.pidfd_open(client.info("server")["process_id"])
            client.shutdown(nosave=True)
            select.select([process], [], [])
            os.close(process)

    with pytest.raises(services.FailedServiceError, match="redis ended while it was in use, exit code 0"):
        use()


@LINUX
@pytest.mark.parametrize(
    "script",
    [
        'setsid sleep 1000 & exec {program} "$@"',  # leaves the session, and loses its parent
        "trap '' TERM; {program} \"$@\" & wait; wait; sleep 1000",  # does not listen to reason
    ],
    ids=["daemon", "stubborn"],
)
def test_whatever_a_server_started_is_stopped_with_it(
    script: str, redis_that_is: Callable[[str], Service]
) -> None:
    """Erlang's epmd is such a daemon: it has outlived many a test run."""
    service = redis_that_is(script.replace("{program}", offer(REDIS).program))
    impatient = replace(service, plan=lambda place: replace(service.plan(place), grace_s=0.1))

    with supply(impatient) as running:
        before = left_over(running)

    assert any(each.startswith("process") for each in before)
    assert [] == left_over(running)


def test_a_wrong_configuration_is_answered_by_the_server() -> None:
    """The server knows best what is wrong with its configuration."""
    with pytest.raises(services.FailedServiceError, match="unknown directive"), services.nginx("banana on;"):
        pass
