"""A service of a submission: how it starts, fails to start, ends, and what it has said."""

import time
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from servelab.grading.service import StartFailed
from servelab.grading.submission import Submission, Unfinished

Make = Callable[..., Submission]
Inside = Callable[[Submission, str], Any]
TALKING = """
    import socket, sys
    listener = socket.socket(fileno=int(sys.argv[1]))
    while True:
        connection, _ = listener.accept()
        with connection:
            path = connection.recv(65536).split(b" ")[1].decode()
            print("asked for", path, flush=True)
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
"""


def test_a_service_is_served_to_clients(make: Make) -> None:
    """The plain case."""
    service = make().serve()

    assert "alive" == service.client.get("/health/live").text
    assert service.alive


def test_a_service_that_is_stopped_tells_its_exit_code(make: Make) -> None:
    """SIGTERM is how a service is told to end, and how it ends is a matter of grading."""
    service = make().serve()

    assert service.stop() != 0, "the miniature service does not handle SIGTERM"
    assert not service.alive


def test_a_start_that_fails_is_told_once_and_not_tried_twice(make: Make) -> None:
    """Thirty tests that each show the same traceback tell less than one."""
    submission = make({"src/main.py": "raise RuntimeError('no start')"})

    with pytest.raises(StartFailed, match="before it answered") as first:
        submission.serve()
    with pytest.raises(StartFailed, match="see the first failure") as second:
        submission.serve()

    assert "no start" in first.value.output
    assert "" == second.value.output


def test_another_start_is_tried_for_itself(make: Make) -> None:
    """A setting can be what it fails for."""
    submission = make({"src/main.py": "import os; raise SystemExit(os.environ.get('WHY', 'none'))"})

    for env, why in ({}, "none"), ({"WHY": "another"}, "another"):
        with pytest.raises(StartFailed) as caught:
            submission.serve(env=env)
        assert why in caught.value.output


def test_a_start_that_is_to_fail_tells_code_and_output(make: Make) -> None:
    """Refusing to start in the right way is a task."""
    ended = make({"src/main.py": "raise SystemExit('cannot start: no model')"}).start()

    assert (1, True) == (ended.code, "cannot start: no model" in ended.output)


def test_a_start_that_should_fail_and_does_not_is_a_failure(make: Make) -> None:
    """It has to be told from a service that hangs."""
    with pytest.raises(Unfinished, match="should have refused"):
        make().start(timeout_s=0.7)


def test_what_is_said_is_what_was_printed_in_this_test(make: Make) -> None:
    """A shared service has a past that belongs to other tests."""
    submission = make({"src/main.py": dedent(TALKING)})
    service = submission.serve()
    service.client.get("/first")
    time.sleep(0.1)

    submission.begin_test("1.1")
    service.client.get("/second")

    assert "asked for /second" == submission.pool.said()


def test_what_is_said_is_found_behind_a_flood_of_earlier_output(make: Make) -> None:
    """Only the ends of a long output are kept; what this test printed is at the end."""
    talkative = dedent(TALKING).replace('print("asked', 'print("x" * 100_000 if path == "/flood" else "asked')
    submission = make({"src/main.py": talkative})
    service = submission.serve()
    for _ in range(3):
        service.client.get("/flood")
    time.sleep(0.1)

    submission.begin_test("1.1")
    service.client.get("/second")

    assert "asked for /second" == submission.pool.said()


def test_a_service_that_is_stuck_says_where(make: Make) -> None:
    """The line at which it hangs is what its author needs."""
    stuck = dedent(TALKING).replace(
        'print("asked', 'path == "/x" and __import__("time").sleep(60); print("asked'
    )
    submission = make({"src/main.py": stuck})
    service = submission.serve()
    with service.in_background(lambda client: client.get("/x", timeout=0.5)):
        time.sleep(0.3)
        said = submission.pool.said(stuck=True)

    assert 'src/main.py", line 8' in said
