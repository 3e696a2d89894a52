"""What a learner reads of an output: own frames first, in own paths, nothing that plays with a terminal."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from servelab.grading.traceback_text import MAX_LINES, readable

Read = Callable[..., list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Run code that lies in `src/app.py`, and return the lines that its author reads."""

    def lines(code: str, before: str = "", **more: str) -> list[str]:
        (tmp_path / "src").mkdir()
        for name, text in {"app": dedent(code).lstrip("\n"), **more}.items():
            (tmp_path / "src" / f"{name}.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-X", "faulthandler", "-c", f"{before}\nimport src.app"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return readable(done.stdout + done.stderr, str(tmp_path), "starter").split("\n")

    return lines


def test_an_exception_comes_first_and_its_place_is_a_path_to_click(read: Read) -> None:
    """Thirty frames of a framework bury the one line that matters."""
    assert [
        "ValueError: boo",
        "  starter/src/app.py:4 in <module>",
        "      start()",
        "  starter/src/app.py:2 in start",
        '      raise ValueError("boo")',
        "    (1 frame of libraries left out)",
    ] == read("""
        def start():
            raise ValueError("boo")

        start()
    """)


def test_frames_of_libraries_are_counted(read: Read) -> None:
    """How deep it happened is worth a number, not a page."""
    lines = read("import json\njson.loads('{')")

    assert lines[0].startswith("json.decoder.JSONDecodeError: Expecting property name")
    assert ["  starter/src/app.py:2 in <module>", "      json.loads('{')"] == lines[1:3]
    assert lines[3].endswith("frames of libraries left out)")


def test_without_an_own_frame_the_last_one_of_a_library_is_shown(read: Read) -> None:
    """Something to search for is better than nothing."""
    lines = read("", before="import json\njson.loads('{')")

    assert lines[1].startswith("  json/decoder.py:")
    assert lines[1].endswith(" in raw_decode")


def test_a_syntax_error_keeps_its_line_and_caret(read: Read) -> None:
    """The caret is the explanation."""
    lines = read("import src.broken", broken="def create_app(:\n    pass\n")

    assert lines[0].startswith("SyntaxError:")
    assert "  starter/src/broken.py:1" in lines
    place = lines.index("  starter/src/broken.py:1")
    assert "      def create_app(:" == lines[place + 1]
    assert "^" == lines[place + 2].strip()
    assert lines[place + 1].index("(") + 1 == lines[place + 2].index("^")


def test_the_cause_of_an_exception_stands_before_it(read: Read) -> None:
    """`raise … from …` says what led to it."""
    lines = read("""
        try:
            {}["x"]
        except KeyError as error:
            raise RuntimeError("no x") from error
    """)

    assert "KeyError: 'x'" == lines[0]
    assert lines.index("which was the direct cause of:") < lines.index("RuntimeError: no x")
    assert "" not in lines


def test_an_exception_while_another_is_handled_is_told_as_that(read: Read) -> None:
    """It is often a mistake in the handler."""
    lines = read("""
        try:
            {}["x"]
        except KeyError:
            undefined
    """)

    assert lines.index("and while that was handled:") < lines.index(
        "NameError: name 'undefined' is not defined"
    )


def test_each_exception_of_a_group_is_shown(read: Read) -> None:
    """Task groups of asyncio and anyio wrap whatever happens in them."""
    lines = read("""
        import asyncio

        async def fail(what):
            raise ValueError(what)

        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(fail("one"))
                group.create_task(fail("two"))

        asyncio.run(main())
    """)

    assert "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)" == lines[0]
    assert ["ValueError: one", "ValueError: two"] == [line for line in lines if line.startswith("ValueError")]
    assert 2 == sum(line == "  starter/src/app.py:4 in fail" for line in lines)
    assert not [line for line in lines if "|" in line or "+-" in line]


def test_a_recursion_is_not_a_thousand_lines(read: Read) -> None:
    """Python says how often the last line was repeated."""
    lines = read("def again(): again()\nagain()")

    assert lines[0].startswith("RecursionError")
    assert any("more times]" in line for line in lines)
    assert len(lines) < 20


def test_where_a_stuck_process_stood_is_shown(read: Read) -> None:
    """A hang has no exception: faulthandler tells where it was ended."""
    lines = read("""
        import os
        import signal

        def handler():
            os.kill(os.getpid(), signal.SIGABRT)

        handler()
    """)

    assert [
        "when it was stopped, it stood here (most recent call first):",
        "  starter/src/app.py:5 in handler",
        "  starter/src/app.py:7 in <module>",
    ] == lines[:3]


def test_where_the_main_thread_stood_comes_before_the_threads_that_wait(read: Read) -> None:
    """An idle thread is started last, dumped first, and has nothing to do with the hang."""
    lines = read("""
        import os
        import signal
        import threading

        def idle():
            threading.Event().wait()

        def handler():
            os.kill(os.getpid(), signal.SIGABRT)

        threading.Thread(target=idle, daemon=True).start()
        handler()
    """)

    assert [
        "when it was stopped, it stood here (most recent call first):",
        "  starter/src/app.py:9 in handler",
        "  starter/src/app.py:12 in <module>",
        "in other threads:",
        "  starter/src/app.py:6 in idle",
    ] == lines[:5]


def test_a_process_that_waits_in_a_library_says_so(read: Read) -> None:
    """An event loop that waits for nothing: there is no line to show."""
    lines = read("", before="import os\nos.kill(os.getpid(), 6)")

    assert (
        "when it was stopped, its main thread was in none of your own lines: it waited inside a library"
        == lines[0]
    )


def test_what_was_printed_stays_around_it(read: Read) -> None:
    """`print` is how newcomers debug."""
    lines = read('print("before", flush=True)\nraise ValueError("boo")')

    assert ["before", "ValueError: boo"] == lines[:2]


def test_a_level_before_the_traceback_does_not_hide_it() -> None:
    """Uvicorn logs the traceback of a lifespan behind its level."""
    output = """\
ERROR:    Traceback (most recent call last):
  File "/in/src/a.py", line 3, in f
    g()
KeyError: 1
"""

    assert "KeyError: 1\n  me/src/a.py:3 in f\n      g()" == readable(output, "/in", "me")


def test_paths_in_messages_are_the_learners_too() -> None:
    """A scratch copy is nothing that a learner could open."""
    assert "see starter/src/a.py:3" == readable("see /tmp/sg-x/copy/src/a.py:3", "/tmp/sg-x/copy", "starter")  # noqa: S108


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07red",
        "\x1b[2J\x1b[1;1Hred",
        "r\x00e\x08d",
        "\u202ered\u2066",
        "\x9b31mred",
        "\x1b]8;;http://x\x1b\\red\x1b]8;;\x1b\\",
    ],
)
def test_nothing_plays_with_a_terminal(hostile: str) -> None:
    """Output is hostile: it could paint a pass over a fail."""
    assert "red" == readable(hostile, "/in", "out")


