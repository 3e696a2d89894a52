"""One sentence a line in the course's prose, so that a diff shows the sentence that changed.

    python -m servelab.dev.prose README.md CONTRIBUTING.md

Leaves out: tables, code, and lines that begin with a term in bold.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_CODE = re.compile(r"^```.*?^```$", flags=re.DOTALL | re.MULTILINE)
_LIST_MARK = re.compile(r"^\s*(\d+\.|-) ")
_NEXT_SENTENCE = re.compile(r"[a-z)`*][.?!]\*{0,2} [A-Z`]")
_LEFT_OUT = ("|", "**", "- **")


def crowded(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield number and text of each line of a Markdown document that holds more than one sentence.

    >>> list(crowded("It starts. It stops.\n\n1. It waits."))
    [(1, 'It starts. It stops.')]
    """
    prose = _CODE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(prose.splitlines(), start=1):
        if not line.lstrip().startswith(_LEFT_OUT) and _NEXT_SENTENCE.search(_LIST_MARK.sub("", line)):
            yield number, line


def main(names: list[str]) -> None:
    """Check documents; a breach ends the process with what mends it."""
    found = [
        f"{name}:{number}: more than one sentence; begin a new line with each"
        for name in names
        for number, _ in crowded(Path(name).read_text(encoding="utf-8"))
    ]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(sys.argv[1:])
