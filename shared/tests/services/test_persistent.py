"""A service that lasts is known as long as it can be had, and is never forgotten before it is gone."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from redis import Redis

from servelab import cli
from servelab.commands import services as down_module
from servelab.commands import services as up_module
from servelab.services import FailedServiceError, supervisor
from servelab.services.definition import Service
from servelab.services.leftover import left_over
from servelab.services.persistent import PersistentServices
from servelab.services.plan import Plan
from servelab.services.running import Running
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.redis import REDIS
from servelab.services.supervisor import STOP

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
SQLITE = replace(POSTGRESQL, programs=(), image="")
DEADLINE_S = 20
SAID = " can't open \x1b[31m[/x]"


@pytest.fixture
def persistent(tmp_path: Path) -> PersistentServices:
    """Services that last, remembered in a folder of the test."""
    return PersistentServices(tmp_path / "services")


def test_a_service_without_a_server_stays_too(persistent: PersistentServices) -> None:
    """SQLite has nothing to wait for: it is there at once, and stays as long as the others."""
    running, is_new = persistent.up(SQLITE)
    again, is_new_again = persistent.up(SQLITE)

    assert (True, False, running.url) == (is_new, is_new_again, again.url)
    assert persistent.down("postgresql")
    assert [] == left_over(running)


def test_what_is_remembered_is_for_its_owner_alone(persistent: PersistentServices, tmp_path: Path) -> None:
    """The URL of a database holds its password."""
    persistent.up(SQLITE)
    persistent.down("postgresql")

    assert 0o700 == (tmp_path / "services").stat().st_mode & 0o777


def test_a_supervisor_hears_two_lines_that_come_at_once() -> None:
    """Whoever asks for a service that is ready at once sends its plan and `stay` in one breath."""
    near, far = socket.socketpair()
    with (
        near,
        subprocess.Popen(
            [sys.executable, supervisor.__file__, "test"], stdin=far.fileno(), stdout=far.fileno()
        ) as process,
        near.makefile("rb") as answers,
    ):
        far.close()
        near.settimeout(DEADLINE_S)
        scratch = json.loads(answers.readline())["scratch"]
        plan = json.dumps(asdict(Plan(url="")))
        near.sendall(f"{plan}\n{json.dumps({'stay': f'{scratch}/supervisor.sock'})}\n".encode())

        try:
            said = json.loads(answers.readline())
        finally:
            process.terminate()

    assert {"stays": True} == said


def test_a_folder_with_a_long_path_is_said(
    persistent: PersistentServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system allows a socket about a hundred characters, and says so in words that help nobody."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)

    with pytest.raises(FailedServiceError, match="set TMPDIR to a folder with a shorter path"):
        persistent.up(SQLITE)

    assert [] == list(long.iterdir())


def test_a_service_that_is_cleaned_up_after_can_not_be_had(
    persistent: PersistentServices, tmp_path: Path
) -> None:
    """The URL of a server that has died is of no use, and what is left of it is still on its way out."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    running, _ = persistent.up(_cleaned_up_by(f"read line < {fifo}"))
    with Redis.from_url(running.url) as client:
        client.shutdown(nosave=True)

    with fifo.open("w"):  # returns when the supervisor's clean-up waits for a line
        while_cleaning_up = persistent.find("redis")
    was_running = persistent.down("redis")

    assert while_cleaning_up is None
    assert not was_running
    assert [] == left_over(running)


def test_a_supervisor_that_hangs_up_has_ended(persistent: PersistentServices, tmp_path: Path) -> None:
    """It may end by itself while it is asked to, which is no defect of anybody's."""
    path = tmp_path / "supervisor.sock"
    running = Running("redis", "", "binary", "", scratch=tmp_path / "gone")
    folder = tmp_path / "services"
    folder.mkdir()
    (folder / "redis.json").write_text(
        json.dumps({"socket": str(path), "running": asdict(running)}, default=str), encoding="utf-8"
    )

    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor() as pool:
        listener.bind(str(path))
        listener.listen()
        was_running = pool.submit(persistent.down, "redis")
        connection, _ = listener.accept()
        connection.recv(len(STOP), socket.MSG_PEEK)
        connection.close()  # with what has not been read: the connection is reset

        assert not was_running.result(DEADLINE_S)
    assert [] == persistent.names()


@LINUX
def test_what_a_killed_supervisor_leaves_is_named_until_it_is_gone(persistent: PersistentServices) -> None:
    """Who is told that a service was not running looks no further."""
    running, _ = persistent.up(REDIS)
    assert running.scratch
    with Redis.from_url(running.url) as client:
        server = int(client.info("server")["process_id"])
    process = os.pidfd_open(server)
    status = Path(f"/proc/{server}/stat").read_text(encoding="utf-8")
    os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)
    ended, _, _ = select.select([process], [], [], DEADLINE_S)
    os.close(process)

    for _ in range(2):
        with pytest.raises(
            FailedServiceError, match=f"redis has ended and left behind: folder {running.scratch}"
        ):
            persistent.down("redis")
    shutil.rmtree(running.scratch)

    assert ended, "its server must end with it"
    assert not persistent.down("redis")
    assert [] == persistent.names()


@pytest.mark.parametrize("command", ["up", "down"])
def test_what_a_server_says_is_printed_as_it_is(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path in brackets is no markup, and a server does not steer the terminal."""

    class Broken(PersistentServices):
        def up(self, service: Service) -> tuple[Running, bool]:
            raise FailedServiceError(service.name + SAID)

        def down(self, name: str) -> bool:
            raise FailedServiceError(name + SAID)

    for module in (up_module, down_module):
        monkeypatch.setattr(module, "persistent_services", lambda: Broken(Path()))

    code = cli.run([command, "redis"])

    assert 1 == code
    assert "can't open ?[31m[/x]\n" in capsys.readouterr().out


def _cleaned_up_by(script: str) -> Service:
    """Return a Redis whose supervisor runs a script when it has ended."""
    clean_up = (("/bin/sh", "-c", script),)
    return replace(REDIS, plan=lambda place: replace(REDIS.plan(place), clean_up=clean_up), image="")
