"""What is wanted of a submission: files that the exercise allows, below the root of the implementation.

In the allow-list `*` and `?` stay within one name, `**` stands for any number of folders, none
included; case counts, and a name that starts with a dot is matched like any other.
The root is the folder that holds `src/`.

Accepted, each also inside one wrapping folder: the implementation itself, an
exercise folder (its `starter/`), a clone of the course (the `starter/` of the
exercise). What lies directly in the submission goes before what is wrapped.
Source: `pathlib.PurePath.full_match` of Python 3.13, for 3.11 and 3.12.
Leaves out: negation and brace expansion in the allow-list.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby

from servelab.course_root import EXERCISES
from servelab.grading.intake.entry import Parts, SubmissionError
from servelab.grading.report import escape

PACKAGE = "src"
"""The package of the learner's code, in every exercise; see the course's design."""

_REFERENCE = "solution"


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


@dataclass(frozen=True)
class Layout:
    """The shapes that a submission of one exercise may have.

    Attributes:
        exercise_folder: name of the exercise's folder in a clone of the course.
    """

    allowed: AllowList
    exercise_folder: str

    @property
    def roots(self) -> tuple[Parts, ...]:
        """The places of the implementation, the first one found counts; wrapping comes on top."""
        return ((), ("starter",), (self.exercise_folder, "starter"), (self.exercise_folder,))

    def may_lead(self, folder: Parts) -> bool:
        """Say whether this folder of the submission may hold a file that must be copied."""
        if self._leads(folder):
            return True
        return _may_wrap(folder[0]) and self._leads(folder[1:])

    def find(self, files: list[Parts]) -> Parts | None:
        """Return the root of the implementation, given the paths of all regular files; None if there is none.

        Raises:
            SubmissionError: there are several, and no way to tell which is meant.
        """
        found = {root for path in files for root in self._roots_of(path)}
        for root in self.roots:
            if root in found:
                return root
        wrapped = sorted((path for path in found if _may_wrap(path[0])), key=self._rank)
        wrappers = {wrapper: next(paths) for wrapper, paths in groupby(wrapped, key=lambda path: path[0])}
        if len(wrappers) > 1:
            some = " and ".join(f"{escape.path(name)}/" for name in sorted(wrappers)[:2])
            msg = f"it holds more than one implementation, in {some}: hand in the one that is meant"
            raise SubmissionError(msg)
        return next(iter(wrappers.values()), None)

    def beside(self, root: Parts, files: list[Parts]) -> Parts | None:
        """Return a root that was passed over for this one, if the learner may have meant it."""
        passed = self.roots[self.roots.index(root) + 1 :] if root in self.roots else ()
        found = {other for path in files for other in self._roots_of(path)}
        return next((other for other in passed if other in found), None)

    def _leads(self, folder: Parts) -> bool:
        for root in self.roots:
            depth = min(len(root), len(folder))
            if root[:depth] == folder[:depth] and (
                len(folder) <= len(root) or self.allowed.may_hold(folder[len(root) :])
            ):
                return True
        return False

    def _roots_of(self, path: Parts) -> list[Parts]:
        longest = max(map(len, self.roots)) + 1
        return [
            path[:depth]
            for depth in range(min(longest, len(path) - 1) + 1)
            if path[depth] == PACKAGE
            and self.allowed.matches(path[depth:])
            and (path[:depth] in self.roots or path[1:depth] in self.roots)
        ]

    def _rank(self, path: Parts) -> tuple[str, int]:
        return path[0], self.roots.index(path[1:])


def _may_wrap(name: str) -> bool:
    # A clone whose starter was removed must not be graded on the reference solution beside it.
    others = {_REFERENCE, *(folder for folder, _ in EXERCISES.values())}
    return not name.startswith((".", "__")) and name not in others
