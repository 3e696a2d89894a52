"""Task 1.4: models and predictions as resources, with the right methods, status codes and idempotence."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from servelab.grading.marks import task


def predict(service, row, name="digits"):
    """Return the body of a new prediction."""
    reply = service.client.post(f"/v1/models/{name}/predictions", json={"features": row})
    assert 201 == reply.status_code, f"POST /v1/models/{name}/predictions with a good row; see hint 1.4"
    return reply.json()


def describe(name, model):
    """Return what the service should say about a model."""
    return {**model.signature.to_dict(), "name": name}


@task("1.4")
def test_the_models_are_listed(service, models):
    """A client finds out here what it can ask for."""
    reply = service.client.get("/v1/models")

    expected = {"models": [describe(name, model) for name, model in models.items()]}
    assert (200, expected) == (reply.status_code, reply.json()), "GET /v1/models; see hint 1.4"


@task("1.4")
@pytest.mark.parametrize("name", ["digits", "tumour"])
def test_a_model_tells_what_it_takes(service, models, name):
    """A client can build a valid request from this answer alone."""
    reply = service.client.get(f"/v1/models/{name}")

    assert (200, describe(name, models[name])) == (reply.status_code, reply.json()), (
        f"GET /v1/models/{name}; see hint 1.4"
    )


@task("1.4")
@pytest.mark.parametrize("name", ["digits", "tumour"])
def test_a_prediction_is_what_the_model_says(service, models, rows, expected, name):
    """The whole point of the service: the answer is the model's answer, for one call of the model."""
    row = rows[name][0]

    prediction = predict(service, row, name)

    said = {key: prediction.get(key) for key in ("label", "probabilities")}
    assert expected(name, row) == said, (
        f"POST /v1/models/{name}/predictions: not what the model answers for this row"
    )
    assert {"model": name, "model_version": models[name].signature.version, "feedback": None} == {
        key: prediction.get(key, "missing") for key in ("model", "model_version", "feedback")
    }, "which model answered, in which version, and no feedback yet; see hint 1.4"
    assert [1] == [call.batch_size for call in models[name].calls], (
        "one prediction is one call of the model with one row"
    )


@task("1.4")
def test_a_prediction_can_be_read_where_location_says(service, rows):
    """201 promises a resource: Location says where it is, and it must be there."""
    created = service.client.post("/v1/models/digits/predictions", json={"features": rows["digits"][1]})
    read = service.client.get(created.headers.get("location", "/no-location-header"))

    assert 201 == created.status_code, "POST /v1/models/digits/predictions with a good row; see hint 1.4"
    assert f"/v1/predictions/{created.json()['id']}" == created.headers.get("location"), (
        "Location of the new prediction"
    )
    assert (200, created.json()) == (read.status_code, read.json()), "GET what Location says; see hint 1.4"


@task("1.4")
def test_a_prediction_knows_when_it_was_made(service, rows):
    """Clients and logs in several time zones can only be compared when each time says its own."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    created_at = datetime.fromisoformat(predict(service, rows["digits"][2])["created_at"])
    after = datetime.now(UTC) + timedelta(seconds=2)

    assert timedelta(0) == created_at.utcoffset(), "created_at should be in UTC, and say so; see hint 1.4"
    assert before <= created_at <= after, f"created_at should be now, it is {created_at}"


@task("1.4")
def test_the_same_row_twice_makes_two_predictions(service, rows):
    """POST is not idempotent: each prediction has its own id, and its own feedback."""
    first, second = predict(service, rows["digits"][3]), predict(service, rows["digits"][3])
    service.client.put(f"/v1/predictions/{first['id']}/feedback", json={"label": first["label"]})
    untouched = service.client.get(f"/v1/predictions/{second['id']}")

    assert first["id"] != second["id"], "each POST makes a prediction with an id of its own"
    assert (200, second) == (untouched.status_code, untouched.json()), (
        "feedback on one prediction changed another"
    )


@task("1.4")
@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/v1/models/letters"),
        ("POST", "/v1/models/letters/predictions"),
        ("GET", "/v1/predictions/0a1a50df894f4dc8"),
        ("PUT", "/v1/predictions/0a1a50df894f4dc8/feedback"),
    ],
    ids=["get-model", "predict", "get-prediction", "feedback"],
)
def test_what_does_not_exist_is_404(service, rows, method, url):
    """A misspelt name must not look like a fault of the service."""
    known = predict(service, rows["digits"][4])
    bodies = {"POST": {"features": rows["digits"][4]}, "PUT": {"label": known["label"]}}

    reply = service.client.request(method, url, json=bodies.get(method))

    assert 404 == reply.status_code, f"{method} {url}: there is no such thing; see hint 1.4"


@task("1.4")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda row: {"features": row[:-1]}, id="too-few"),
        pytest.param(lambda row: {"features": [*row[:-1], 16.5]}, id="out-of-range"),
        pytest.param(lambda row: {"features": [*row[:-1], "7"]}, id="text"),
        pytest.param(lambda row: {"features": row, "temperature": 1}, id="unknown-field"),
    ],
)
def test_a_bad_row_is_422_and_never_reaches_the_model(service, models, rows, change):
    """The client can fix its own mistake, and the model's time is not spent on it."""
    row = rows["digits"][5]
    predict(service, row)

    reply = service.client.post("/v1/models/digits/predictions", json=change(row))

    assert 422 == reply.status_code, "the same row without the change was a good one; see hint 1.4"
    assert 1 == len(models["digits"].calls), "only the good row should have reached the model"


