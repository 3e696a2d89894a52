"""Plots stand where the numbers are, at every width."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from servelab.bench.report.plot.axis import Axis
from servelab.bench.report.plot.curve import curve
from servelab.bench.report.plot.distribution import distribution
from servelab.bench.report.plot.figure import Figure
from servelab.bench.report.plot.timeline import timeline
from servelab.bench.run import Run
from servelab.bench.samples import Samples

MakeRun = Callable[..., Run]


def figures_of(run: Run) -> list[Figure]:
    """Return all plots of a run."""
    found = [
        distribution(run.measured.latency, (("p50", 0.01),)),
        curve(run.measured.felt),
        timeline(run.samples, 1.0, run.load.duration_s),
    ]
    return [figure for figure in found if figure]


def drawing(figure: Figure) -> ET.Element:
    """Return the parsed figure, which must be well-formed."""
    return ET.fromstring(str(figure.html()))  # noqa: S314 - made two lines above


@pytest.mark.parametrize(
    ("axis", "values", "places"),
    [
        (Axis.linear("", 0, 200, str), [0, 50, 200, 300], [0, 25, 100, 100]),
        (Axis.log("", 0.001, 10, str), [0.001, 0.01, 10, 0], [0, 25, 100, 0]),
        (Axis.nines("", 0.999), [0, 0.9, 0.99, 0.999], [0, 100 / 3, 200 / 3, 100]),
    ],
)
def test_an_axis_puts_values_where_its_scale_says(
    axis: Axis, values: list[float], places: list[float]
) -> None:
    """A reader measures with the eye; what lies outside stands at the end and is not lost."""
    assert places == pytest.approx(axis.places(np.array(values, dtype=float)).tolist())


@pytest.mark.parametrize(("low", "high"), [(0.001, 0.0011), (0.001, 0.01), (1e-4, 100.0), (0.0, 0.0)])
def test_an_axis_of_any_span_has_ticks_to_read_it_by(low: float, high: float) -> None:
    """A plot without a number on its axis is an ornament; one with twenty can't be read on a telephone."""
    axis = Axis.log("", low, high, str)

    assert 1 <= len(axis.ticks) <= 7


def test_nothing_is_drawn_outside_the_plot(make_run: MakeRun) -> None:
    """At 390 px there is no room beside it."""
    for figure in figures_of(make_run(failed=3)):
        for element in drawing(figure).iter():
            places = [element.get(name, "") for name in ("x", "y", "cx", "cy", "x1", "x2", "y1", "y2")]
            shares = [float(place[:-1]) for place in places if place.endswith("%")]
            assert all(0 <= share <= 100 for share in shares), (figure.title, element.attrib)


def test_every_plot_says_its_numbers_to_who_cannot_see_it(make_run: MakeRun) -> None:
    """A screen reader reads the label of the drawing."""
    labels = [drawing(figure).find("svg") for figure in figures_of(make_run())]

    assert [True] * 3 == [
        label is not None and bool(re.search(r"\d", label.get("aria-label", ""))) for label in labels
    ]


def test_the_timeline_keeps_the_one_slow_request_of_a_million() -> None:
    """Dots that cover each other are drawn once; the one that matters covers none."""
    intended = np.sort(np.random.default_rng(1).uniform(0, 60, 200_000))
    latency = np.full(len(intended), 0.001)
    latency[123_456] = 0.9
    samples = Samples(intended, intended, intended, intended + latency, ("",) * len(intended))

    figure = timeline(samples, 5.0, 60.0)

    assert figure is not None
    dots = re.findall(r'class="dots first" d="(.*?)"', str(figure.html()))[0]
    heights = {int(float(y)) for y in re.findall(r"M[\d.]+ ([\d.]+)h0", dots)}
    assert 2 == len(heights)
    assert len(dots) < 20_000


def test_the_warm_up_is_marked_in_the_timeline(make_run: MakeRun) -> None:
    """The reader sees what was left out, and whether it was enough."""
    run = make_run()

    figure = timeline(run.samples, run.load.warm_up_s, run.load.duration_s)

    assert figure is not None
    shade = drawing(figure).find(".//rect")
    assert shade is not None
    assert ("shade muted", "0%") == (shade.get("class"), shade.get("x"))
    assert 100 / 11 == pytest.approx(float(str(shade.get("width"))[:-1]), abs=0.01)


def test_the_percentile_curve_ends_where_samples_end() -> None:
    """A curve drawn to p99.99 from 700 requests is a guess in ink."""
    figure = curve(np.geomspace(0.001, 0.1, 700))

    assert figure is not None
    assert "beyond: too few samples (p99.9 needs 6636)" in str(figure.html())
    assert ["0", "50", "90"] == [label for _, label in figure.x.ticks][:3]
    assert "99.9" not in [label for _, label in figure.x.ticks]


def test_a_histogram_counts_every_request() -> None:
    """Both ends of the scale are inside."""
    figure = distribution(np.array([0.001] * 4 + [1.0]), ())

    assert figure is not None
    bars = drawing(figure).findall(".//rect")
    assert 2 == len(bars)
