"""`servelab zoo`: look at the committed models, check them, build them again."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab.commands.output import JsonTo, Output
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.zoo.card import Card

TRAINING_LIBRARIES = {"onnx", "sklearn", "skl2onnx", "torch"}
INSTALL = '.venv/bin/pip install -e ".[train]" -c constraints.txt'

app = typer.Typer(name="zoo", help="The committed models: look, check, build again.", no_args_is_help=True)


@app.command("list")
def list_models(json_to: JsonTo = None) -> None:
    """List the models with their size and accuracy."""
    from servelab.zoo.card import catalogue

    output = Output(json_to)
    with _misuse():
        cards = catalogue()
    rows = [[card.name, _shapes(card), f"{card.bytes / 1000:.0f} kB", _accuracy(card)] for card in cards]
    _print_table(output.console, ["model", "input -> output", "size", "accuracy on held-out rows"], rows)
    output.finish({"models": [card.to_dict() for card in cards]})


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model of `servelab zoo list`.")],
    json_to: JsonTo = None,
) -> None:
    """Show everything that is known about a model."""
    output = Output(json_to)
    with _misuse():
        from servelab.zoo.opening import find_card

        card = find_card(name)
    rows = [[key, value] for key, value in _describe(card).items()]
    _print_table(output.console, [card.name, ""], rows)
    output.finish(card.to_dict())


@app.command()
def check(json_to: JsonTo = None) -> int:
    """Check digests, signatures, golden answers and accuracy of all committed models."""
    from servelab.dev.zoo_check import check_all

    output = Output(json_to)
    with _misuse():
        findings = check_all()
    wrong = sum(not finding.ok for finding in findings)
    rows = [[each.model, each.check, "ok" if each.ok else "WRONG", each.detail] for each in findings]
    _print_table(output.console, ["model", "check", "", "found"], rows)
    output.finish({"wrong": wrong, "findings": [asdict(finding) for finding in findings]})
    return 1 if wrong else 0


@app.command()
def build(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One model, or all.")] = None,
    *,
    write: Annotated[bool, typer.Option("--write", help="Replace the committed files.")] = False,
    json_to: JsonTo = None,
) -> None:
    """Build models again and say whether they are bit for bit the committed ones, or how far off."""
    output = Output(json_to)
    with _misuse():
        from servelab.dev.zoo_build.recipe import SCRIPTS
        from servelab.zoo.opening import find_card

        # A model that is only just being added has a script, but no card yet.
        names = list(SCRIPTS) if name is None else [name if name in SCRIPTS else find_card(name).name]
        reports = [_build_one(each, output.console, write=write) for each in names]
    output.finish({"models": reports})


def _build_one(name: str, console: "Console", *, write: bool) -> dict[str, Any]:
    from servelab.dev.zoo_build.recipe import SEED, find_recipe

    with console.status(f"building {name} (seconds to a minute)"):
        recipe = find_recipe(name)  # before all else: it says which library is missing
        from servelab.dev.zoo_build.comparison import compare
        from servelab.dev.zoo_build.publication import publish
        from servelab.zoo.opening import find_card

        built = recipe(SEED)
        if write:
            card = publish(built, SEED)
            report = {"model": name, "sha256": card.sha256}
            verdict = f"{name}: written, sha256 {card.sha256[:12]}…"
        else:
            comparison = compare(built, find_card(name))
            report, verdict = asdict(comparison), comparison.verdict
    console.print(verdict, markup=False, soft_wrap=True)
    return {**report, "verdict": verdict}


@contextlib.contextmanager
def _misuse() -> Iterator[None]:
    """Turn what the zoo raises into the one sentence of a wrong use."""
    from servelab.zoo.errors import ZooError

    try:
        yield
    except ZooError as error:
        raise MisuseError(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name not in TRAINING_LIBRARIES:
            raise
        msg = f"building needs {error.name}, which is not installed; get the extra `train` with: {INSTALL}"
        raise MisuseError(msg) from error


def _describe(card: "Card") -> dict[str, str]:
    signature = card.signature
    shape = signature.image_shape
    return {
        "open it with": f'zoo.open("zoo:{card.name}")',
        "version": signature.version,
        "input -> output": f"{_shapes(card)}, float32",
        "range of a feature": f"{signature.minimum:g} to {signature.maximum:g}",
        "classes": ", ".join(signature.classes),
        "image": "no" if shape is None else f"{shape[0]} x {shape[1]}, white on black, row by row",
        "held-out accuracy": _accuracy(card),
        "file": f"{card.path} ({card.bytes} bytes)",
        "sha256": card.sha256,
        "golden rows": card.golden,
        "data": card.data,
        "licence": card.licence,
        "source": card.source,
        "built by": f"{card.script}, seed {card.seed}",
    }


def _shapes(card: "Card") -> str:
    return f"(B, {card.signature.features}) -> (B, {len(card.signature.classes)})"


def _accuracy(card: "Card") -> str:
    return f"{card.accuracy:.1%} of {card.accuracy_n}"


def _print_table(console: "Console", columns: list[str], rows: list[list[str]]) -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in columns))
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
