"""Several generator processes for one load, when one core is not enough.

Each connects first; then all start at one moment of the clock that they share.
Processes are spawned, not forked: a fork would copy the locks of the caller's threads.
"""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from servelab.bench.load.clock import now
from servelab.bench.load.target import TargetFactory
from servelab.bench.load.worker import Part, PartResult, work

HEAD_START_S = 0.1  # for the last process to hear when the run starts
STOP_S = 2.0


def work_together(factory: TargetFactory, parts: Sequence[Part]) -> list[PartResult]:
    """Run each part in a process of its own, all from the same moment; factory must be picklable.

    Raises:
        ServelabError: as the first process that failed raised it.
        EOFError: a process died without a word.
    """
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        for part in parts:
            ours, theirs = context.Pipe()
            process = context.Process(target=_child, args=(factory, part, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
        for pipe in pipes:
            _receive(pipe)
        start_s = now() + HEAD_START_S
        for pipe in pipes:
            pipe.send(start_s)
        results = [_receive(pipe) for pipe in pipes]
    finally:
        _stop(processes, pipes)
    return [result for result in results if isinstance(result, PartResult)]


def _receive(pipe: Connection) -> object:
    message = pipe.recv()
    if isinstance(message, BaseException):
        raise message
    return message


def _child(factory: TargetFactory, part: Part, pipe: Connection) -> None:
    def begin() -> float:
        pipe.send(None)
        return float(pipe.recv())

    try:
        pipe.send(work(factory, part, begin))
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        pipe.send(error)


def _stop(processes: Sequence[BaseProcess], pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        pipe.close()
    for process in processes:
        process.join(STOP_S)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()
