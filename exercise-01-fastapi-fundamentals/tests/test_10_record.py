"""Task 1.10: the record of predictions, a background task that can neither delay nor fail a response."""

import contextlib
import json
import os
from datetime import datetime

import pytest
from scrape import Scrape, eventually

from servelab.grading.marks import task

PREDICTIONS = "/v1/models/digits/predictions"
DROPPED = "prediction_records_dropped_total"
QUEUE = 3


def predict(service, row, request_id="predicting"):
    """Ask for a prediction that has to succeed, and soon."""
    headers = {"X-Request-ID": request_id}
    reply = service.client.post(PREDICTIONS, json={"features": row}, headers=headers, timeout=2)
    assert 201 == reply.status_code, f"POST {PREDICTIONS} with a good row, whatever becomes of the record"
    return reply


@pytest.fixture(scope="module")
def record(socket_folder):
    """Where predictions are recorded: a named pipe, which takes nothing as long as nobody reads it."""
    path = socket_folder / "record"
    os.mkfifo(path)
    path.chmod(0o666)
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def recording(submission, settings, socket_folder, record):
    """A service that records its predictions; few may wait for the record."""
    environment = settings | {"SERVICE_RECORD_PATH": str(record), "SERVICE_RECORD_QUEUE": str(QUEUE)}
    return submission.keep("recording", lambda: submission.serve(env=environment, binds=[socket_folder]))


@pytest.fixture
def reader(record):
    """Opens the record for reading, when a test calls it."""
    opened = []

    def open_record():
        opened.append(os.open(record, os.O_RDONLY | os.O_NONBLOCK))
        return opened[-1]

    yield open_record
    for descriptor in opened:
        os.close(descriptor)


def written(descriptor, count):
    """Return the lines that arrive in a pipe until there are `count`, or none comes any more."""
    received = b""

    def read():
        nonlocal received
        with contextlib.suppress(BlockingIOError):
            received += os.read(descriptor, 65536)
        return received.count(b"\n")

    eventually(count, read)
    return [json.loads(line) for line in received.splitlines()]


def dropped(service):
    """Return how many predictions were not recorded."""
    return Scrape(service).total(DROPPED)


@task("1.10")
@pytest.mark.usefixtures("models")
def test_a_record_that_takes_nothing_holds_nobody_up(recording, rows, reader):
    """Bookkeeping is for later: a disk that hangs must not make a prediction late."""
    made = predict(recording, rows["digits"][0]).json()
    lines = written(reader(), 1)

    assert [made["id"]] == [line.get("id") for line in lines], (
        "a prediction was made while nobody read the record, then it was read; see hint 1.10"
    )


@task("1.10")
@pytest.mark.usefixtures("models")
def test_a_full_queue_holds_nobody_up(recording, rows, reader):
    """The queue before a disk that hangs is full in no time; predictions must go on all the same."""
    made = [predict(recording, row).json()["id"] for row in rows["digits"][:10]]
    lines = written(reader(), QUEUE + 1)

    assert QUEUE <= len(lines) <= QUEUE + 2, (
        f"ten predictions while nobody read the record, SERVICE_RECORD_QUEUE is {QUEUE}: so many were kept; "
        "see hint 1.10"
    )
    kept = [line.get("id") for line in lines]
    assert [each for each in made if each in kept] == kept, "the record has predictions in their order"


@task("1.10")
@pytest.mark.usefixtures("models")
def test_what_is_not_recorded_is_counted(recording, rows, reader):
    """Whoever relies on the record must be able to see that it is not complete."""
    before = dropped(recording)
    for row in rows["digits"][:10]:
        predict(recording, row)
    lost = eventually(10 - QUEUE - 1, lambda: dropped(recording) - before)
    lines = written(reader(), 10 - int(lost))

    assert 0 < lost, f"ten predictions while nobody read the record: {DROPPED} grew by; see hint 1.10"
    assert 10 == len(lines) + lost, f"each prediction is recorded, or counted in {DROPPED}; see hint 1.10"


@task("1.10")
@pytest.mark.usefixtures("models")
def test_the_record_tells_what_is_needed_later(recording, rows, reader):
    """Whoever compares predictions with the truth later needs the version, the time and the request."""
    pipe = reader()
    made = predict(recording, rows["digits"][0], "recorded.7").json()
    lines = written(pipe, 1)

    assert 1 == len(lines), "one JSON line for one prediction; see hint 1.10"
    expected = {"id": made["id"], "model": "digits", "version": made["model_version"], "label": made["label"]}
    expected |= {"request_id": "recorded.7"}
    assert expected == {key: lines[0].get(key) for key in expected}, "the line of a prediction; see hint 1.10"
    assert datetime.fromisoformat(str(lines[0].get("time"))).tzinfo, "time says in which zone it is"
    assert "features" not in lines[0], "the features may be personal data; they stay out of the record"


@pytest.fixture(params=["a-folder", "a-full-disk"])
def spoilt(request, record):
    """Puts something in place of the record that can't be written."""
    record.unlink(missing_ok=True)
    if request.param == "a-folder":
        record.mkdir()
        yield
        record.rmdir()
    else:
        record.symlink_to("/dev/full")
        yield
        record.unlink()


@task("1.10")
@pytest.mark.usefixtures("models", "spoilt")
def test_a_record_that_cannot_be_written_fails_nobody(recording, rows):
    """Disks fill up and volumes move; predictions go on, and the number of lost lines says so."""
    before = dropped(recording)
    for row in rows["digits"][:3]:
        predict(recording, row)

    assert 3 == eventually(3, lambda: dropped(recording) - before), (
        f"three predictions while the record can't be written: {DROPPED} grew by; see hint 1.10"
    )
