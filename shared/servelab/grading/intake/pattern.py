"""The allow-list of an exercise: glob patterns over paths, case-sensitive.

`*` and `?` stay within one name, `**` stands for any number of folders, none
included. A name that starts with a dot is matched like any other.
Source: `pathlib.PurePath.full_match` of Python 3.13, for 3.11 and 3.12.
Leaves out: negation and brace expansion.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

Parts = tuple[str, ...]
"""A relative path as its names: ("src", "main.py")."""


@dataclass(frozen=True)
class AllowList:
    """The patterns of the files that are copied from a submission.

    >>> allowed = AllowList(("src/**/*.py", "Dockerfile"))
    >>> allowed.matches(("src", "main.py")), allowed.matches(("docs", "Dockerfile"))
    (True, False)
    >>> allowed.may_hold(("src", "routers")), allowed.may_hold(("docs",))
    (True, False)
    """

    patterns: tuple[str, ...]

    def matches(self, parts: Parts) -> bool:
        """Say whether a file at this path must be copied."""
        return any(_matches(pattern.split("/"), parts) for pattern in self.patterns)

    def may_hold(self, folder: Parts) -> bool:
        """Say whether this folder may hold a file that must be copied."""
        return any(_may_hold(pattern.split("/"), folder) for pattern in self.patterns)


def _matches(pattern: list[str], parts: Parts) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(pattern[1:], parts[1:])


def _may_hold(pattern: list[str], folder: Parts) -> bool:
    if not folder or not pattern:
        return bool(pattern)
    if pattern[0] == "**":
        return True
    return fnmatchcase(folder[0], pattern[0]) and _may_hold(pattern[1:], folder[1:])
