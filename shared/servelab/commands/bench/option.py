"""What the commands of `servelab bench` take: times as people write them, a request, where reports go."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.bench.http.request import Request

_UNITS: Final = {"ms": 1e-3, "s": 1.0, "min": 60.0}


def seconds(text: str | float) -> float:
    """Read a time such as 500ms, 30s or 2min; a bare number is seconds.

    >>> seconds("500ms"), seconds("30s"), seconds("2min"), seconds("1.5")
    (0.5, 30.0, 120.0, 1.5)
    """
    word = str(text).strip()
    unit = next((each for each in _UNITS if word.endswith(each)), "")
    try:
        value = float(word.removesuffix(unit)) * _UNITS.get(unit, 1.0)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        msg = f"{word!r} is no time: write it as 500ms, 30s or 2min"
        raise typer.BadParameter(msg)
    return value


def time_option(words: str) -> Any:  # noqa: ANN401 - what typer says that it returns
    """Return an option that takes a time."""
    return typer.Option(parser=seconds, metavar="TIME", help=words)


Address = Annotated[
    str,
    typer.Argument(metavar="ADDRESS", help="Such as http://127.0.0.1:8000/path or unix:/service.sock:/path."),
]
Rate = Annotated[float, typer.Option(metavar="PER_S", help="Requests per second that are offered.")]
Duration = Annotated[float, time_option("How long requests are started, warm-up included.")]
WarmUp = Annotated[float, time_option("What is left out at the start.")]
Timeout = Annotated[
    float, time_option("After this, from the moment at which the generator got to it, a request has failed.")
]
Budget = Annotated[float, time_option("When to stop at the latest.")]
Slo = Annotated[float, time_option("The objective for latency.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the arrivals: the same seed, the same starts.")]
Connections = Annotated[int, typer.Option(min=1, help="Connections, opened before the run.")]
Processes = Annotated[int, typer.Option(min=1, help="Generator processes, when one core is not enough.")]
Percentile = Annotated[
    float, typer.Option(min=1, max=99.999, help="The percentile that must be believable, such as 99.")
]
Method = Annotated[str, typer.Option(help="The method of the request; POST by default when there is a body.")]
Body = Annotated[str, typer.Option(metavar="TEXT|@FILE", help="The body of the request.")]
Header = Annotated[
    list[str] | None, typer.Option("--header", metavar="'NAME: VALUE'", help="A header; may be repeated.")
]
AllowRemote = Annotated[
    list[str] | None,
    typer.Option("--allow-remote", metavar="HOST", help="Send load to this host, whose owner agrees."),
]
HtmlTo = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page for a browser.")
]


def request(method: str, body: str, headers: list[str] | None) -> "Request":
    """Return the request that the options describe.

    Raises:
        MisuseError: the body's file can't be read, or a header has no colon.
    """
    from servelab.bench.http.request import Request

    payload = _payload(body)
    pairs = [_pair(each) for each in headers or []]
    if payload and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("Content-Type", "application/json"))
    return Request(
        method=method or ("POST" if payload else "GET"),
        headers=tuple(pairs),
        body=payload,
    )


def check_html(path: Path | None) -> None:
    """Say before the work, and not after it, that the page can't be written.

    Raises:
        MisuseError: it is a folder, or lies in none.
    """
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        what = "is a folder" if path.is_dir() else "is in a folder that does not exist"
        msg = f"--html: {path} {what}; name a file"
        raise MisuseError(msg)


def _payload(body: str) -> bytes:
    if not body.startswith("@"):
        return body.encode()
    try:
        return Path(body[1:]).read_bytes()
    except OSError as error:
        msg = f"--body: {body[1:]} can't be read: {str(error.strerror).lower()}"
        raise MisuseError(msg) from None


def _pair(header: str) -> tuple[str, str]:
    name, colon, value = header.partition(":")
    if not colon:
        msg = f"--header: {header!r} has no colon; write it as 'Name: value'"
        raise MisuseError(msg)
    return name.strip(), value.strip()
