"""Task 1.12: the learner's own suite passes on a right service, and fails on wrong ones.

The suite runs in the submission's sandbox, the services run outside of it; between them is one socket.
Services come in random order, two at a time, each to a run of its own that remembers nothing of the others.
"""

import queue
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from planted.bugs import AREAS, PLANTED, RIGHT
from planted.front import served

from servelab.grading.intake import discard, take
from servelab.grading.isolation import level as isolation
from servelab.grading.marks import task
from servelab.grading.submission import Submission, Unfinished

MODELS = "SERVICE_MODELS"
SUITE = "tests/test_service.py"
RIGHT_RUNS = 2
LANES = 2
TIMEOUT_S = 20.0
PORT = 8000
PASSED, FAILED = 0, 1
MEANING = {
    PASSED: "it passed",
    FAILED: "a test of it failed",
    2: "it was interrupted: is there a mistake in the file?",
    4: f"there is no {SUITE}",
    5: "it has no tests",
    6: "something broke in a fixture, and no test failed",
    None: f"it was not done after {TIMEOUT_S:g} s",
}


@pytest.fixture(scope="module")
def folder(submission):
    """A folder for the sockets of services with a bug."""
    folder = submission.scratch / "planted"
    folder.mkdir()
    folder.chmod(0o755)  # the reference is copied into it
    return folder


@pytest.fixture(scope="module")
def runs(submission, settings, folder):
    """What became of the suite on each service: name -> [(exit code, output), …]; "right" is there twice."""
    if not submission.exercise.solution.is_dir():
        pytest.skip("a student edition has no reference service to run the suite against")
    waiting = [*PLANTED.items(), *[("right", RIGHT)] * RIGHT_RUNS]
    submission.rng().shuffle(waiting)
    left, found = queue.SimpleQueue(), {}
    for number, (name, make) in enumerate(waiting):
        left.put((folder / str(number), name, make()))
    with reference(submission, folder) as implementation, ExitStack() as stack:
        # The settings are the defaults, as at home; the models are those of this grading run.
        services = [implementation.serve(env={MODELS: settings[MODELS]}) for _ in range(LANES)]
        for service in services:
            stack.callback(service.kill)
        with ThreadPoolExecutor(LANES) as lanes:
            drained = [lanes.submit(drain, submission, left, service, found) for service in services]
        for each in drained:
            each.result()
    return found


@contextmanager
def reference(submission, folder):
    """The reference solution as an implementation of its own; it is trusted, so it needs no sandbox."""
    copy = folder / "reference"
    take(submission.exercise.solution, submission.exercise, copy)
    try:
        with Submission(submission.exercise, copy, isolation.level("process"), submission.seed) as made:
            yield made
    finally:
        discard(copy)


def drain(submission, left, service, found):
    """Take one service after the other, and let the suite judge it, as long as that can tell anything."""
    while all(code == PASSED for code, _ in found.get("right", [])):
        try:
            folder, name, bug = left.get_nowait()
        except queue.Empty:
            return
        folder.mkdir()
        with served(bug, service.endpoint(), folder) as front:
            found.setdefault(name, []).append(judged(submission, front))


def judged(submission, front):
    """Return exit code and output of one run of the suite; the code of a run that did not end is None."""
    try:
        with submission.world() as world:
            url = f"http://127.0.0.1:{world.admit(front, PORT).port}"
            done = world.run_inside("suite.py", SUITE, env={"SERVICE_URL": url}, timeout_s=TIMEOUT_S)
    except Unfinished as unfinished:
        return None, unfinished.output
    return done.code, done.output


def require_right(runs):
    """A suite that fails on a right service finds nothing by failing on a wrong one."""
    for code, output in runs["right"]:
        if code != PASSED:
            msg = f"your suite on a service without a bug: {meaning(code)}; see hint 1.12"
            raise Unfinished(msg, output)


def meaning(code):
    """Say what an exit code of a run means."""
    return MEANING.get(code, f"it ended with exit code {code}")


@task("1.12")
def test_your_suite_passes_on_a_right_service_and_can_fail(runs):
    """A suite that cries wolf is switched off, and one that never fails is worse than none."""
    require_right(runs)
    found = [name for name in PLANTED if runs[name][0][0] == FAILED]

    assert found, f"your suite passed on each of {len(PLANTED)} services with a bug; see hint 1.12"


@task("1.12")
@pytest.mark.parametrize("name", PLANTED)
def test_your_suite_finds_the_bug(runs, name):
    """A bug that no test sees is found by a customer."""
    require_right(runs)
    code, output = runs[name][0]
    area = AREAS[name.partition("-")[0]]

    if code not in (PASSED, FAILED):
        msg = f"your suite on a service with a bug in {area}: {meaning(code)}; see hint 1.12"
        raise Unfinished(msg, output)
    assert FAILED == code, f"a bug in {area} goes unseen by your suite; see hint 1.12"