@task("1.4")
def test_deleting_is_idempotent(service, rows):
    """A client that lost the answer to its DELETE sends it again, and must not be told that it failed."""
    doomed, other = predict(service, rows["digits"][6]), predict(service, rows["digits"][7])
    url = f"/v1/predictions/{doomed['id']}"

    replies = [service.client.delete(url), service.client.delete(url)]
    statuses = [
        service.client.get(url).status_code,
        service.client.get(f"/v1/predictions/{other['id']}").status_code,
    ]

    assert [(204, b""), (204, b"")] == [(reply.status_code, reply.content) for reply in replies], (
        "DELETE a prediction twice: 204 without a body each time; see hint 1.4"
    )
    assert [404, 200] == statuses, "GET the deleted prediction, and another one"


@task("1.4")
def test_feedback_is_put_on_a_prediction(service, models, rows):
    """What the answer should have been is the most valuable thing that a client can send back."""
    prediction = predict(service, rows["digits"][8])
    url = f"/v1/predictions/{prediction['id']}"
    truth = next(label for label in models["digits"].signature.classes if label != prediction["label"])

    reply = service.client.put(f"{url}/feedback", json={"label": truth})

    expected = {**prediction, "feedback": {"label": truth}}
    assert (200, expected) == (reply.status_code, reply.json()), (
        "PUT …/feedback answers the judged prediction; see hint 1.4"
    )
    assert expected == service.client.get(url).json(), "GET the prediction after the PUT"


@task("1.4")
def test_feedback_can_be_repeated_and_replaced(service, models, rows):
    """PUT says how things should be: once more changes nothing, another label replaces the first."""
    prediction = predict(service, rows["digits"][9])
    url = f"/v1/predictions/{prediction['id']}/feedback"
    first, second = models["digits"].signature.classes[:2]

    replies = [service.client.put(url, json={"label": label}) for label in (first, first, second)]

    expected = [(200, {**prediction, "feedback": {"label": label}}) for label in (first, first, second)]
    assert expected == [(reply.status_code, reply.json()) for reply in replies], (
        "PUT …/feedback three times; see hint 1.4"
    )


@task("1.4")
def test_feedback_must_be_a_class_of_the_model(service, rows):
    """A label that the model does not know is a mistake of the client, and would spoil the data."""
    prediction = predict(service, rows["digits"][10])
    url = f"/v1/predictions/{prediction['id']}"
    good = service.client.put(f"{url}/feedback", json={"label": prediction["label"]})

    bad = service.client.put(f"{url}/feedback", json={"label": "benign"})

    assert [200, 422] == [good.status_code, bad.status_code], (
        "feedback with a class of the model, then with 'benign'"
    )
    assert good.json() == service.client.get(url).json(), (
        "refused feedback must leave the prediction as it was"
    )


@task("1.4")
def test_no_feedback_after_deletion(service, rows):
    """What a client has deleted must not come back."""
    prediction = predict(service, rows["digits"][11])
    url = f"/v1/predictions/{prediction['id']}"
    service.client.delete(url)

    late = service.client.put(f"{url}/feedback", json={"label": prediction["label"]})

    assert [404, 404] == [late.status_code, service.client.get(url).status_code], (
        "DELETE, then PUT feedback, then GET"
    )


@task("1.4")
def test_clients_at_the_same_time_get_their_own_predictions(service, rows, expected):
    """A service has many clients at once; none may see the answer meant for another."""

    def in_a_row(mine):
        return lambda client: [
            client.post("/v1/models/digits/predictions", json={"features": row}) for row in mine
        ]

    shares = [rows["digits"][start : start + 5] for start in range(0, 15, 5)]
    with ExitStack() as stack:
        calls = [stack.enter_context(service.in_background(in_a_row(share))) for share in shares]
        made = [reply.json() for call in calls for reply in call.result()]
    read = [service.client.get(f"/v1/predictions/{prediction.get('id')}").json() for prediction in made]

    assert 15 == len({prediction["id"] for prediction in made}), (
        "15 predictions by 3 clients should have 15 ids"
    )
    assert made == read, "each prediction should be readable as it was answered"
    assert [expected("digits", row) for row in rows["digits"][:15]] == [
        {key: prediction[key] for key in ("label", "probabilities")} for prediction in made
    ], "each client should get the answers for its own rows"


@task("1.4")
def test_the_store_of_the_service_is_bounded(service, rows):
    """A service that remembers everything falls over one day, usually at night."""
    made = [predict(service, rows["digits"][0])["id"] for _ in range(21)]
    statuses = [service.client.get(f"/v1/predictions/{made[which]}").status_code for which in (0, 1, 20)]

    assert [404, 200, 200] == statuses, (
        "SERVICE_STORE_CAPACITY is 20: after 21 predictions the oldest has made room; see hint 1.4"
    )
