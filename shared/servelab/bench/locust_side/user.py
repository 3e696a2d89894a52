"""`PlannedUser`: the base class for locustfiles whose results can be trusted.

    from servelab.bench.locust_side.user import PlannedUser

    locust --locustfile … --headless --users 20 --run-time 30s --bench-html report.html

The report is written when the test stops. It says "closed loop": it shows what
these people felt, and never what the service can take.
Users go to this machine alone, unless `--allow-remote HOST` names another one
whose owner agrees.
Source: Locust's documentation, "Event hooks" and "Custom arguments".
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from locust import HttpUser, events

from servelab.atomic_file import write_text
from servelab.bench.http.address import parse
from servelab.bench.locust_side.plan import Plan
from servelab.bench.locust_side.recording import Recording, category
from servelab.bench.report import html, json
from servelab.bench.report.machine import examine
from servelab.bench.report.summary import summarise
from servelab.bench.trust.validity import judge
from servelab.errors import MisuseError

_PLANNED = "planned_s"

Untyped = Any
"""What Locust hands over: it is optional, and where it is not installed its types are not known."""


class PlannedUser(HttpUser):  # type: ignore[misc] # Locust is optional: without it, its classes are Any
    """A user whose requests are recorded from the moment at which they were meant to start.

    Attributes:
        pace_s: seconds between the planned starts of tasks, however long answers take; None
            (Locust's manner): `wait_time` counts from the end of the task before.
    """

    abstract = True
    wait_time: Untyped
    pace_s: float | None = None

    def __init__(self, environment: Untyped) -> None:
        super().__init__(environment)
        self._plan = Plan(time.perf_counter(), self.pace_s)
        self._think = self.wait_time
        # On the instance: a locustfile sets `wait_time` on its class.
        self.wait_time = self._wait

    def context(self) -> dict[str, Any]:
        """Hand the planned start to the request event; Locust calls this once for each request."""
        return {_PLANNED: self._plan.take()}

    def _wait(self) -> float:
        return self._plan.wait_s(time.perf_counter(), self._think())


class _Reporter:
    """Records one test of an environment after the other, and writes the report of each."""

    def __init__(self, environment: Untyped) -> None:
        self._environment = environment
        self._recording = Recording(time.perf_counter())
        self._cpu_s = 0.0
        environment.events.test_start.add_listener(self._begin)
        environment.events.spawning_complete.add_listener(self._settle)
        environment.events.request.add_listener(self._record)
        environment.events.test_stop.add_listener(self._write)

    def _begin(self, **_: Untyped) -> None:
        self._recording = Recording(time.perf_counter())
        self._cpu_s = time.process_time()

    def _settle(self, user_count: int, **_: Untyped) -> None:
        self._recording.users = max(1, user_count)
        self._recording.settled_s = time.perf_counter()

    def _record(self, **event: Untyped) -> None:
        response, exception = event.get("response"), event["exception"]
        # Locust stamps with the wall clock; over the short way back it is as good as a monotonic one.
        sent_s = time.perf_counter() - (time.time() - event["start_time"])
        ended_s = sent_s + event["response_time"] / 1000
        status = getattr(response, "status_code", 0) or 0
        self._recording.add(event["context"].get(_PLANNED), sent_s, ended_s, category(exception, status))

    def _write(self, **_: Untyped) -> None:
        options = self._environment.parsed_options
        stopped_s = time.perf_counter()
        busy_s = time.process_time() - self._cpu_s
        target = f"{self._environment.host} with Locust's users"
        cpu_share = busy_s / (stopped_s - self._recording.began_s)
        run = self._recording.to_run(stopped_s, target=target, cpu_share=cpu_share)
        summary, machine = summarise(run, judge(run)), examine()
        now = datetime.now(UTC)
        if options.bench_html:
            write_text(Path(options.bench_html), html.of_run(summary, machine, now=now))
        if options.bench_json:
            document = json.of_run(summary, machine, now=now)
            write_text(Path(options.bench_json), json.render(document))


def _add_arguments(parser: Untyped) -> None:
    for kind in ("html", "json"):
        words = f"Write servelab's report of the test as {kind.upper()} to FILE"
        parser.add_argument(
            f"--bench-{kind}", metavar="FILE", default="", help=words, include_in_web_ui=False
        )
    parser.add_argument(
        "--allow-remote",
        metavar="HOST",
        action="append",
        default=[],
        help="Send users to this host, whose owner agrees",
        include_in_web_ui=False,
    )


def _guard(environment: Untyped, **_: Untyped) -> None:
    """Refuse hosts of others at the start, and again with each test: Locust's page can name another one."""
    environment.events.test_start.add_listener(lambda **_: _refuse_strangers(environment))
    _refuse_strangers(environment)


def _refuse_strangers(environment: Untyped) -> None:
    allowed = frozenset(environment.parsed_options.allow_remote)
    planned = [kind for kind in environment.user_classes if issubclass(kind, PlannedUser)]
    for host in {environment.host or kind.host for kind in planned} - {None, ""}:
        try:
            # Locust speaks TLS; whose machine it is does not hang on that.
            parse(host.replace("https://", "http://", 1), allowed)
        except MisuseError as error:
            raise SystemExit(str(error)) from None


def _watch(environment: Untyped, **_: Untyped) -> None:
    options = environment.parsed_options
    if not (options.bench_html or options.bench_json):
        return
    if options.master or options.worker or options.processes:
        msg = "--bench-html and --bench-json need one process: leave out --master, --worker, --processes"
        raise SystemExit(msg)
    _Reporter(environment)


events.init_command_line_parser.add_listener(_add_arguments)
events.init.add_listener(_guard)
events.init.add_listener(_watch)
