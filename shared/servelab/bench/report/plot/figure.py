"""A figure as inline SVG that fits a telephone and a wide screen alike, without a script.

Text and dots stand at percentages of the plot, so they keep their size at every
width; curves lie in an inner drawing that is stretched, with strokes that are not.
Colours are classes: the page's style sheet decides them for light and dark.
Source: SVG 2, `preserveAspectRatio="none"` and `vector-effect: non-scaling-stroke`.
Leaves out: a plotting library; matplotlib's SVG has one width and its own colours, and is another install.
"""

from collections.abc import Sequence
from html import escape

import numpy as np
from markupsafe import Markup

from servelab.bench.report.plot.axis import Axis
from servelab.bench.samples import FloatArray

_SIZE = 1000
"""Edge of the inner drawing, in its own units."""

Key = tuple[str, str]
"""Class and words of a line of the legend."""

_RIGHT_HALF = 60.0
"""Past this percentage of the width, a label is written to the left of its line."""


class Figure:
    """A plot that is filled from back to front.

    Args:
        title: a sentence or name above the plot.
        x, y: the axes; y grows upwards.
        says: what the plot shows in one sentence with its numbers, for who can't see it.
        is_wide: it takes the whole width of the page.
    """

    def __init__(self, title: str, x: Axis, y: Axis, says: str, *, is_wide: bool = False) -> None:
        """Begin with the grid."""
        self._css = "plot wide" if is_wide else "plot"
        self.title = title
        self.x = x
        self.y = y
        self.says = says
        self._keys: list[Key] = []
        self._parts = [self._tick_x(value, label) for value, label in x.ticks]
        self._parts += [self._tick_y(value, label) for value, label in y.ticks]

    def key(self, css: str, words: str) -> None:
        """Say in the legend what a class of marks means."""
        self._keys.append((css, words))

    def line(self, xs: FloatArray, ys: FloatArray, css: str) -> None:
        """Draw a curve."""
        self._inner(f'<path class="line {css}" d="M{_path(self._points(xs, ys))}"/>')

    def band(self, xs: FloatArray, lows: FloatArray, highs: FloatArray, css: str) -> None:
        """Fill between two curves."""
        there, back = self._points(xs, lows), self._points(xs, highs)[::-1]
        self._inner(f'<path class="band {css}" d="M{_path(np.concatenate([there, back]))}Z"/>')

    def dots(self, xs: FloatArray, ys: FloatArray, css: str) -> None:
        """Draw many dots as one path: strokes of no length with round ends."""
        marks = "".join(f"M{x} {y}h0" for x, y in np.unique(self._points(xs, ys), axis=0))
        self._inner(f'<path class="dots {css}" d="{marks}"/>')

    def bars(self, edges: FloatArray, heights: FloatArray, css: str) -> None:
        """Draw a histogram: heights[i] stands between edges[i] and edges[i + 1]."""
        lefts, rights, tops = self.x.places(edges[:-1]), self.x.places(edges[1:]), self.y.places(heights)
        for left, right, top in zip(lefts, rights, tops, strict=True):
            if top > 0:
                self._rect(left, 100 - top, right - left, top, css)

    def shade(self, begin: float, end: float, words: str, css: str) -> None:
        """Mark a range of x over the whole height, with words at its top."""
        left, right = self.x.place(begin), self.x.place(end)
        self._rect(left, 0, right - left, 100, f"shade {css}")
        self._text(left, 0, words, "note", dx=5, dy=15)

    def mark(self, x: float, y: float, css: str, words: str) -> None:
        """Draw one dot that says its numbers when pointed at."""
        self._parts.append(
            f'<circle class="mark {css}" cx="{_percent(self.x.place(x))}" '
            f'cy="{_percent(100 - self.y.place(y))}" r="5"><title>{escape(words)}</title></circle>'
        )

    def whisker(self, x: tuple[float, float], y: tuple[float, float], css: str) -> None:
        """Draw a straight line between two points: an interval, or a limit."""
        x1, x2 = (_percent(self.x.place(value)) for value in x)
        y1, y2 = (_percent(100 - self.y.place(value)) for value in y)
        self._parts.append(f'<line class="{css}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>')

    def vertical(self, x: float, words: str, css: str, *, row: int = 0) -> None:
        """Draw a line over the whole height with words at its top, in the given row of words."""
        place = self.x.place(x)
        at = _percent(place)
        self._parts.append(f'<line class="limit {css}" x1="{at}" x2="{at}" y1="0" y2="100%"/>')
        is_right = place > _RIGHT_HALF
        self._text(place, 0, words, f"note {css}", dx=-5 if is_right else 5, dy=15 + 16 * row, end=is_right)

    def horizontal(self, y: float, words: str, css: str) -> None:
        """Draw a line over the whole width with words above its left end."""
        at = _percent(100 - self.y.place(y))
        self._parts.append(f'<line class="limit {css}" x1="0" x2="100%" y1="{at}" y2="{at}"/>')
        self._text(0, 100 - self.y.place(y), words, f"note {css}", dx=5, dy=-5)

    def html(self) -> Markup:
        """Return the figure as HTML."""
        keys = "".join(f'<li><i class="{css}"></i>{escape(words)}</li>' for css, words in self._keys)
        legend = f'<ul class="keys">{keys}</ul>' if keys else ""
        # Everything in it was made here out of numbers, our own words, and escaped text.
        return Markup(  # noqa: S704
            f'<figure class="{self._css}"><figcaption>{escape(self.title)}</figcaption>{legend}'
            f'<p class="axis y">{escape(self.y.title)}</p>'
            f'<svg class="area" role="img" aria-label="{escape(self.says)}">{"".join(self._parts)}</svg>'
            f'<p class="axis x">{escape(self.x.title)}</p></figure>'
        )

    def _points(self, xs: FloatArray, ys: FloatArray) -> FloatArray:
        places = np.stack([self.x.places(xs), 100 - self.y.places(ys)], axis=1)
        # Whole units of the inner drawing: finer than a pixel, and a tenth of the bytes.
        return np.rint(places * (_SIZE / 100))

    def _inner(self, drawing: str) -> None:
        self._parts.append(
            f'<svg class="inner" viewBox="0 0 {_SIZE} {_SIZE}" preserveAspectRatio="none" '
            f'width="100%" height="100%">{drawing}</svg>'
        )

    def _rect(self, left: float, top: float, width: float, height: float, css: str) -> None:
        self._parts.append(
            f'<rect class="{css}" x="{_percent(left)}" y="{_percent(top)}" '
            f'width="{_percent(width)}" height="{_percent(height)}"/>'
        )

    def _tick_x(self, value: float, label: str) -> str:
        at = _percent(self.x.place(value))
        return (
            f'<line class="grid" x1="{at}" x2="{at}" y1="0" y2="100%"/>'
            f'<text class="tick" x="{at}" y="100%" dy="20" text-anchor="middle">{escape(label)}</text>'
        )

    def _tick_y(self, value: float, label: str) -> str:
        at = _percent(100 - self.y.place(value))
        return (
            f'<line class="grid" x1="0" x2="100%" y1="{at}" y2="{at}"/>'
            f'<text class="tick" x="0" y="{at}" dx="-8" dy="4" text-anchor="end">{escape(label)}</text>'
        )

    def _text(  # noqa: PLR0913 - what an SVG text has
        self, left: float, top: float, words: str, css: str, *, dx: int = 0, dy: int = 0, end: bool = False
    ) -> None:
        anchor = ' text-anchor="end"' if end else ""
        self._parts.append(
            f'<text class="{css}" x="{_percent(left)}" y="{_percent(top)}" dx="{dx}" dy="{dy}"{anchor}>'
            f"{escape(words)}</text>"
        )


def _percent(place: float) -> str:
    return f"{place:.2f}".rstrip("0").rstrip(".") + "%"


def _path(points: FloatArray | Sequence[FloatArray]) -> str:
    return "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
