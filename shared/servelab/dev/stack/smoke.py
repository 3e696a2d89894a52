"""The smoke test of the stack: predict over both replicas, lose one, get it back, count every request.

Three acts, with the same clients through the gateway: both replicas are there; one is killed with SIGKILL
and comes back by itself; both are there again. After each of them every prediction that a client has got
must stand in Prometheus, replica by replica, exactly. One number can't: what the killed replica had counted
since it was last scraped died with it. It is reported as a figure, as are the requests that died with it.
Leaves out: services that are only healthy here, and used where exercises need them.
"""

import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from servelab.dev.stack import gateway_log, ledger
from servelab.dev.stack.container import Container, crash, inspect
from servelab.dev.stack.counted import Prometheus
from servelab.dev.stack.errors import StackError
from servelab.dev.stack.gateway_log import Entry
from servelab.dev.stack.ledger import Death
from servelab.dev.stack.load import CLIENTS, DIE_WITH_A_REPLICA, Load, Reply
from servelab.dev.stack.project import Project
from servelab.dev.stack.report import Check, Report
from servelab.dev.stack.settings import short_lived

SERVICES = ("redis", "rabbitmq", "prometheus", "exercise-01", "nginx")
REQUESTS = 600
"""So many at least in each act, and in the second one before the kill and after the return."""
RETURN_TIMEOUT_S = 90.0
LOG_TIMEOUT_S = 20.0

Counts = dict[str, int]
"""Address of a replica, as Prometheus knows it -> predictions that Prometheus has counted."""


def smoke(tell: Callable[[Check], None]) -> Report:
    """Bring the stack up, play the three acts, and take it down whatever happened."""
    report = Report(tell)
    with tempfile.TemporaryDirectory(prefix="servelab-stack-") as folder:
        project = Project(f"servelab-smoke-{secrets.token_hex(4)}", short_lived(Path(folder)))
        try:
            with _noted(report, "the stack does what it is there for"):
                _play(project, report)
        finally:
            with _noted(report, "it can be taken down"):
                project.down()
            # Also after a `down` that failed: then above all.
            with _noted(report, "nothing is left of it") as claim:
                left = project.left()
                report.check(claim, held=not left, seen=", ".join(left) or "nothing")
    return report


@contextmanager
def _noted(report: Report, claim: str) -> Iterator[str]:
    """Note what goes wrong in the block as a claim that did not hold, and go on behind it."""
    try:
        yield claim
    except (StackError, TimeoutError, httpx.HTTPError, subprocess.TimeoutExpired) as error:
        report.check(claim, held=False, seen=str(error))


def _play(project: Project, report: Report) -> None:
    began_s = time.monotonic()
    project.up(*SERVICES)
    seen = f"{', '.join(SERVICES)} after {time.monotonic() - began_s:.0f} s"
    report.check("every service is healthy", held=True, seen=seen)
    gateway = project.address("nginx", 8080)
    url = f"http://{project.address('prometheus', 9090)}"
    with httpx.Client(base_url=url, timeout=10.0, trust_env=False) as client:
        acts = _Acts(project, gateway, Prometheus(client), report)
        counts = acts.calm("before the kill", {})
        counts = acts.crash(counts)
        acts.calm("after the return", counts)


