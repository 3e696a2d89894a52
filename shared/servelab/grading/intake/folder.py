"""A submission that is a folder, such as a learner's clone.

Only folders that can hold a wanted file are looked into, so that a `.venv` or a
data set beside the code costs nothing.
"""

from collections.abc import Callable, Iterator

from servelab.grading.intake.entry import LINK, SPECIAL, Entry, UnreadableError, entry
from servelab.grading.intake.limit import MAX_DEPTH, MAX_FILE_BYTES
from servelab.grading.intake.pattern import Parts
from servelab.grading.intake.safe_reader import Beneath

_REFUSED = {"link": LINK, "special": SPECIAL}


class FolderSource:
    """The files below a folder, read by descriptor."""

    def __init__(self, beneath: Beneath, may_lead: Callable[[Parts], bool]) -> None:
        self._beneath = beneath
        self._may_lead = may_lead

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all folders worth looking into, without following a link."""
        waiting: list[Parts] = [()]
        while waiting:
            folder = waiting.pop()
            try:
                found = self._beneath.scan(folder)
            except UnreadableError as error:
                yield entry("/".join(folder), refused=str(error), folder=True)
                continue
            for name, kind in found:
                parts = (*folder, name)
                if kind == "folder" and len(parts) <= MAX_DEPTH and self._may_lead(parts):
                    waiting.append(parts)
                else:
                    yield entry("/".join(parts), refused=_REFUSED.get(kind, ""), folder=kind == "folder")

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a file; it may have become something else since it was listed."""
        return self._beneath.read(entry.parts, MAX_FILE_BYTES + 1)
