"""Task 1.1: the application factory, its settings, and the lifespan that opens the models."""

import json

import pytest

from servelab.grading.marks import task

DEFAULTS = {
    "models": {"digits": "zoo:digits-cnn", "tumour": "zoo:tumour-forest"},
    "max_batch": 256,
    "workers": 2,
    "queue": 16,
}
REFUSED = {
    "workers-0": ("SERVICE_WORKERS", "0"),
    "workers-text": ("SERVICE_WORKERS", "two"),
    "max-batch-0": ("SERVICE_MAX_BATCH", "0"),
    "queue-negative": ("SERVICE_QUEUE", "-1"),
    "models-not-json": ("SERVICE_MODELS", "digits"),
    "models-none": ("SERVICE_MODELS", "{}"),
}
ENVIRONMENTS = {
    "nothing set": {},
    "all set": {
        "SERVICE_MODELS": '{"letters": "file:/letters.onnx"}',
        "SERVICE_MAX_BATCH": "3",
        "SERVICE_WORKERS": "5",
        "SERVICE_QUEUE": "0",
        "SERVICE_OF_SOMEBODY_ELSE": "not a setting of ours",
    },
    **{case: {name: value} for case, (name, value) in REFUSED.items()},
}


@pytest.fixture(scope="module")
def loaded(submission):
    """What `load_settings` makes of each of the environments."""
    return submission.play("scenarios/settings.py", environments=ENVIRONMENTS, names=list(DEFAULTS))


@pytest.fixture(scope="module")
def lifespans(submission):
    """What three applications open and close from import to their end."""
    return submission.play("scenarios/lifespans.py")


@pytest.fixture(scope="module")
def refused(submission):
    """How a service ended whose setting makes no sense."""
    return submission.start(env={"SERVICE_WORKERS": "-3"})


def the_one_line(finished):
    """Return the line that says why the service has refused to start."""
    lines = [line for line in finished.output.splitlines() if "cannot start: " in line]
    assert 1 == len(lines), f"expected one line with 'cannot start: '; the output: {finished.output[-1500:]}"
    assert "Traceback" not in finished.output, "an operator needs one line, not a traceback; see hint 1.1"
    return lines[0]


@task("1.1")
def test_without_settings_the_service_has_sensible_defaults(loaded):
    """A newcomer starts the service without reading about its settings first."""
    assert DEFAULTS == loaded["nothing set"], (
        "load_settings() in an environment without SERVICE_*; see hint 1.1"
    )


@task("1.1")
def test_settings_come_from_the_environment(loaded):
    """The same build runs on a laptop and in production; what others put into the environment is no error."""
    expected = {"models": {"letters": "file:/letters.onnx"}, "max_batch": 3, "workers": 5, "queue": 0}

    assert expected == loaded["all set"], (
        "each setting is read from the variable SERVICE_<NAME>; see hint 1.1"
    )


@task("1.1")
@pytest.mark.parametrize("case", REFUSED)
def test_a_setting_out_of_bounds_is_refused(loaded, case):
    """A value that makes no sense must be told at the start, to the operator, not later, to a client."""
    name, value = REFUSED[case]
    message = loaded[case].get("refused", "")

    assert "refused" not in loaded["nothing set"], (
        "load_settings() must accept an environment without SERVICE_*"
    )
    assert ("cannot start: ", True, True, 1) == (
        message[:14],
        name in message,
        value in message,
        len(message.splitlines()),
    ), (
        f"with {name}={value} load_settings() should raise SystemExit with one line: 'cannot start: …', "
        f"with variable and value; it gave {loaded[case]}; see hint 1.1"
    )


@task("1.1")
def test_importing_and_creating_opens_nothing(lifespans):
    """Tools import an application to look at its routes; that must neither need nor load a model."""
    assert [] == lifespans["after import"], "`import src.main` must not open a model"
    assert [] == lifespans["after create_app"], (
        "create_app() must not open a model: the lifespan does; see hint 1.1"
    )
    assert "lifespan.startup.complete" == lifespans["first start"][0], "the start of the application failed"


@task("1.1")
def test_the_models_are_open_when_the_start_is_complete(lifespans):
    """The first client must not wait for a model to load: requests are taken when they can be answered."""
    assert ["lifespan.startup.complete", ["first-a", "first-b"]] == lifespans["first start"], (
        "the start of an application with two models should open each of them once; see hint 1.1"
    )


