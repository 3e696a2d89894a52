# task 1.12, file: a black-box suite that passes on a good service and fails on a wrong one
"""A black-box suite: what must be true of any prediction service that keeps its contract.

Nothing here knows what the models answer. What it can know is how answers relate to each other and
to the contract: a batch says what single requests say, the label is the likeliest class, what was
created can be read again. Each test makes its own predictions, so they run in any order.
"""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

MakeRow = Callable[[int], list[float]]

PREDICTIONS = "/v1/models/digits/predictions"
BATCH = "/v1/models/digits/batch"


def create(client: httpx.Client, row: list[float]) -> httpx.Response:
    """Create a prediction, and see to it that this succeeds."""
    reply = client.post(PREDICTIONS, json={"features": row})
    assert 201 == reply.status_code, reply.text
    return reply


def is_problem(reply: httpx.Response) -> bool:
    """Say whether a failure describes itself, as FastAPI's own or as a problem of RFC 9457."""
    kind = reply.headers.get("content-type", "")
    return kind.startswith(("application/json", "application/problem+json")) and "detail" in reply.json()


def test_each_model_of_the_list_can_be_asked_for(client: httpx.Client) -> None:
    """A client finds its way from the list alone."""
    models = client.get("/v1/models").json()["models"]

    assert {"digits", "tumour"} <= {each["name"] for each in models}
    for each in models:
        assert each == client.get(f"/v1/models/{each['name']}").json()
        assert each["minimum"] < each["maximum"]
        assert len(set(each["classes"])) >= 2


def test_a_prediction_is_created_where_it_says(client: httpx.Client, make_row: MakeRow) -> None:
    """Location is how a client finds what it has created."""
    reply = create(client, make_row(1))

    location = httpx.URL(reply.headers["location"]).path
    assert f"/v1/predictions/{reply.json()['id']}" == location
    again = client.get(location)
    assert 200 == again.status_code
    assert reply.json() == again.json()


def test_a_prediction_has_all_that_it_should(
    client: httpx.Client, make_row: MakeRow, model: dict[str, Any]
) -> None:
    """An answer without its model and version can't be explained later."""
    prediction = create(client, make_row(2)).json()

    assert ("digits", model["version"], None) == (
        prediction["model"],
        prediction["model_version"],
        prediction["feedback"],
    )
    assert prediction["created_at"].endswith(("Z", "+00:00"))
    assert set(model["classes"]) == set(prediction["probabilities"])


def test_the_label_is_the_likeliest_class(client: httpx.Client, make_row: MakeRow) -> None:
    """Whoever acts upon the label relies on it."""
    for number in range(10, 18):
        prediction = create(client, make_row(number)).json()

        probabilities = prediction["probabilities"]
        assert max(probabilities, key=probabilities.__getitem__) == prediction["label"]
        assert pytest.approx(1, abs=1e-4) == sum(probabilities.values())
        assert all(0 <= each <= 1 for each in probabilities.values())


def test_two_rows_are_two_predictions(client: httpx.Client, make_row: MakeRow) -> None:
    """A cache or a variable that is shared by mistake answers one client with another's data."""
    first, second = create(client, make_row(3)).json(), create(client, make_row(4)).json()

    assert first["id"] != second["id"]
    assert first["probabilities"] != second["probabilities"]
    for each in (first, second):
        assert each == client.get(f"/v1/predictions/{each['id']}").json()


def test_the_same_row_gets_the_same_answer(client: httpx.Client, make_row: MakeRow) -> None:
    """A model is a function; noise would be a fault of the service."""
    first, second = create(client, make_row(5)).json(), create(client, make_row(5)).json()

    assert pytest.approx(first["probabilities"], abs=1e-6) == second["probabilities"]


def test_feedback_is_kept_and_replaced(
    client: httpx.Client, make_row: MakeRow, model: dict[str, Any]
) -> None:
    """PUT says what the feedback is, however often; there is never more than one, and on one alone."""
    other = create(client, make_row(6))
    location = create(client, make_row(6)).headers["location"]

    for label in (model["classes"][0], model["classes"][0], model["classes"][1]):
        reply = client.put(f"{location}/feedback", json={"label": label})
        assert 200 == reply.status_code
        assert {"label": label} == reply.json()["feedback"]
        assert reply.json() == client.get(location).json()
    assert other.json() == client.get(other.headers["location"]).json()


