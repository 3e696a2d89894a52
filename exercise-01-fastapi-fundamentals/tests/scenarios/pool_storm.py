"""Send a storm of calls through an inference pool, then count how many it still takes."""

import asyncio
import random
import threading

from src.services.errors import OverloadedError
from src.services.inference import InferencePool

PATIENCE_S = 2.0


class Gate:
    """A call that runs until the gate opens, and counts how often it was started."""

    def __init__(self):
        self.started = 0
        self._opened, self._lock = threading.Event(), threading.Lock()

    def call(self):
        """Wait; a pool that runs its calls on the event loop would wait for ever, so patience ends."""
        with self._lock:
            self.started += 1
        if not self._opened.wait(PATIENCE_S):
            self._opened.set()

    def open(self):
        """Let all calls end."""
        self._opened.set()


async def play(pools, calls, seed):
    """Return for each [workers, queue] what a storm gave, and how many calls the pool takes after it."""
    return [await _try_pool(workers, queue, calls, seed) for workers, queue in pools]


async def _try_pool(workers, queue, calls, seed):
    pool = InferencePool(workers=workers, queue=queue)
    rng = random.Random(seed)  # noqa: S311 - no secret
    storm = await asyncio.wait_for(_storm(pool, calls, workers + queue, rng), 10)
    return {"storm": storm, "capacity": await _capacity(pool, workers, queue)}


async def _storm(pool, calls, at_once, rng):
    """Let some calls succeed, some fail and some be given up, never more at once than the pool takes."""
    wrong = 0
    for first in range(0, calls, at_once):
        kinds = {
            number: rng.choice(("answers", "fails", "leaves")) for number in range(first, first + at_once)
        }
        tasks = {number: asyncio.create_task(pool.run(_call(number, kind))) for number, kind in kinds.items()}
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
        for number, kind in kinds.items():
            if kind == "leaves":
                tasks[number].cancel()
        results = await asyncio.gather(*tasks.values(), return_exceptions=True)
        wrong += sum(not _fits(*each) for each in zip(kinds.values(), kinds, results, strict=True))
        if not await _settles(pool, at_once):
            return {"wrong": wrong, "stuck": True}
    return {"wrong": wrong, "stuck": False}


def _call(number, kind):
    def run():
        if kind == "fails":
            raise LookupError(number)
        return number

    return run


def _fits(kind, number, result):
    if kind == "answers":
        return result == number
    if kind == "fails":
        return isinstance(result, LookupError)
    return isinstance(result, asyncio.CancelledError) or result == number


async def _settles(pool, at_once):
    """Wait until calls that were given up while they ran have left: as many as fit must pass again."""
    for _ in range(200):
        results = await asyncio.gather(*(pool.run(int) for _ in range(at_once)), return_exceptions=True)
        if not any(isinstance(result, OverloadedError) for result in results):
            return True
        await asyncio.sleep(0.002)
    return False


async def _capacity(pool, workers, queue):
    gate = Gate()
    tasks = [asyncio.create_task(pool.run(gate.call)) for _ in range(workers + queue + 2)]
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    # The gate counts in threads, which set no event of the loop.
    while loop.time() < deadline and not (_done(tasks) >= 2 and gate.started >= workers):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    seen = {"started": gate.started, "refused at once": sum(_refused(task) for task in tasks)}
    gate.open()
    await asyncio.wait(tasks, timeout=PATIENCE_S)
    return {**seen, "refused": sum(_refused(task) for task in tasks)}


def _done(tasks):
    return sum(task.done() for task in tasks)


def _refused(task):
    return task.done() and isinstance(task.exception(), OverloadedError)
