"""Check 3: MLPerf LoadGen, driven beside ours on the same system, sees the same latency.

LoadGen draws its own arrivals; they are recorded as it issues them, and replayed
by our open loop. The service times are drawn by the number of the request, so
both generators put the very same work to the system.
"""

import queue
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from servelab.bench.load.clock import now
from servelab.bench.load.generator import run_open
from servelab.bench.load.in_process import CallTargets
from servelab.bench.run import Load
from servelab.bench.samples import FloatArray
from servelab.dev.acceptance.check import Check, typical, within

WORKERS: Final = 2
RATE_PER_S: Final = 250.0
MEDIAN_S: Final = 0.003
SPREAD: Final = 0.5
MOST_ERROR: Final = 0.10


class System:
    """Work of drawn length: it sleeps, so both generators find the processor free."""

    def __init__(self, seed: int) -> None:
        draws = np.random.default_rng(seed).lognormal(np.log(MEDIAN_S), SPREAD, 1 << 16)
        self._services: list[float] = draws.tolist()

    def __call__(self, index: int) -> None:
        """Do the work of request `index`."""
        time.sleep(self._services[index])


def check(pairs: int = 8, duration_s: float = 4.0, seed: int = 3) -> Check:
    """Measure one system in turns with LoadGen and with ours, and compare each percentile pair by pair."""
    system = System(seed)
    errors = np.array([_pair(system, duration_s, seed + number) for number in range(pairs)])
    p50, p99 = (typical(column, seed) for column in errors.T)
    worst = max(p50, p99, key=lambda error: max(-error.low, error.high))
    return Check(
        id=3,
        claim=f"in-process system: p50 and p99 relative to MLPerf LoadGen less 1, the worse of both "
        f"(p50 {p50.value:+.3f}, p99 {p99.value:+.3f}; {pairs} pairs)",
        value=worst.value,
        interval=(worst.low, worst.high),
        bound="-0.1 to 0.1 with the whole interval",
        ok=within(p50, MOST_ERROR) and within(p99, MOST_ERROR),
    )


def _pair(system: System, duration_s: float, seed: int) -> FloatArray:
    """Return the relative errors of p50 and p99 of one run of each."""
    arrivals, theirs = loadgen(system, duration_s, seed)
    span_s = float(arrivals[-1]) + 1 / RATE_PER_S
    load = Load("open", "recorded", len(arrivals) / span_s, span_s, seed=seed)
    felt = run_open(CallTargets(system, WORKERS), arrivals, load).samples.felt
    errors: FloatArray = np.quantile(felt, (0.5, 0.99)) / theirs - 1
    return errors


def loadgen(system: System, duration_s: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Run LoadGen's Server scenario; return when it issued, in seconds, and its p50 and p99."""
    import mlperf_loadgen as lg  # noqa: PLC0415 - an optional package

    issued: list[float] = []
    waiting: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()

    def issue(samples: list[Any]) -> None:
        for sample in samples:
            issued.append(now())
            waiting.put((len(issued) - 1, sample))

    def serve() -> None:
        while item := waiting.get():
            index, sample = item
            system(index)
            lg.QuerySamplesComplete([lg.QuerySampleResponse(sample.id, 0, 0)])

    threads = [threading.Thread(target=serve) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    sut = lg.ConstructSUT(issue, lambda: None)
    qsl = lg.ConstructQSL(1024, 1024, lambda _: None, lambda _: None)
    try:
        with tempfile.TemporaryDirectory() as folder:
            lg.StartTestWithLogSettings(sut, qsl, *_settings(lg, duration_s, seed, folder))
            summary = Path(folder, "mlperf_log_summary.txt").read_text(encoding="utf-8")
    finally:
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()
        lg.DestroyQSL(qsl)
        lg.DestroySUT(sut)
    starts = np.array(issued)
    return starts - starts[0], np.array([latency_s(summary, "50.00"), latency_s(summary, "99.00")])


def latency_s(summary: str, percentile: str) -> float:
    """Read a percentile from LoadGen's summary, in seconds.

    >>> latency_s("99.00 percentile latency (ns)   : 11860151", "99.00")
    0.011860151
    """
    line = next(line for line in summary.splitlines() if line.startswith(f"{percentile} percentile latency"))
    return int(line.rpartition(":")[2]) / 1e9


def _settings(lg: Any, duration_s: float, seed: int, folder: str) -> tuple[Any, Any]:  # noqa: ANN401 - untyped package
    settings = lg.TestSettings()
    settings.scenario = lg.TestScenario.Server
    settings.mode = lg.TestMode.PerformanceOnly
    settings.server_target_qps = RATE_PER_S
    settings.server_target_latency_ns = 1_000_000_000
    settings.min_duration_ms = int(1000 * duration_s)
    settings.min_query_count = 1
    settings.schedule_rng_seed = seed
    logs = lg.LogSettings()
    logs.enable_trace = False
    logs.log_output.outdir = folder
    logs.log_output.copy_summary_to_stdout = False
    return settings, logs
