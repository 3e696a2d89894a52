"""What the graded tests of exercise 01 share: models that count, one running service, an oracle.

`service` is one process for all tests, because a start costs more than most tests. So a test
leaves nothing behind: no hold, no open connection, no call under way. The next test gets a fresh
service after a test that got no answer, such as one that ended in a time-out.
Its settings are small, so that every limit is near; where another setting is itself the claim, a
test uses `serve`.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from servelab import zoo
from servelab.grading.service import Service
from servelab.grading.submission import Submission
from servelab.zoo import InstrumentedModel

ZOO_NAMES = {"digits": "digits-cnn", "tumour": "tumour-forest"}
SMALL_SETTINGS = {
    "SERVICE_WORKERS": "2",
    "SERVICE_QUEUE": "2",
    "SERVICE_MAX_BATCH": "8",
    "SERVICE_MAX_BODY_BYTES": "65536",
    "SERVICE_RETRY_AFTER_S": "7",
    "SERVICE_STORE_CAPACITY": "20",
    "SERVICE_IMAGE_MAX_PIXELS": "65536",
    "SERVICE_STREAM_MAX_MESSAGE_BYTES": "4096",
}

# So that the assertions in it speak as those of the tests do.
pytest.register_assert_rewrite("failure")

Rows = list[list[float]]
FAILURE = pytest.StashKey[BaseException]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how a test failed."""
    if call.excinfo is not None:
        item.stash[FAILURE] = call.excinfo.value
    return (yield)


@pytest.fixture(scope="session")
def socket_folder(submission: Submission) -> Path:
    """A folder for the sockets of models, which learner code may see."""
    folder = submission.scratch / "models"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def served_models(
    submission: Submission, socket_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, InstrumentedModel]]:
    """The models of this grading run; use `models`, which resets them."""
    hidden = tmp_path_factory.mktemp("reseeded")
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                zoo.instrumented(zoo.reseed(f"zoo:{kept}", submission.seed, hidden), folder=socket_folder)
            )
            for name, kept in ZOO_NAMES.items()
        }


@pytest.fixture
def models(served_models: dict[str, InstrumentedModel]) -> Iterator[dict[str, InstrumentedModel]]:
    """The models "digits" and "tumour", as good as new: nothing counted, held, failing or down."""
    for model in served_models.values():
        model.reset()
    yield served_models
    for model in served_models.values():
        model.reset()


@pytest.fixture(scope="session")
def settings(served_models: dict[str, InstrumentedModel]) -> dict[str, str]:
    """The environment of `service`."""
    uris = ", ".join(f'"{name}": "{model.uri}"' for name, model in served_models.items())
    return {**SMALL_SETTINGS, "SERVICE_MODELS": f"{{{uris}}}"}


@pytest.fixture
def service(
    submission: Submission,
    settings: dict[str, str],
    socket_folder: Path,
    models: dict[str, InstrumentedModel],  # noqa: ARG001 - they are reset first
) -> Service:
    """The shared service on `models`."""
    return submission.keep("service", lambda: submission.serve(env=settings, binds=[socket_folder]))


@pytest.fixture
def serve(
    submission: Submission,
    settings: dict[str, str],
    socket_folder: Path,
    models: dict[str, InstrumentedModel],  # noqa: ARG001 - they are reset first
) -> Iterator[Callable[..., Service]]:
    """Start a service of the test's own: `serve(queue=0)` adds SERVICE_QUEUE=0 to `settings`."""
    with ExitStack() as stack:

        def start_service(binds: Sequence[Path] = (), **changes: object) -> Service:
            variables = {f"SERVICE_{name.upper()}": str(value) for name, value in changes.items()}
            started = submission.serve(env=settings | variables, binds=[socket_folder, *binds])
            stack.callback(started.kill)
            return started

        yield start_service


@pytest.fixture(scope="session")
def rows(submission: Submission) -> dict[str, Rows]:
    """At least 64 rows for each model that it has not been trained on, in an order of this grading run."""
    rng = np.random.default_rng(submission.seed)
    golden = {name: zoo.golden(kept).instances for name, kept in ZOO_NAMES.items()}
    return {name: rng.permutation(instances).tolist() for name, instances in golden.items()}


@pytest.fixture
def expected(models: dict[str, InstrumentedModel]) -> Callable[[str, list[float]], dict[str, Any]]:
    """What a correct service says about a row: `expected("digits", row)` is {"label", "probabilities"}.

    Compare as `expected(…) == actual`: probabilities need only agree to 1e-5.
    """

    def outcome(name: str, row: list[float]) -> dict[str, Any]:
        classes = models[name].signature.classes
        probabilities = models[name].oracle(np.asarray([row], dtype=np.float32))[0].tolist()
        likeliest = classes[int(np.argmax(probabilities))]
        return {
            "label": likeliest,
            "probabilities": pytest.approx(dict(zip(classes, probabilities, strict=True)), abs=1e-5),
        }

    return outcome
