"""The report for programs: the figures, and every request behind them.

    {"kind": "run", "made_at", "machine": {…}, "target", "loop": "open" | "closed loop", "load": {…},
     "valid", "reasons": […], "notes": […],
     "figures": {…, "percentiles": {"p99": {"value_s", "low_s", "high_s"}}},
     "samples": {"intended_s": […], "issued_s": […], "sent_s": […], "ended_s": […], "error": […]}}

All times are seconds from the start of the run, to a tenth of a microsecond; the samples hold the
warm-up too. A percentile is null below its least number of samples; inside one, null stands for
"without end": that many requests had no good answer. JSON has neither inf nor nan.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from servelab.bench.capacity.search import Capacity
from servelab.bench.comparison.rounds import Block
from servelab.bench.layers import LayerCost
from servelab.bench.overhead import Overhead
from servelab.bench.report import quantity
from servelab.bench.report.machine import Machine
from servelab.bench.report.pairing import Pairing
from servelab.bench.report.summary import Summary, summarise
from servelab.bench.samples import FloatArray, Samples
from servelab.bench.statistics.percentile import Bounded

# JSON of many shapes; the tests hold its keys.
Document = dict[str, Any]

CLOSED_LOOP = "closed loop"
_DECIMALS = 7
_INDENT = "  "


def of_run(summary: Summary, machine: Machine, *, now: datetime) -> Document:
    """Return the document of one run."""
    return {"kind": "run", **_heading(machine, now), **_run_fields(summary)}


def of_comparison(pairing: Pairing, machine: Machine, *, now: datetime) -> Document:
    """Return the document of a comparison, with every block, its seed and its samples."""
    found = pairing.comparison
    return {
        "kind": "comparison",
        **_heading(machine, now),
        "a": pairing.a,
        "b": pairing.b,
        "load": asdict(pairing.load),
        "verdict": found.verdict,
        "reasons": list(found.reasons),
        "statistic": found.statistic,
        "ratio": bounded(found.ratio),
        "noise": bounded(found.noise),
        "noise_floor": pairing.floor,
        "margin": found.margin,
        "confidence": found.confidence,
        "elapsed_s": found.elapsed_s,
        "discarded_rounds": found.discarded,
        "round_ratios": pairing.ratios(noise=False).tolist(),
        "noise_round_ratios": pairing.ratios(noise=True).tolist(),
        "blocks": [_block(block) for block in found.blocks],
    }


def of_capacity(capacity: Capacity, machine: Machine, *, now: datetime) -> Document:
    """Return the document of a search for the capacity, with every probe and its samples."""
    return {
        "kind": "capacity",
        **_heading(machine, now),
        "target": capacity.probes[0].run.target,
        "rate_per_s": capacity.rate_per_s,
        "beyond_per_s": capacity.beyond_per_s,
        "slo_s": capacity.slo_s,
        "percentile": quantity.percentile_name(capacity.q),
        "limit": capacity.limit,
        "probes": [
            {
                "rate_per_s": probe.rate_per_s,
                "goodput_per_s": probe.goodput_per_s,
                "sustained": probe.sustained,
                **_run_fields(summarise(probe.run, probe.validity)),
            }
            for probe in capacity.probes
        ],
    }


def of_overhead(
    overheads: Sequence[Overhead],
    slo_s: float,
    layers: Sequence[LayerCost],
    machine: Machine,
    *,
    now: datetime,
) -> Document:
    """Return the document of an overhead: every search, its probes and their seeds, and each layer."""
    return {
        "kind": "overhead",
        **_heading(machine, now),
        "slo_s": slo_s,
        "overheads": [asdict(each) for each in overheads],
        "layers": [asdict(layer) for layer in layers],
    }


def _block(block: Block) -> Document:
    return {
        "round": block.round,
        "label": block.label,
        "noise": block.noise,
        "value": block.value,
        "reasons": list(block.reasons),
        "faults": list(block.faults),
        "requests": block.requests,
        "errors": block.errors,
        "ended_s": block.ended_s,
        "seed": block.run.load.seed,
        "samples": _samples(block.run.samples),
    }


def _run_fields(summary: Summary) -> Document:
    return {
        "target": summary.run.target,
        "loop": CLOSED_LOOP if summary.is_closed else "open",
        "load": asdict(summary.run.load),
        "valid": summary.validity.valid,
        "reasons": list(summary.validity.reasons),
        "notes": list(summary.validity.notes),
        "figures": {
            "requests": summary.requests,
            "errors": summary.errors,
            "offered_per_s": summary.offered_per_s,
            "achieved_per_s": summary.achieved_per_s,
            "good_per_s": summary.good_per_s,
            "percentiles": {
                quantity.percentile_name(each.q): bounded(each.seconds, "_s") for each in summary.percentiles
            },
            "least_samples": {quantity.percentile_name(each.q): each.least for each in summary.percentiles},
            "lag_p99_s": summary.lag_p99_s,
            "generator_cpu_share": summary.run.cpu_share,
        },
        "samples": _samples(summary.run.samples),
    }


def bounded(figure: Bounded | None, unit: str = "") -> Document | None:
    """Return a figure with its interval; None when there is none."""
    if figure is None:
        return None
    return {f"value{unit}": figure.value, f"low{unit}": figure.low, f"high{unit}": figure.high}


def render(document: Document) -> str:
    r"""Return JSON for people and programs: indented, but a list of numbers on one line.

    >>> render({"a": [1.0, math.inf], "b": []})
    '{\n  "a": [1.0, null],\n  "b": []\n}\n'
    """
    return _render(document, "") + "\n"


def _heading(machine: Machine, now: datetime) -> Document:
    return {"made_at": now.isoformat(timespec="seconds"), "machine": asdict(machine)}


def _samples(samples: Samples) -> Document:
    columns = {
        "intended_s": samples.intended,
        "issued_s": samples.issued,
        "sent_s": samples.sent,
        "ended_s": samples.ended,
    }
    return {name: _rounded(column) for name, column in columns.items()} | {"error": list(samples.error)}


def _rounded(column: FloatArray) -> list[float]:
    rounded: list[float] = np.round(column, _DECIMALS).tolist()
    return rounded


def _render(value: object, indent: str) -> str:
    inner = indent + _INDENT
    if isinstance(value, Mapping) and value:
        parts = [f"{inner}{json.dumps(str(key))}: {_render(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if isinstance(value, Sequence) and not isinstance(value, str) and any(map(_has_parts, value)):
        return "[\n" + ",\n".join(f"{inner}{_render(each, inner)}" for each in value) + f"\n{indent}]"
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _has_parts(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
