"""The page for a browser: one file, nothing loaded from anywhere, no script.

It forbids scripts and every request by its own content security policy, so it
opens from disk without a network, and a hostile target name can do nothing.
Source: WCAG 2.2 for contrast and for words beside colour.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from servelab.bench.report.machine import Machine
from servelab.bench.report.plot.figure import Figure

_TEMPLATES = Path(__file__).parent / "template"

Tone = Literal["good", "bad", "doubt"]


@dataclass(frozen=True)
class Tile:
    """A figure in large type: its name, its value, and what stands below in small type."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table; the first column is text, the others are figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Page:
    """What a page shows, from top to bottom.

    Attributes:
        kicker: what kind of measurement this is.
        title: what was measured.
        verdict: VALID, INVALID, better, … in one or two words.
        means: what the verdict means, in a sentence.
        reasons: why, one sentence each.
        remarks: what a reader should know all the same.
        label: of a run whose figures must not be taken for more than they are, such as "closed loop".
        described: name and words of what was asked for.
        notes: how to read the page.
    """

    kicker: str
    title: str
    verdict: str
    tone: Tone
    means: str
    reasons: tuple[str, ...]
    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    described: tuple[tuple[str, str], ...]
    machine: Machine
    now: datetime
    label: str = ""
    remarks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def render(page: Page) -> str:
    """Return the page as HTML."""
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(page=page, style=style, style_digest=digest)
