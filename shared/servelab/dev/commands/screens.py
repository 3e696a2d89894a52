"""`servelab screens`: the pictures of the documentation, made by the real commands."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path


def screens(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when one of them is stale.")
    ] = False,
) -> None:
    """Regenerate the README's picture and the page of failures, one planted mistake after another."""
    import tempfile
    from pathlib import Path

    from servelab.course.selection import root
    from servelab.dev import picture, screen
    from servelab.grading.manifest import exercise

    first = exercise(1)
    first.require_solution()
    with tempfile.TemporaryDirectory(prefix="servelab-screens-") as scratch:
        folder = Path(scratch).resolve()
        svg = picture.picture(first, folder / "start")
        page = screen.document(first, folder / "screens")
    kept_svg, kept_page = root() / picture.DOCUMENT, first.folder / screen.DOCUMENT
    done = [
        _keep(kept_svg, svg, fresh=picture.words(_read(kept_svg)) == picture.words(svg), check=check),
        _keep(kept_page, page, fresh=_read(kept_page) == page, check=check),
    ]
    raise typer.Exit(0 if all(done) else 1)


def _read(path: "Path") -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _keep(path: "Path", text: str, *, fresh: bool, check: bool) -> bool:
    from servelab import atomic_file
    from servelab.commands.output import make_console
    from servelab.course.selection import shown

    console = make_console()
    if fresh:
        console.print(f"{shown(path)} is what the program shows", markup=False, soft_wrap=True)
    elif check:
        console.print(f"{shown(path)} is stale: run servelab screens", markup=False, soft_wrap=True)
    else:
        atomic_file.write_text(path, text)
        console.print(f"wrote {shown(path)}: look at it as a newcomer would", markup=False, soft_wrap=True)
    return fresh or not check
