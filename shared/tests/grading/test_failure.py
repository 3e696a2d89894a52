"""The three parts of a failure: the call, expected against got, what the service said."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from servelab.course import variant
from servelab.grading.failure import Failure, is_of_submission
from servelab.grading.job import Job
from servelab.grading.manifest import Exercise
from servelab.grading.session import grade_job
from servelab.grading.transport import UnacceptableAnswerError
from servelab.grading.verdict import TestResult

SERVER = """
    import json, socket, sys, time

    def conversation(path):
        if path == "/raises":
            raise ValueError("boo")
        if path == "/prints":
            print("a \\x1b[31mred\\x1b[0m word", flush=True)
        if path == "/hangs":
            time.sleep(60)
        if path == "/breaks":
            breakpoint()
        return {"/json": b'{"a": 1}', "/escape": b'"\\x1b[2J"', "/deep": b"[" * 5000}.get(path, b"text")

    listener = socket.socket(fileno=int(sys.argv[1]))
    while True:
        connection, _ = listener.accept()
        with connection:
            path = connection.recv(65536).split(b" ")[1].decode()
            body = conversation(path)
            head = b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n"
            connection.sendall(head % len(body) + body)
"""
Explain = Callable[..., TestResult]


@pytest.fixture
def explain(miniature: Exercise, tmp_path: Path) -> Explain:
    """Return the result of one graded test: `explain('assert 1 == service.client.get("/x").json()')`."""

    def result(body: str, main: str = SERVER, *, fails: bool = True) -> TestResult:
        test = "import pytest\nfrom servelab.grading.marks import task\n\n\n"
        test += "@task('1.1')\ndef test_x(service):\n    "
        test += f'"It is claimed."\n    {body}\n'
        (miniature.folder / "tests" / "test_01_live.py").write_text(test, encoding="utf-8")
        root = tmp_path / "copy"
        variant.write({"src/__init__.py": "", "src/main.py": dedent(main)}, root)
        grade = grade_job(Job(miniature.folder, root, "starter", ("1.1",), "process", 1))
        test_result = grade.tasks[0].tests[0]
        assert fails == (test_result.verdict == "fail"), test_result
        return test_result

    return result


def test_a_failed_comparison_shows_the_message_then_both_sides(explain: Explain) -> None:
    """Graded tests write expected == actual."""
    result = explain(
        'assert {"a": 2} == service.client.get("/json").json(), "GET /json gives a; see hint 1.1"'
    )

    assert "GET /json gives a; see hint 1.1\n  expected: {'a': 2}\n  got:      {'a': 1}" == result.expected
    assert "curl -i http://127.0.0.1:8000/json" == result.call
    assert "It is claimed." == result.claim


def test_a_long_value_is_cut(explain: Explain) -> None:
    """A page of numbers says less than its first line."""
    result = explain('assert list(range(5000)) == service.client.get("/json").json(), "numbers"')

    assert len(result.expected) < 700


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("service.client.get('/hangs', timeout=0.4)", "gave no answer within the time that this call allows"),
        ("service.client.get('/raises')", "ended the connection without a whole answer"),
        ("service.client.get('/json').json()['b']", "the answer lacks 'b'"),
        ("service.client.get('/text').json()", "the answer is not JSON"),
        ("service.client.get('/deep').json()", "nested too deeply"),
        ("service.websocket('/json')", "WebSocket"),
        ("raise TimeoutError", "did not do within its time"),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_in_a_sentence(explain: Explain, body: str, sentence: str) -> None:
    """The names of a client library's exceptions tell a newcomer nothing."""
    result = explain(body)

    assert sentence in result.expected
    assert "Error" not in result.expected.split(":")[0]


def test_an_uncaught_exception_shows_its_line(explain: Explain) -> None:
    """As `starter/src/…:line`, which an editor opens."""
    result = explain("service.client.get('/raises')")

    assert "ValueError: boo\n" in result.said
    assert '  starter/src/main.py:6 in conversation\n      raise ValueError("boo")' in result.said


def test_a_print_is_shown(explain: Explain) -> None:
    """Without what it would do to a terminal."""
    result = explain("assert 1 == service.client.get('/prints').status_code")

    assert "a red word" == result.said


def test_a_hang_shows_where(explain: Explain) -> None:
    """Not only that there was no answer."""
    result = explain("service.client.get('/hangs', timeout=0.4)")

    assert "starter/src/main.py:10 in conversation" in result.said


def test_a_breakpoint_names_the_command_that_stops_there(explain: Explain) -> None:
    """A graded run has no terminal."""
    result = explain("service.client.get('/breaks')")

    assert "breakpoint() at starter/src/main.py:12" in result.said
    assert "run `servelab debug 1.1` to stop there" in result.said


def test_a_syntax_error_is_shown_by_the_test_that_starts_the_service(explain: Explain) -> None:
    """With its file, line and caret."""
    result = explain("assert service", main="def broken(:\n    pass\n")

    assert "your service ended with exit code 1 before it answered" == result.expected
    assert "SyntaxError: " in result.said
    assert "starter/src/main.py" in result.said
    assert "^" in result.said


def test_what_an_answer_holds_does_not_play_with_a_terminal(explain: Explain) -> None:
    """Answers are quoted in messages."""
    result = explain("assert False, service.client.get('/escape').text")

    assert "\x1b" not in result.expected


def test_a_failure_is_one_text_at_a_terminal() -> None:
    """Plain pytest shows it."""
    failure = Failure("curl -i x", "expected", "line one\nline two")

    assert "expected\n\nthe call:\n  curl -i x\n\nyour service said:\n  line one\n  line two" == str(failure)
    assert "expected" == str(Failure("", "expected", ""))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AssertionError(), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (UnacceptableAnswerError(), True),
        (NameError(), False),
        (KeyError(), False),
        (OSError(28, "disk"), False),
    ],
)
def test_whose_fault_an_exception_is(error: Exception, expected: bool) -> None:  # noqa: FBT001 - a table
    """Only for what can come from nowhere else is the submission to blame when a fixture raises it."""
    assert expected == is_of_submission(error)
