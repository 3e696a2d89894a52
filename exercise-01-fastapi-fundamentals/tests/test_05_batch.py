"""Task 1.5: many rows in one model call."""

import re

import pytest

from servelab.grading.marks import task

URL = "/v1/models/digits/batch"


def instances(rows):
    """Return the body of a batch."""
    return {"instances": [{"features": row} for row in rows]}


def ask(service, rows, name="digits"):
    """Return the body of the answer to a good batch."""
    reply = service.client.post(f"/v1/models/{name}/batch", json=instances(rows))
    assert 200 == reply.status_code, f"POST /v1/models/{name}/batch with {len(rows)} good rows; see hint 1.5"
    return reply.json()


@task("1.5")
@pytest.mark.parametrize("name", ["digits", "tumour"])
def test_a_batch_is_answered_in_order_by_one_model_call(service, models, rows, expected, name):
    """One call for many rows is why batches exist, and the order is all that ties answers to questions."""
    mine = rows[name][:5]

    answer = ask(service, mine, name)

    assert {
        "model": name,
        "model_version": models[name].signature.version,
        "predictions": [expected(name, row) for row in mine],
    } == answer, f"POST /v1/models/{name}/batch: one outcome for each row, in their order; see hint 1.5"
    assert [5] == [call.batch_size for call in models[name].calls], (
        "5 rows should reach the model in one call; see hint 1.5"
    )


@task("1.5")
def test_a_batch_says_the_same_as_single_predictions(service, rows):
    """A client may send its rows together or apart; the difference must be speed, not the answer."""
    mine = rows["digits"][5:9]

    batch = ask(service, mine)["predictions"]
    singles = [
        service.client.post("/v1/models/digits/predictions", json={"features": row}).json() for row in mine
    ]

    assert [
        {"label": single["label"], "probabilities": pytest.approx(single["probabilities"], abs=1e-5)}
        for single in singles
    ] == batch, "the rows of a batch, sent one by one, gave other answers"


@task("1.5")
def test_a_reversed_batch_gives_the_reversed_answer(service, rows):
    """Each row is judged on its own: neither its place nor its neighbours may matter."""
    mine = rows["digits"][:6]

    forth, back = ask(service, mine)["predictions"], ask(service, mine[::-1])["predictions"]

    assert [each["label"] for each in forth] == [each["label"] for each in back[::-1]], (
        "the same six rows, backwards"
    )
    assert 1 < len({str(each["probabilities"]) for each in forth}), (
        "six different rows cannot all have the same answer"
    )


@task("1.5")
def test_a_batch_of_one_is_a_batch(service, rows, expected):
    """The last rows of a file rarely fill a batch."""
    row = rows["digits"][9]

    assert [expected("digits", row)] == ask(service, [row])["predictions"], "a batch of one row"


@task("1.5")
def test_the_largest_batch_is_taken_and_a_larger_one_is_422(service, models, rows):
    """The limit bounds how long one client can occupy the model; beyond it a client must be told."""
    full = ask(service, rows["digits"][:8])["predictions"]
    over = service.client.post(URL, json=instances(rows["digits"][:9]))

    assert (8, 422) == (len(full), over.status_code), (
        "SERVICE_MAX_BATCH is 8: a batch of 8, then one of 9; see hint 1.5"
    )
    assert [8] == [call.batch_size for call in models["digits"].calls], (
        "the batch of 9 must not reach the model, not even in part"
    )


@task("1.5")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"instances": []}, id="empty"),
        pytest.param({}, id="missing"),
        pytest.param({"instances": [[1.0, 2.0]]}, id="bare-row"),
    ],
)
def test_a_batch_without_instances_is_422(service, rows, body):
    """An empty batch is a mistake of the client, not a question with an empty answer."""
    ask(service, rows["digits"][:1])

    assert 422 == service.client.post(URL, json=body).status_code, f"POST {URL} with {body}; see hint 1.5"


@task("1.5")
def test_an_unknown_field_in_a_batch_is_422(service, rows):
    """The rules of a single request hold for a batch and for each of its instances."""
    good = instances(rows["digits"][:2])
    ask(service, rows["digits"][:2])
    bodies = [
        {**good, "explain": True},
        {"instances": [{**each, "explain": True} for each in good["instances"]]},
    ]

    statuses = [service.client.post(URL, json=body).status_code for body in bodies]

    assert [422, 422] == statuses, "an unknown field beside the instances, then within one; see hint 1.5"


SPOILT = {
    "too-few": (0, lambda row: row[:-1]),
    "out-of-range": (2, lambda row: [*row[:-1], 99.0]),
    "text": (4, lambda row: [*row[:-1], "1"]),
}


def ask_spoilt(service, rows, case):
    """Send a good batch, and return the reply to the same with one row spoilt."""
    index, spoil = SPOILT[case]
    mine = list(rows[:5])
    ask(service, mine)
    mine[index] = spoil(mine[index])
    return service.client.post(URL, json=instances(mine))


@task("1.5")
@pytest.mark.parametrize("case", SPOILT)
def test_a_batch_with_a_bad_instance_is_refused_as_a_whole(service, models, rows, case):
    """Half a batch answered is worse than none: the client can't tell which answer belongs to which row."""
    reply = ask_spoilt(service, rows["digits"], case)

    assert 422 == reply.status_code, f"a batch of five whose row {SPOILT[case][0]} is bad; see hint 1.5"
    assert 1 == len(models["digits"].calls), "only the good batch should have reached the model"


@task("1.5")
@pytest.mark.parametrize("case", SPOILT)
def test_a_bad_instance_is_named_by_its_index(service, rows, case):
    """Among 256 rows a client can't guess which one is wrong."""
    reply = ask_spoilt(service, rows["digits"], case)

    named = {int(number) for number in re.findall(r"instances\W+(\d+)", reply.text)}
    assert {SPOILT[case][0]} == named, (
        f"which instances the answer names; it is {reply.text[:300]}; see hint 1.5"
    )


@task("1.5")
def test_every_bad_instance_is_named(service, rows):
    """A client with three bad rows should not need three tries."""
    mine = list(rows["digits"][:6])
    ask(service, mine)
    for index in (1, 3, 5):
        mine[index] = [*mine[index][:-1], -1.0]

    reply = service.client.post(URL, json=instances(mine))

    named = {int(number) for number in re.findall(r"instances\W+(\d+)", reply.text)}
    assert (422, {1, 3, 5}) == (reply.status_code, named), f"the answer was {reply.text[:300]}; see hint 1.5"


@task("1.5")
def test_an_unknown_model_has_no_batch(service, rows):
    """A misspelt name must not look like a fault of the service."""
    ask(service, rows["digits"][:1])

    reply = service.client.post("/v1/models/letters/batch", json=instances(rows["digits"][:1]))

    assert 404 == reply.status_code, "POST /v1/models/letters/batch: there is no such model"


@task("1.5")
def test_a_batch_leaves_nothing_in_the_store(service, rows):
    """Batches are many: kept, they would push out the predictions that clients still want to judge."""
    single = service.client.post("/v1/models/digits/predictions", json={"features": rows["digits"][0]}).json()
    for _ in range(3):
        ask(service, rows["digits"][:8])

    assert 200 == service.client.get(f"/v1/predictions/{single['id']}").status_code, (
        "SERVICE_STORE_CAPACITY is 20: a prediction was pushed out by three batches of 8; see hint 1.5"
    )
