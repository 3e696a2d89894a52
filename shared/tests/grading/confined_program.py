"""Run Python code at an isolation level and tell as JSON what came of it.

A process of its own, so that it can be started as another user and killed like a grader:

    echo '{"level": "bubblewrap", "code": "print(1)", "limits": {}}' | python confined_program.py

It imports the isolation alone, which needs nothing but the standard library.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from servelab.grading.isolation.level import Place, level
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command


def main() -> None:
    """Read what to run, run it to its end, tell."""
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="confined-") as folder:
        submission, home = Path(folder, "submission"), Path(folder, "home")
        for place in (submission, home):
            place.mkdir()
        for place in (Path(folder), submission):
            place.chmod(0o755)
        (submission / "program.py").write_text(asked["code"], encoding="utf-8")
        confinement = level(asked["level"])
        argv = (sys.executable, str(confinement.root(submission) / "program.py"), *asked.get("arguments", ()))
        env = {"PATH": "/usr/bin:/bin", **asked.get("env", {})}
        limits = Limits(**asked.get("limits", {}))
        sandbox = confinement.open(Place(submission, home, env, scratch_mib=limits.scratch_mib))
        confined = sandbox.start(Command(argv), limits, alone=True)
        try:
            code = confined.wait(asked.get("wait_s", 30))
        except TimeoutError:
            confined.kill()
            code = None
        breach = confined.breach.limit if confined.breach else None
        told = {"code": code, "output": confined.output, "breach": breach, "uid": os.geteuid()}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
