"""The picture in the README: what `servelab start` shows at a terminal in a fresh clone, as an SVG.

Made by the real command at a pseudo-terminal, so it can't show what the program does not do.
Source: pty(7); rich's export of a console, whose web fonts are left out: nothing is loaded from elsewhere.
"""

import html
import io
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from servelab.dev.scratch_clone import PROGRAM, ScratchClone
from servelab.errors import GraderFaultError
from servelab.grading.manifest import Exercise

DOCUMENT = "docs/start.svg"
COLUMNS = 96
LINES = 36
PROMPT = "waiting for a save"
TIMEOUT_S = 30.0
_FONT_FACE = re.compile(r"\s*@font-face \{[^}]*\}")
# In the session that Popen makes, the terminal must become the controlling one: only then are keys read.
_START = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {PROGRAM}"


def picture(exercise: Exercise, folder: Path) -> str:
    """Return the SVG.

    Args:
        exercise: exercise 1, from whose solution the fresh starter is made.
        folder: where a scratch clone goes; must not exist yet.

    Raises:
        GraderFaultError: `servelab start` did not come to its prompt.
    """
    clone = ScratchClone(folder)
    clone.write_starter(exercise)
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (LINES, COLUMNS))
    process = subprocess.Popen(  # noqa: S603 - this program, in another clone
        [sys.executable, "-c", _START, "start"],
        cwd=folder,
        env=clone.environment(TERM="xterm-256color"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        return _drawn(_until_prompt(master).replace(f"{folder}/", ""))
    finally:
        # Closing the terminal hangs up, as closing its window does.
        os.close(master)
        process.wait(TIMEOUT_S)


def _until_prompt(master: int) -> str:
    received = b""
    deadline = time.monotonic() + TIMEOUT_S
    while not (PROMPT.encode() in received and received.endswith(b"\n")):
        left = deadline - time.monotonic()
        chunk = b""
        if left > 0 and select.select([master], [], [], left)[0]:
            chunk = os.read(master, 65536)
        if not chunk:
            msg = f"servelab start did not come to its prompt: {received.decode(errors='replace')}"
            raise GraderFaultError(msg)
        received += chunk
    return received.decode()


def _drawn(output: str) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    text = "$ make start\n\n" + output.replace("\r\n", "\n").rstrip("\n")
    console.print(Text.from_ansi(text))
    # The id is fixed, so that the same output gives the same file.
    svg = console.export_svg(title="ML Model Serving & APIs", unique_id="start")
    return _FONT_FACE.sub("", svg)


def words(svg: str) -> list[str]:
    """Return the words that a picture shows, in order: equal words, equal screen, whatever drew it.

    Line numbers are left out: they change with every edit of a brief.

    >>> words('<text x="1">a&#160;b</text><text>c.py:12</text>')
    ['a', 'b', 'c.py']
    """
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return re.sub(r":\d+\b", "", html.unescape(" ".join(texts))).split()
