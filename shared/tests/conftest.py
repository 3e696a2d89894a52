"""A miniature course for the tests of the course and of the command line.

One exercise of three tasks, whose service is the standard library's: it starts in a
blink, and no test depends on the real exercises.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import servelab
from servelab import course_root
from servelab.course import source, variant
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

FOLDER = "exercise-01-fastapi-fundamentals"

FILES = {
    "exercise.toml": """\
        [exercise]
        number = 1
        title = "Small services"
        hours = "1"
        allow = ["src/**/*.py"]

        [[program]]
        name = "service"
        argv = ["{python}", "-m", "src.main", "{http}"]
        listens = { http = "fd" }
        ready = "http /health/live"

        [[task]]
        id = "1.1"
        title = "Say that the service lives"
        points = 60
        minutes = 20
        hints = ["What does a probe ask?", "Return a text.", "`return 'alive'`"]

        [[task]]
        id = "1.2"
        title = "Greet"
        points = 5
        minutes = 15
        stretch = true
        needs = ["1.1"]
        hints = ["one", "two", "three"]

        [[task]]
        id = "1.3"
        title = "Say whether the service can work"
        points = 40
        minutes = 15
        needs = ["1.1"]
        hints = ["one", "two", "three"]
        """,
    "pytest.ini": """\
        [pytest]
        addopts = -p servelab.grading.plugin
        testpaths = tests
        """,
    "README.md": """\
        # Small services

        ### 1.1 Say that the service lives

        A probe asks `GET /health/live` every few seconds.

        ```python
        ### 1.2 is no heading here
        ```

        ### 1.3 Say whether the service can work

        Ready is not alive.

        ## Going further

        Read on.
        """,
    "COMMENTARY.md": """\
        ## 1.1 Say that the service lives

        Because a probe that looks further restarts too much.
        """,
    "solution/src/__init__.py": "",
    "solution/src/answer.py": """\
        # What the service says.


        def live() -> str:
            # task 1.1: say that the process answers
            return "alive"
            # end task 1.1


        def ready() -> str:
            # task 1.3: say whether the service can work
            return "ready"
            # end task 1.3


        ANSWERS = {
            "/health/live": live,
            "/health/ready": ready,
            # task 1.2, declaration: answer a greeting
            "/hello": lambda: "hello",
            # end task 1.2
        }
        """,
    "solution/src/main.py": """\
        # Answers on an open socket: python -m src.main FD
        import socket
        import sys

        from src.answer import ANSWERS

        listener = socket.socket(fileno=int(sys.argv[1]))
        print("serving", flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                path = connection.recv(65536).split(b" ")[1].decode()
                try:
                    status, body = "200 OK", ANSWERS[path]()
                except KeyError:
                    status, body = "404 Not Found", "no such path"
                except NotImplementedError as error:
                    status, body = "500 Internal Server Error", str(error)
                head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", "", body]
                connection.sendall("\\r\\n".join(head).encode())
        """,
    "tests/conftest.py": """\
        import pytest


        @pytest.fixture(scope="session")
        def service(submission):
            made = submission.serve()
            yield made
            made.kill()
        """,
    "tests/test_01_live.py": """\
        from servelab.grading.marks import task


        @task("1.1")
        def test_liveness_answers(service):
            "An orchestrator restarts what does not answer."
            reply = service.client.get("/health/live")
            assert "alive" == reply.text, "GET /health/live says alive; see hint 1.1"
        """,
    "tests/test_02_hello.py": """\
        from servelab.grading.marks import task


        @task("1.2")
        def test_a_visitor_is_greeted(service):
            "A visitor is greeted."
            assert "hello" == service.client.get("/hello").text
        """,
    "tests/test_03_ready.py": """\
        from servelab.grading.marks import task


        @task("1.3")
        def test_readiness_answers(service):
            "A load balancer sends traffic to what is ready."
            assert "ready" == service.client.get("/health/ready").text
        """,
}


def write_course(root: Path) -> Path:
    """Write the miniature course with its generated starter, and return the exercise's folder."""
    folder = root / FOLDER
    variant.write({name: dedent(text) for name, text in FILES.items()}, folder)
    exercise = manifest.load(folder)
    generation = variant.starter(exercise)
    variant.write(generation, exercise.starter)
    source.write_lock(folder, source.lock_of(generation))
    return folder


@pytest.fixture
def miniature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exercise]:
    """The exercise of a miniature course, which this process takes for the course."""
    write_course(tmp_path)
    for module in (course_root, manifest):
        monkeypatch.setattr(module, "COURSE_ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    manifest.exercise.cache_clear()
    yield manifest.exercise(1)
    manifest.exercise.cache_clear()


class Clone:
    """A clone of the miniature course with a copy of servelab, used as a learner uses it: by processes."""

    def __init__(self, root: Path) -> None:
        """Write the clone."""
        self.root = root
        package = Path(servelab.__file__).parent
        shutil.copytree(package, root / "shared" / "servelab", ignore=shutil.ignore_patterns("__pycache__"))
        self.starter = write_course(root) / "starter"
        self.command = [sys.executable, "-c", "from servelab.cli import main; main()"]
        self.environment = {**os.environ, "PYTHONPATH": str(root / "shared"), "COLUMNS": "100"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `servelab` to its end, without a terminal."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def save(self, old: str, new: str) -> None:
        """Replace text in the learner's file and save it."""
        path = self.starter / "src" / "answer.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def processes(self) -> list[str]:
        """Return the command lines of all processes that belong to this clone."""
        found = subprocess.run(
            ["/usr/bin/env", "ps", "-eww", "-o", "args"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        return [line for line in found.stdout.splitlines() if str(self.root) in line]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone of the miniature course."""
    return Clone(tmp_path / "clone")
