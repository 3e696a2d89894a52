"""A service starts on a socket that is open already, shows its own frames, and is never left over."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from servelab import launch
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

HOST = "127.0.0.1"


def test_python_modules_are_run_by_the_launcher(miniature: Exercise) -> None:
    """It shows a failing import from the learner's own frames on."""
    with socket.create_server((HOST, 0)) as listener:
        process = launch.start(miniature.programs[0], miniature.starter, listener, stderr=subprocess.DEVNULL)
        launch.stop(process)

        words = list(process.args)  # type: ignore[arg-type]
        assert ["-m", "servelab.launch", "src.main", str(listener.fileno())] == words[1:]


def test_a_traceback_begins_with_the_learners_frames(tmp_path: Path) -> None:
    """What stands above them is the server's."""
    path = tmp_path / "mine.py"
    path.write_text("def fails():\n    return [][0]\n", encoding="utf-8")
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), namespace)  # noqa: S102 - the test's own text
    fails = namespace["fails"]
    assert callable(fails)

    with pytest.raises(IndexError) as caught:
        fails()

    text = launch.own_traceback(caught.value, tmp_path)
    assert f'File "{path}", line 2, in fails' in text
    assert "test_launch" not in text


def test_a_syntax_error_is_shown_where_it_is(tmp_path: Path) -> None:
    """It has no frame in the file that does not compile."""
    with pytest.raises(SyntaxError) as caught:
        compile("x = (", str(tmp_path / "mine.py"), "exec")

    text = launch.own_traceback(caught.value, tmp_path)

    assert "mine.py" in text
    assert "Traceback" not in text


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of a parent's death")
def test_a_service_ends_with_whoever_started_it_even_when_that_is_killed() -> None:
    """A service that nobody knows of keeps its port, and takes its share of the machine for days."""
    server = [sys.executable, "-u", "-m", "servelab.launch", "http.server", "0", "--bind", HOST]
    starter = [sys.executable, "-c", f"import subprocess; subprocess.run({server})"]
    with subprocess.Popen(starter, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "Serving HTTP" in process.stdout.readline()

        process.kill()

        # The server holds the other end of this pipe for as long as it lives.
        assert "" == process.communicate(timeout=20)[0]


def test_a_service_that_does_not_start_says_why(miniature: Exercise) -> None:
    """The last line of its traceback is what its author needs."""
    main = miniature.solution / "src" / "main.py"
    main.write_text("raise RuntimeError('no models here')\n", encoding="utf-8")

    with (
        socket.create_server((HOST, 0)) as listener,
        pytest.raises(MisuseError, match="did not start: RuntimeError: no models here"),
        launch.running(miniature.programs[0], miniature.solution, listener),
    ):
        pass