def test_a_long_output_keeps_its_end() -> None:
    """The reason stands at the end."""
    text = readable("\n".join(map(str, range(5000))), "/in", "out").split("\n")

    assert MAX_LINES + 1 == len(text)
    assert ("… 4940 lines left out …", "4999") == (text[0], text[-1])


def test_a_long_output_does_not_bury_the_last_traceback() -> None:
    """A loop that prints after the exception must not push it out of sight."""
    trace = 'Traceback (most recent call last):\n  File "/in/src/a.py", line 3, in f\nKeyError: 1\n'
    text = readable(trace + "\n".join(map(str, range(5000))), "/in", "out")

    assert text.startswith("KeyError: 1\n  out/src/a.py:3 in f\n… ")
    assert text.endswith("\n4999")


def test_long_lines_are_cut() -> None:
    """One line of a megabyte is no line."""
    assert len(readable("x" * 1_000_000, "/in", "out")) <= 1000


@pytest.mark.parametrize(
    "hostile",
    [
        "Traceback (most recent call last):\n" * 2000,
        'Traceback (most recent call last):\n  File "/in/a.py", line 1\n'
        + '  File "/in/a.py", line 1\n' * 4000,
        "  | " * 20_000,
        "+-" * 40_000,
        "Fatal Python error: Aborted\n" * 3000,
        "  + Exception Group Traceback (most recent call last):\n  | " * 2000,
        "^" * 100_000,
        "\n" * 100_000,
    ],
    ids=["heads", "frames", "bars", "rules", "aborts", "groups", "carets", "blank"],
)
def test_no_output_takes_long_to_read(hostile: str) -> None:
    """It is read in the grader's process, once for each failing test."""
    text = readable(hostile, "/in", "out")

    assert len(text.split("\n")) <= 2 * MAX_LINES + 1