def test_feedback_must_be_one_of_the_classes(client: httpx.Client, make_row: MakeRow) -> None:
    """A label that no model knows would spoil every statistic."""
    location = create(client, make_row(7)).headers["location"]

    reply = client.put(f"{location}/feedback", json={"label": "no such class"})

    assert 422 == reply.status_code
    assert client.get(location).json()["feedback"] is None


def test_what_is_deleted_is_gone_and_nothing_else(client: httpx.Client, make_row: MakeRow) -> None:
    """A deletion that deletes nothing, or too much, is worse than an error."""
    doomed = create(client, make_row(8)).headers["location"]
    kept = create(client, make_row(8)).headers["location"]

    assert [204, 204] == [client.delete(doomed).status_code, client.delete(doomed).status_code]
    assert [404, 200] == [client.get(doomed).status_code, client.get(kept).status_code]
    assert 404 == client.put(f"{doomed}/feedback", json={"label": "x"}).status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models/nobody"),
        ("GET", "/v1/predictions/nobody"),
        ("POST", "/v1/models/nobody/predictions"),
        ("POST", "/v1/models/nobody/batch"),
        ("PUT", "/v1/predictions/nobody/feedback"),
    ],
)
def test_what_is_not_there_is_404(client: httpx.Client, make_row: MakeRow, method: str, path: str) -> None:
    """A client must be able to tell its own typo from an answer."""
    row = {"features": make_row(9)}
    bodies = {"predictions": row, "batch": {"instances": [row]}, "feedback": {"label": "x"}}

    reply = client.request(method, path, json=bodies.get(path.rpartition("/")[2]))

    assert 404 == reply.status_code, reply.text
    assert is_problem(reply)


WRONG_VALUES = {
    "nan": "NaN",
    "infinite": "1e999",
    "text": '"1"',
    "boolean": "true",
    "null": "null",
    "large": "1e9",
}


@pytest.mark.parametrize("value", WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_row_with_a_wrong_value_is_refused(client: httpx.Client, make_row: MakeRow, value: str) -> None:
    """A model answers any number, and its answer to nonsense looks as good as any other."""
    row = [*map(str, make_row(20)[:-1]), value]

    reply = client.post(
        PREDICTIONS,
        content=f'{{"features": [{", ".join(row)}]}}',
        headers={"content-type": "application/json"},
    )

    assert 422 == reply.status_code, reply.text
    assert is_problem(reply)


def test_a_body_of_the_wrong_shape_is_refused(client: httpx.Client, make_row: MakeRow) -> None:
    """A misspelt field that is ignored in silence costs somebody a day."""
    row = make_row(21)
    bodies: list[object] = [
        {"features": row, "extra": 1},
        {"feature": row},
        {"features": row[:-1]},
        {"features": [*row, row[0]]},
        {"features": []},
        [row],
        {},
    ]

    statuses = [client.post(PREDICTIONS, json=body).status_code for body in bodies]

    assert [422] * len(bodies) == statuses


def test_a_batch_says_what_single_requests_say(client: httpx.Client, make_row: MakeRow) -> None:
    """Whoever turns to batches for speed must get the same answers, in the same order."""
    rows = [make_row(number) for number in range(30, 42)]

    reply = client.post(BATCH, json={"instances": [{"features": row} for row in rows]})

    assert 200 == reply.status_code, reply.text
    assert "digits" == reply.json()["model"]
    singles = [create(client, row).json() for row in rows]
    outcomes = reply.json()["predictions"]
    assert [each["label"] for each in singles] == [each["label"] for each in outcomes]
    for single, outcome in zip(singles, outcomes, strict=True):
        assert pytest.approx(single["probabilities"], abs=1e-5) == outcome["probabilities"]


def test_a_batch_names_the_instance_that_is_wrong(client: httpx.Client, make_row: MakeRow) -> None:
    """Among 200 rows nobody finds the wrong one without being told."""
    instances: list[dict[str, Any]] = [{"features": make_row(number)} for number in range(50, 58)]
    good = client.post(BATCH, json={"instances": instances})
    instances[5] = {"features": make_row(55)[:-1]}

    bad = client.post(BATCH, json={"instances": instances})

    assert [200, 422] == [good.status_code, bad.status_code]
    assert re.search(r"\b5\b", bad.text), bad.text


def test_a_batch_without_instances_is_refused(client: httpx.Client) -> None:
    """An empty batch is a mistake of the client's, not a fault of the service's."""
    reply = client.post(BATCH, json={"instances": []})

    assert 422 == reply.status_code
    assert is_problem(reply)


# end task 1.12