class _Acts:
    """The acts, each of which begins with what Prometheus has counted before it."""

    def __init__(self, project: Project, gateway: str, prometheus: Prometheus, report: Report) -> None:
        self._project = project
        self._gateway = gateway
        self._prometheus = prometheus
        self._report = report

    def calm(self, when: str, before: Counts) -> Counts:
        """Predict while nothing happens."""
        replicas = self._project.containers("exercise-01")
        with Load(self._gateway) as load:
            load.wait_for(REQUESTS)
        after, log = self._settle(load.replies, replicas)
        wrong = ledger.wrong(load.replies)
        self._check(
            f"{when}, every prediction is answered, and is the model's",
            held=not wrong,
            seen=f"{len(load.replies)} requests of {CLIENTS} clients, {len(wrong)} wrong {wrong[:3] or ''}",
        )
        answered = ledger.answered(load.replies, log)
        for replica in replicas:
            self._compare(when, replica, answered[_edge(replica)], before, after)
        return after

    def crash(self, before: Counts) -> Counts:
        """Predict while one replica is killed and comes back."""
        victim, survivor = self._project.containers("exercise-01")
        with Load(self._gateway) as load:
            load.wait_for(REQUESTS)
            began_s = time.time()
            crash(victim)
            death = Death(_edge(victim), began_s, time.time())
            returned = self._wait_for_return(victim)
            load.wait_for(REQUESTS)
        after, log = self._settle(load.replies, [survivor, returned])
        self._check_failures(load.replies, log, death)
        later = ledger.since(load.replies, log, returned.started_s)
        answered = ledger.answered(load.replies, log)
        again = ledger.answered(later, log)[_edge(returned)]
        when = "around the kill"
        self._compare(when, survivor, answered[_edge(survivor)], before, after)
        # What came back is a new process: it counts from zero.
        self._compare("since it is back", returned, again, {}, after)
        earlier = [each for each in load.replies if each not in later]
        old = before[_watched(victim)] + ledger.answered(earlier, log)[_edge(victim)]
        self._note_loss(old, self._prometheus.counted_at(returned.finished_s, _watched(victim)))
        return after

    def _check_failures(self, replies: list[Reply], log: dict[str, Entry], death: Death) -> None:
        failed = ledger.wrong(replies)
        unexcused = ledger.unexcused(replies, log, death)
        self._check(
            "nothing fails but requests in flight on the killed replica",
            held=not unexcused and len(failed) <= DIE_WITH_A_REPLICA,
            seen=f"{len(failed)} of {len(replies)} requests failed, {len(unexcused)} of them without excuse "
            f"{unexcused[:3] or ''}; of {CLIENTS} clients at most {DIE_WITH_A_REPLICA} die with a replica",
        )
        self._report.figures["requests_around_the_kill"] = len(replies)
        self._report.figures["failed_in_flight"] = len(failed)
        self._report.figures["failed_at_most"] = DIE_WITH_A_REPLICA

    def _compare(self, when: str, replica: Container, answered: int, before: Counts, after: Counts) -> None:
        """Check that a replica has answered something, and that Prometheus has counted just that."""
        counted = after[_watched(replica)] - before.get(_watched(replica), 0)
        self._check(
            f"{when}, Prometheus has counted what {replica.name} answered",
            held=0 < answered == counted,
            seen=f"{answered} answered, {counted} counted",
        )

    def _note_loss(self, answered: int, counted: int) -> None:
        self._check(
            "of the killed process, Prometheus has counted no more than it answered",
            held=0 < counted <= answered,
            seen=f"{answered} answered, {counted} counted; {answered - counted} died with it, unscraped",
        )
        self._report.figures["lost_with_the_killed_process"] = answered - counted

    def _wait_for_return(self, victim: Container) -> Container:
        """Wait until the engine has restarted a container by itself, and it is healthy again."""
        began_s = time.monotonic()
        while time.monotonic() < began_s + RETURN_TIMEOUT_S:
            now = inspect(victim.id, self._project.name)
            if now.restarts > victim.restarts and now.health == "healthy":
                seconds = round(time.monotonic() - began_s, 1)
                self._check("the killed replica comes back by itself", held=True, seen=f"after {seconds} s")
                self._report.figures["back_after_s"] = seconds
                return now
            time.sleep(0.2)
        msg = f"{victim.name} is not back after {RETURN_TIMEOUT_S:g} s"
        raise StackError(msg)

    def _settle(self, replies: list[Reply], replicas: list[Container]) -> tuple[Counts, dict[str, Entry]]:
        """Wait until Prometheus has scraped the replicas and the gateway has logged the requests."""
        counts = self._prometheus.counted_after(time.time(), {_watched(each) for each in replicas})
        expected = {each.request_id for each in replies}
        deadline = time.monotonic() + LOG_TIMEOUT_S
        while missing := expected - (log := gateway_log.read(self._project.log("nginx"))).keys():
            if time.monotonic() > deadline:
                msg = f"{len(missing)} requests are not in the gateway's log"
                raise StackError(msg)
            time.sleep(0.5)
        return counts, log

    def _check(self, claim: str, *, held: bool, seen: str) -> None:
        self._report.check(claim, held=held, seen=seen)


def _edge(replica: Container) -> str:
    """Return the address at which the gateway knows a replica."""
    return replica.addresses["edge"]


def _watched(replica: Container) -> str:
    """Return the address at which Prometheus knows a replica."""
    return replica.addresses["monitoring"]
