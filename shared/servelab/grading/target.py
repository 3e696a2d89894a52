"""Check the targets of `submission.call` against the reference, without running anything.

A test that names a function which the reference does not have is the test's own
error, never the learner's failure.
"""

import ast

from servelab.errors import GraderFaultError
from servelab.grading.manifest import Exercise


def check_target(exercise: Exercise, target: str) -> None:
    """Check that "package.module:name" is a top-level function or class of the reference.

    Raises:
        GraderFaultError: it is not.
    """
    module, _, name = target.partition(":")
    known = exercise.solution if exercise.solution.is_dir() else exercise.starter
    path = known.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        msg = f"the test calls {target}, but the reference has no {path.name}"
        raise GraderFaultError(msg)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    if name not in names:
        msg = f"the test calls {target}, but {path.name} of the reference defines no {name}"
        raise GraderFaultError(msg)
