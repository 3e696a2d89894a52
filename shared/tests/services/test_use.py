"""Each service of this machine really does what a client wants of it, and the self-test can fail."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from servelab import cli, services
from servelab.dev.selftest import trial as trial_module
from servelab.dev.selftest.proof import prove
from servelab.dev.selftest.trial import TRIALS, Trial
from servelab.dev.selftest.use import WrongAnswerError
from servelab.services.catalogue import SERVICES
from servelab.services.errors import FailedServiceError, LackingServiceError
from servelab.services.running import Running


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name.partition(" ")[0])
def test_a_service_starts_works_stops_and_leaves_nothing(trial: Trial) -> None:
    """A server that merely starts has not been shown to work."""
    (proof,) = prove(trial, rounds=1)

    if proof.state == "not run":
        pytest.skip(f"not run: {proof.why}")
    assert "" == proof.why
    assert proof.ok
    assert ("stand-in" in proof.name) == proof.stand_in


def test_each_service_is_tried() -> None:
    """A new service that nobody uses in the self-test has not been shown to work."""
    assert set(SERVICES) <= {trial.name for trial in TRIALS}


def redis(_: ExitStack) -> AbstractContextManager[Running]:
    """Have a Redis."""
    return services.redis()


def test_a_wrong_answer_fails_the_self_test() -> None:
    """A self-test that can't fail proves nothing."""

    def misuse(_running: Running) -> str:
        msg = "GET after SET: expected '40', got None"
        raise WrongAnswerError(msg)

    *_, proof = prove(Trial("redis", redis, misuse), rounds=3)

    assert ("failed", 1) == (proof.state, proof.rounds)
    assert proof.why.endswith("expected '40', got None")


def test_what_is_left_fails_the_self_test(tmp_path: Path) -> None:
    """A process that outlives its service is what the self-test is for."""
    scratch = tmp_path / "scratch"
    stray: list[Popen[bytes]] = []

    @contextmanager
    def careless(_: ExitStack) -> Iterator[Running]:
        scratch.mkdir()
        stray.append(Popen(["/bin/sleep", "1000"], cwd=scratch))
        yield Running("careless", "", "binary", "1", scratch=scratch)

    (proof,) = prove(Trial("careless", careless, lambda _: "nothing"), rounds=1)
    stray[0].kill()
    stray[0].wait()

    assert ("failed", False) == (proof.state, proof.stopped)
    assert (f"folder {scratch}", f"process {stray[0].pid}") == proof.left_over


def test_a_service_that_can_not_be_had_is_not_run() -> None:
    """A machine without a service has not passed its test."""

    def lacking(_: ExitStack) -> AbstractContextManager[Running]:
        why = "rabbitmq is not on this machine"
        raise LackingServiceError(why, "apt")

    (proof,) = prove(Trial("rabbitmq", lacking, lambda _: ""), rounds=1)

    assert ("not run", False) == (proof.state, proof.ok)


def test_the_self_test_knows_its_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is not known must not be a test that passed."""
    code = cli.run(["services", "selftest", "rabbit"])

    assert 2 == code
    assert "there is no service rabbit; the services are redis, rabbitmq" in capsys.readouterr().err


def test_the_self_test_reports_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A CI job reads which services were real."""
    code = cli.run(["services", "selftest", "sqlite", "otlp-collector", "--rounds", "2", "--json", "-"])

    report = json.loads(capsys.readouterr().out)
    assert 0 == code
    assert {"ok": 2, "failed": 0, "not_run": 0, "stand_ins": 2, "rounds": 2} == report["summary"]
    assert [2, 2] == [each["rounds"] for each in report["services"]]
    assert all(each["ok"] and each["used"] for each in report["services"])


def test_a_failure_is_exit_1_and_a_lack_is_only_when_nothing_was_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI must stop at a service that fails, go on without one that it never had, and not pass for nothing."""

    def lacking(_: ExitStack) -> AbstractContextManager[Running]:
        why = "rabbitmq is not on this machine"
        raise LackingServiceError(why, "apt")

    def failing(_: ExitStack) -> AbstractContextManager[Running]:
        msg = "redis ended during its start: \x1b[31m[/tmp/x]"
        raise FailedServiceError(msg)

    @contextmanager
    def found(_: ExitStack) -> Iterator[Running]:
        yield Running("nginx", "http://elsewhere", "environment", "1")

    trials = (
        Trial("rabbitmq", lacking, str),
        Trial("redis", failing, str),
        Trial("nginx", found, lambda _: "GET"),
    )
    monkeypatch.setattr(trial_module, "TRIALS", trials)

    asked = (["rabbitmq"], ["redis"], ["rabbitmq", "nginx"], ["redis", "nginx"])
    codes = [cli.run(["services", "selftest", *names]) for names in asked]

    said = capsys.readouterr().out
    assert [1, 1, 0, 1] == codes
    assert "not run  rabbitmq: rabbitmq is not on this machine" in said
    assert (
        "FAILED   redis, round 1: FailedServiceError: redis ended during its start: ?[31m[/tmp/x]\n" in said
    )
    assert "ok       nginx (real, environment, 1, ready in 0.00 s): GET; 1 x used, left running" in said


def test_the_list_is_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """What is here is seen before anything is started."""
    code = cli.run(["services", "list", "--json", "-"])

    listed = json.loads(capsys.readouterr().out)["services"]
    assert 0 == code
    assert {"real", "stand-in", "lacking"} >= {each["state"] for each in listed}
