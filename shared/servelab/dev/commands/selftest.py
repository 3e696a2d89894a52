"""`servelab services selftest`: the proof that the services work."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.output import JsonTo, Output, printable
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.dev.selftest.proof import Proof
    from servelab.dev.selftest.trial import Trial


def selftest(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Services to try; all without one.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is started and stopped.")] = 1,
    json_to: JsonTo = None,
) -> int:
    """Start each service that this machine can have, really use it, stop it, look for what is left.

    Ends with 1 when one failed, or none was there to be used.
    """
    from servelab.dev.selftest.proof import prove

    output = Output(json_to)
    proofs: list[Proof] = []
    for trial in _trials(names or []):
        with output.console.status(trial.name) as status:
            for proof in prove(trial, rounds):
                status.update(f"{trial.name}: {proof.rounds} of {rounds}")
        proofs.append(proof)
        output.console.print(printable(_line(proof)), markup=False, soft_wrap=True)
    count = {state: sum(proof.state == state for proof in proofs) for state in ("ok", "failed", "not run")}
    output.console.print(f"\n{count['ok']} ok, {count['failed']} failed, {count['not run']} not run")
    summary = {
        **{state.replace(" ", "_"): number for state, number in count.items()},
        "stand_ins": sum(proof.ok and proof.stand_in for proof in proofs),
        "rounds": rounds,
    }
    output.finish({"summary": summary, "services": [{**asdict(proof), "ok": proof.ok} for proof in proofs]})
    # A CI job that asks for one service must not pass on a machine that has it no more.
    return 1 if count["failed"] or not count["ok"] else 0


def _trials(names: list[str]) -> "list[Trial]":
    from servelab.dev.selftest.trial import TRIALS

    # A stand-in's name says more than its first word, which is enough to ask for it.
    known = {trial.name.partition(" ")[0]: trial for trial in TRIALS}
    if unknown := [name for name in names if name not in known]:
        msg = f"there is no service {unknown[0]}; the services are {', '.join(known)}"
        raise MisuseError(msg)
    return [known[name] for name in names] if names else list(TRIALS)


def _line(proof: "Proof") -> str:
    if proof.state == "not run":
        return f"not run  {proof.name}: {proof.why}"
    if proof.state == "failed":
        return f"FAILED   {proof.name}, round {proof.rounds}: {proof.why}"
    kind = "stand-in" if proof.stand_in else "real"
    what = f"{kind}, {proof.origin}, {proof.version}, ready in {proof.ready_s:.2f} s"
    end = "stopped, nothing left" if proof.stopped else "used, left running as it was found"
    return f"ok       {proof.name} ({what}): {proof.used}; {proof.rounds} x {end}"