@task("1.1")
def test_two_applications_share_nothing(lifespans):
    """Each test makes an application of its own; one must not answer from the other's models."""
    assert ["first-a", "first-b", "second-a"] == lifespans["second start"][1], (
        "an application made by a second create_app(…) opens its own models; see hint 1.1"
    )
    assert ["first-a", "first-b"] == sorted(lifespans["first stop"][1]), (
        "the first of two applications stops: its models are closed, the other's stay open; see hint 1.1"
    )


@task("1.1")
def test_the_models_are_closed_at_the_end(lifespans):
    """Models hold memory and connections; a service that is replaced ten times a day gives them back."""
    assert ["lifespan.shutdown.complete", ["first-a", "first-b", "second-a"]] == [
        lifespans["second stop"][0],
        sorted(lifespans["second stop"][1]),
    ], "after both applications have stopped, each model should have been closed once; see hint 1.1"


@task("1.1")
@pytest.mark.parametrize(
    "uri",
    ["file:/missing.onnx", "file:/corrupt.onnx", "unix:/unreachable.sock"],
    ids=["missing", "corrupt", "unreachable"],
)
def test_a_model_that_cannot_be_opened_fails_the_start_in_one_line(lifespans, uri):
    """A service that lacks a model must take no traffic, and must say which one it lacks."""
    failed = lifespans[uri]
    message = failed["message"]

    assert "lifespan.startup.complete" == lifespans["first start"][0], (
        "with good models the start must succeed"
    )
    assert ("lifespan.startup.failed", "cannot start: ") == (failed["type"], message[:14]), (
        f"of three models {uri} can't be opened: CannotStartError says so; got {failed}; see hint 1.1"
    )
    assert (True, True, 1) == ("ledger" in message, uri in message, len(message.splitlines())), (
        f"one line that names the model 'ledger' and its URI {uri!r}; got {message!r}"
    )


@task("1.1")
def test_a_failed_start_closes_what_it_has_opened(lifespans):
    """A start that is tried again and again must not pile up open models."""
    failed = lifespans["file:/corrupt.onnx"]

    assert (["good"], ["good"]) == (failed["opened"], failed["closed"]), (
        "the second of three models can't be opened: what was opened, and what closed again; see hint 1.1"
    )


@task("1.1")
def test_each_model_is_opened_once_however_many_requests_come(serve, models):
    """Loading takes longer than predicting by far; a service that loads at each request is slow for ever."""
    service = serve()
    at_start = {name: model.opened for name, model in models.items()}
    for _ in range(3):
        service.client.get("/health/live")

    assert {"digits": 1, "tumour": 1} == at_start, (
        "how often each model of SERVICE_MODELS was opened before the first answer; see hint 1.1"
    )
    assert at_start == {name: model.opened for name, model in models.items()}, (
        "how often each was opened after three more requests; see hint 1.1"
    )


@task("1.1")
def test_an_invalid_setting_ends_the_process_with_an_error(service, refused):
    """An orchestrator looks at the exit code: with 0 it takes the end for success, and tells nobody."""
    assert service.alive, "with good settings the service must run"
    assert 0 != refused.code, "SERVICE_WORKERS=-3: expected an exit code other than 0; see hint 1.1"
    assert "cannot start: " in refused.output, f"the reason is missing from: {refused.output[-1500:]}"


@task("1.1")
def test_an_invalid_setting_is_told_in_one_line(service, refused):
    """Whoever reads the log of a container that does not come up sees the reason at once."""
    line = the_one_line(refused)

    assert service.alive, "with good settings the service must run"
    assert (True, True) == ("SERVICE_WORKERS" in line, "-3" in line), f"name variable and value; got: {line}"


@task("1.1")
def test_a_corrupt_model_file_stops_the_process_with_one_line(service, submission, socket_folder):
    """Whoever starts a container and sees it end must not read a traceback to find the file that is bad."""
    path = socket_folder / "corrupt.onnx"
    path.write_bytes(b"these bytes are no model")
    path.chmod(0o644)

    models = json.dumps({"ledger": f"file:{path}"})
    finished = submission.start(env={"SERVICE_MODELS": models}, binds=[socket_folder])
    line = the_one_line(finished)

    assert service.alive, "with good models the service must run"
    assert 0 != finished.code, "a model file is corrupt: expected an exit code other than 0; see hint 1.1"
    assert (True, True) == ("ledger" in line, str(path) in line), f"name the model and its file; got: {line}"
