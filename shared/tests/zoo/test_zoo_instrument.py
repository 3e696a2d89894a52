"""The grader's side of a served model: counting, holding, failing, replacing."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest

from servelab import zoo

SAFETY_S = 10.0
Submit = Callable[..., "Future[zoo.Float32Array]"]


@pytest.fixture
def submit() -> Iterator[Submit]:
    """Run a call in the background."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        yield pool.submit


def still_waits(answer: "Future[zoo.Float32Array]") -> bool:
    """Give a call that should be held the time to show that it is not."""
    return answer in wait([answer], timeout=0.05).not_done


def test_calls_are_counted_with_their_batch_sizes_and_instances(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Whether a service batches is read here, not from what the service says of itself."""
    client.run(rows[:1])
    client.run(rows[:5])

    assert [1, 5] == [call.batch_size for call in served.calls]
    assert np.array_equal(rows[:5], served.calls[1].instances)


def test_each_opening_is_counted_but_no_further_connection(
    served: zoo.InstrumentedModel, submit: Submit, rows: zoo.Float32Array
) -> None:
    """A model is loaded once, however many workers call it."""
    with contextlib.closing(zoo.open(served.uri)) as client, served.hold():
        answers = [submit(client.run, rows[:1]) for _ in range(4)]
        assert served.wait_for_calls(4, SAFETY_S)
        served.release()
        assert [1] * 4 == [len(answer.result(SAFETY_S)) for answer in answers]

    assert 1 == served.opened
    zoo.open(served.uri).close()
    assert 2 == served.opened


def test_the_oracle_gives_the_same_answers_and_is_not_counted(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Expected values come from the model itself, so they must not look like calls of the service."""
    with served.failing(), served.hold():
        expected = served.oracle(rows)

    assert [] == served.calls
    np.testing.assert_allclose(expected, client.run(rows), atol=1e-6)


def test_a_held_call_has_arrived_but_waits(
    served: zoo.InstrumentedModel, client: zoo.Model, submit: Submit, rows: zoo.Float32Array
) -> None:
    """Tests of overload stop the model instead of sleeping."""
    with served.hold():
        answer = submit(client.run, rows[:2])
        assert served.wait_for_calls(1, SAFETY_S)
        assert still_waits(answer)
        client.check()

    assert 2 == len(answer.result(SAFETY_S))


def test_calls_are_released_in_the_order_they_came(
    served: zoo.InstrumentedModel, client: zoo.Model, submit: Submit, rows: zoo.Float32Array
) -> None:
    """A test that lets one call through must know which."""
    with served.hold():
        answers = []
        for i in range(4):
            answers.append(submit(client.run, rows[i : i + 1]))
            assert served.wait_for_calls(i + 1, SAFETY_S)
        served.release(1)
        answers[0].result(SAFETY_S)
        served.release(2)
        answers[1].result(SAFETY_S)
        answers[2].result(SAFETY_S)
        assert still_waits(answers[3])
        served.release()
        answers[3].result(SAFETY_S)

    assert [rows[i, :].tolist() for i in range(4)] == [call.instances[0].tolist() for call in served.calls]


def test_a_release_without_a_number_lets_through_only_those_that_wait(
    served: zoo.InstrumentedModel, client: zoo.Model, submit: Submit, rows: zoo.Float32Array
) -> None:
    """A later call of the same test must wait for its own release."""
    with served.hold():
        first = submit(client.run, rows[:1])
        assert served.wait_for_calls(1, SAFETY_S)
        served.release()
        first.result(SAFETY_S)
        second = submit(client.run, rows[:1])
        assert served.wait_for_calls(2, SAFETY_S)
        assert still_waits(second)

    second.result(SAFETY_S)


def test_a_release_may_come_before_its_call(
    served: zoo.InstrumentedModel, client: zoo.Model, submit: Submit, rows: zoo.Float32Array
) -> None:
    """Letting the next two calls through needs no race against them."""
    with served.hold():
        served.release(2)
        client.run(rows[:1])
        client.run(rows[:1])
        third = submit(client.run, rows[:1])
        assert served.wait_for_calls(3, SAFETY_S)
        assert still_waits(third)


def test_a_hold_within_a_hold_is_an_error_of_the_test(served: zoo.InstrumentedModel) -> None:
    """Two owners of one gate would let calls through at random."""
    with served.hold(), pytest.raises(RuntimeError), served.hold():
        pass


def test_waiting_for_calls_that_do_not_come_ends_with_false(served: zoo.InstrumentedModel) -> None:
    """A test waits for a fact with a limit, never for ever."""
    began = time.monotonic()

    assert not served.wait_for_calls(1, timeout_s=0.05)
    assert time.monotonic() - began < SAFETY_S


def test_a_failing_model_fails_run_and_check_with_the_message(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """Readiness must turn 503 and come back by itself."""
    with served.failing("GPU fell off\nthe bus"):
        for call in (client.check, lambda: client.run(rows)):
            with pytest.raises(zoo.ModelUnavailableError) as caught:
                call()
            assert "GPU fell off the bus" == str(caught.value)

    client.check()
    assert len(rows) == len(client.run(rows))
    assert 2 == len(served.calls), "a failing call has arrived all the same"


def test_a_replaced_answer_is_passed_on_as_it_is(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """A service has to notice a model that answers nonsense; the client must not notice for it."""
    with served.answering(np.full(10, np.nan, dtype=np.float32)):
        assert np.isnan(client.run(rows[:3])).all()
        assert (3, 10) == client.run(rows[:3]).shape
    with served.answering(np.zeros((7, 2), dtype=np.float32)):
        assert (7, 2) == client.run(rows[:3]).shape
    with served.answering(np.zeros((0, 10), dtype=np.float32)):
        assert (0, 10) == client.run(rows[:3]).shape
    with served.answering(lambda instances: instances[:, :10] * 0 + len(instances)):
        assert [3.0] * 10 == client.run(rows[:3])[0].tolist()

    np.testing.assert_allclose(served.oracle(rows[:3]), client.run(rows[:3]), atol=1e-6)


def test_a_poisoned_instance_fails_the_whole_call_it_is_in(
    served: zoo.InstrumentedModel, client: zoo.Model, rows: zoo.Float32Array
) -> None:
    """A batcher must find the one bad item among good ones."""
    poisoned = rows[:4].copy()
    poisoned[2, 63] = 13.25
    served.poison(13.25)

    client.run(rows[:4])
    with pytest.raises(zoo.ModelUnavailableError) as caught:
        client.run(poisoned)

    assert "13.25" in str(caught.value)
    served.reset()
    client.run(poisoned)


def test_a_reset_takes_everything_back(
    served: zoo.InstrumentedModel, client: zoo.Model, submit: Submit, rows: zoo.Float32Array
) -> None:
    """One model serves many tests; what a failed test left must not reach the next."""
    served.poison(float(rows[0, 10]))
    with served.hold(), served.failing(), served.answering(np.zeros(10, dtype=np.float32)):
        held = submit(client.run, rows[:1])
        assert served.wait_for_calls(1, SAFETY_S)
        served.reset()
        with contextlib.suppress(zoo.ModelUnavailableError):
            held.result(SAFETY_S)

        assert ([], 0) == (served.calls, served.opened)
        np.testing.assert_allclose(served.oracle(rows), client.run(rows), atol=1e-6)


def test_two_models_in_one_folder_do_not_meet(folder: Path) -> None:
    """A service has several models, and each counts for itself."""
    with (
        zoo.instrumented("zoo:digits-mlp-small", folder=folder) as digits,
        zoo.instrumented("zoo:tumour-forest", folder=folder) as tumour,
        contextlib.closing(zoo.open(digits.uri)) as first,
        contextlib.closing(zoo.open(tumour.uri)) as second,
    ):
        second.run(zoo.golden("tumour-forest").instances[:3])

        assert ("digits-mlp-small", "tumour-forest") == (first.signature.name, second.signature.name)
        assert (0, 1) == (len(digits.calls), len(tumour.calls))


def test_a_reseeded_model_is_served_like_any_other(folder: Path) -> None:
    """A grading run is reseed, then instrumented, then the learner's service."""
    uri = zoo.reseed("zoo:digits-cnn", 11, folder)
    instances = zoo.golden("digits-cnn").instances[:4]

    with zoo.instrumented(uri, folder=folder) as model, contextlib.closing(zoo.open(model.uri)) as client:
        assert zoo.open(uri).signature == client.signature
        np.testing.assert_allclose(zoo.open(uri).run(instances), client.run(instances), atol=1e-6)


def test_another_user_may_connect(served: zoo.InstrumentedModel) -> None:
    """Learner code runs under a uid of its own."""
    path = Path(served.uri.removeprefix("unix:"))

    assert 0o666 == path.stat().st_mode & 0o777
    assert 0o055 == path.parent.stat().st_mode & 0o055


def test_the_end_leaves_neither_socket_nor_thread(folder: Path, rows: zoo.Float32Array) -> None:
    """Grading a thousand submissions opens a thousand models."""
    before = threading.active_count()
    with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as model:
        client = zoo.open(model.uri)
        client.run(rows)

    assert [] == list(folder.iterdir())
    assert before == threading.active_count()
    with pytest.raises(zoo.ModelUnavailableError):
        client.check()
    client.close()


def test_the_end_frees_calls_that_are_still_held(
    folder: Path, submit: Submit, rows: zoo.Float32Array
) -> None:
    """A test that fails within a hold must not leave the learner's service hanging."""
    with zoo.instrumented("zoo:digits-mlp-small", folder=folder) as model:
        client = zoo.open(model.uri)
        held = model.hold()
        held.__enter__()
        answer = submit(client.run, rows)
        assert model.wait_for_calls(1, SAFETY_S)

    with contextlib.suppress(zoo.ModelUnavailableError):
        answer.result(SAFETY_S)
    client.close()


def test_a_folder_too_deep_for_a_socket_is_said_in_one_line(tmp_path: Path) -> None:
    """The kernel's own message is 'AF_UNIX path too long', without the path or the limit."""
    deep = tmp_path / ("deep" * 25)

    with pytest.raises(zoo.ModelUnavailableError) as caught, zoo.instrumented("zoo:digits-cnn", folder=deep):
        pass

    assert "use a shorter folder" in str(caught.value)


def test_a_model_that_can_not_be_opened_is_not_served(folder: Path) -> None:
    """The grader's typo shows at once, as the zoo's own error."""
    with pytest.raises(zoo.ModelNotFoundError), zoo.instrumented("zoo:digit-cnn", folder=folder):
        pass

    assert [] == list(folder.iterdir())
