"""Running git on data that somebody else made: no configuration, and limits on everything.

Limits are set by the shell that becomes git: wall time here, CPU time, memory and
output by `ulimit`. A tree of trees that holds itself a million times, a bomb of
an object, or a cycle of deltas ends there.
Leaves out: commands that write or reach the network; none is run.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from servelab.errors import MisuseError

_TIME_LIMIT_S: Final = 20
_MEMORY_KIB: Final = 1 << 20
_BLOCK_BYTES: Final = 512
_NOT_FOUND: Final = 127

# `ulimit -v` does not exist on macOS; the other limits still hold there.
_LIMITED = 'ulimit -t "$1"; ulimit -v "$2" 2>/dev/null; ulimit -f "$3"; shift 3; exec git "$@"'


class BrokenRepositoryError(Exception):
    """Git could not read the objects within the limits."""


def run_git(repository: Path, arguments: tuple[str, ...], limit_bytes: int) -> bytes:
    """Run a reading git command and return what it prints, at most about `limit_bytes`.

    Raises:
        BrokenRepositoryError: it failed, or went beyond a limit.
        MisuseError: git is not installed.
    """
    limits = (str(_TIME_LIMIT_S), str(_MEMORY_KIB), str(-(-limit_bytes // _BLOCK_BYTES)))
    options = ("--no-pager", "--no-replace-objects", f"--git-dir={repository}")
    with tempfile.TemporaryFile(prefix="servelab-git-") as output:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed script; what varies is passed as its arguments
                ("/bin/sh", "-c", _LIMITED, "sh", *limits, *options, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=_environment(repository),
                timeout=_TIME_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BrokenRepositoryError from error
        if done.returncode == _NOT_FOUND:
            msg = "git is not installed, and this submission is a repository: install git or give a folder"
            raise MisuseError(msg)
        if done.returncode != 0:
            raise BrokenRepositoryError
        output.seek(0)
        return output.read()


def _environment(repository: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(repository),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ATTR_NOSYSTEM": "1",
    }
