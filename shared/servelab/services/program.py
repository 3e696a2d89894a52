"""Where a server's program is: servers are often in folders that a user's PATH does not name."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/sbin")


def search_path() -> str:
    """Return the user's PATH, and the folders of servers behind it."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS))


def find(names: Iterable[str]) -> str:
    """Return the path of the first program that is there; empty when none is.

    Args:
        names: names, or patterns of absolute paths, of which the last match is the best.
    """
    for name in names:
        matches = sorted(map(str, Path("/").glob(name[1:])), reverse=True) if name.startswith("/") else [name]
        for candidate in matches:
            if path := shutil.which(candidate, path=search_path()):
                return path
    return ""
