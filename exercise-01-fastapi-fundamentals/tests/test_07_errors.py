"""Task 1.7: every failure is a problem document (RFC 9457), and tells nothing internal."""

import re
import time
from http import HTTPStatus

import pytest
from failure import FAILURES, JSON, PREDICTIONS, crashing, fail, predict, problem_of

from servelab.grading.marks import task


def methods_of(reply):
    """Return what Allow names, without the methods that a framework may add."""
    return {each.strip() for each in reply.headers.get("allow", "").split(",")} - {"HEAD", "OPTIONS"}


def pointers(reply):
    """Return where the problem finds errors, in their order."""
    return [error["pointer"] for error in problem_of(reply).get("errors", [])]


@task("1.7")
@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_is_a_problem_document(service, models, rows, case):
    """A client can treat every failure alike, whoever noticed it: router, parser, service or nobody."""
    status, method, url, *_ = FAILURES[case]

    reply = fail(service, models, rows, case)

    problem = problem_of(reply)
    assert {"http": status, "status": status, "instance": url} == {
        "http": reply.status_code,
        "status": problem.get("status"),
        "instance": problem.get("instance"),
    }, f"{method} {url}, {case}: status line and body agree, instance is the path; see hint 1.7"
    kind, title, detail = (str(problem.get(key, "")) for key in ("type", "title", "detail"))
    assert (True, True, True) == (
        kind == "about:blank" or kind.startswith("/problems/"),
        title != "",
        detail != "",
    ), f"type is about:blank or /problems/…, title and detail say something; got {problem}"
    if kind == "about:blank":
        assert HTTPStatus(status).phrase == title, (
            "with type about:blank the title is the phrase of the status (RFC 9457)"
        )


@task("1.7")
def test_a_wrong_method_is_told_the_right_ones(service, rows):
    """405 without Allow leaves the client to guess (RFC 9110, section 15.5.6)."""
    allowed = {
        ("DELETE", "/v1/models"): {"GET"},
        ("GET", PREDICTIONS): {"POST"},
        ("PUT", "/v1/predictions/0a1a50df"): {"GET", "DELETE"},
        ("POST", "/v1/predictions/0a1a50df/feedback"): {"PUT"},
    }
    assert 201 == predict(service, rows).status_code, "a good request must succeed"

    replies = {call: service.client.request(*call) for call in allowed}

    assert dict.fromkeys(allowed, 405) == {
        call: problem_of(reply)["status"] for call, reply in replies.items()
    }, "a wrong method is 405, as a problem document; see hint 1.7"
    assert allowed == {call: methods_of(reply) for call, reply in replies.items()}, (
        "all methods of the path in Allow"
    )


@task("1.7")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_head_and_options_are_answered_decently(service, rows, method):
    """Browsers and probes send them unasked; whatever the answer is, it must be well formed."""
    reply = service.client.request(method, "/v1/models")
    after = predict(service, rows)

    assert 201 == after.status_code, "the next request on the same connection must succeed"
    if reply.status_code == 405:
        assert "application/problem+json" == reply.headers.get("content-type"), (
            f"{method} /v1/models: 405; see hint 1.7"
        )
        assert "GET" in reply.headers.get("allow", ""), "405 names the methods in Allow"
    assert reply.status_code in {200, 204, 405}, f"{method} /v1/models"
    if method == "HEAD":
        assert b"" == reply.content, "the answer to HEAD has no body"


@task("1.7")
@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param(lambda row: [*row[:3], "7", *row[4:]], ["/features/3"], id="text"),
        pytest.param(
            lambda row: [*row[:3], None, *row[4:6], True, *row[7:]], ["/features/3", "/features/6"], id="two"
        ),
        pytest.param(lambda _: [], ["/features"], id="empty"),
        pytest.param(lambda row: row[:-1], ["/features"], id="too-few-for-the-model"),
        pytest.param(
            lambda row: [-1.0, *row[1:-1], 17.0], ["/features/0", "/features/63"], id="out-of-range"
        ),
    ],
)
def test_each_wrong_value_has_a_pointer(service, rows, change, where):
    """A form can mark the wrong field only when the answer says which one it is (RFC 6901)."""
    assert 201 == predict(service, rows).status_code, "the row without the change must succeed"

    reply = service.client.post(PREDICTIONS, json={"features": change(rows["digits"][0])})

    assert (422, where) == (reply.status_code, pointers(reply)), "pointers of the errors; see hint 1.7"
    assert all(error.get("detail") for error in reply.json()["errors"]), (
        "each error says in detail what is wrong"
    )


@task("1.7")
def test_other_bodies_have_pointers_too(service, rows):
    """An unknown field and a wrong label are found by the same rule as a wrong number."""
    prediction = predict(service, rows).json()
    row = rows["digits"][0]

    unknown = service.client.post(PREDICTIONS, json={"features": row, "a/b": 1})
    label = service.client.put(f"/v1/predictions/{prediction['id']}/feedback", json={"label": "benign"})

    assert (422, ["/a~1b"]) == (unknown.status_code, pointers(unknown)), (
        "the unknown field a/b, escaped as RFC 6901 says"
    )
    assert (422, ["/label"]) == (label.status_code, pointers(label)), "feedback with a label that is no class"


@task("1.7")
def test_no_more_errors_than_anybody_reads(service, rows):
    """A small request with a thousand mistakes must not become a large answer."""
    assert 201 == predict(service, rows).status_code, "a good request must succeed"

    reply = service.client.post(PREDICTIONS, json={"features": ["x"] * 1000})

    places = [f"/features/{index}" for index in range(20)]
    assert (422, places) == (reply.status_code, pointers(reply)), "1000 wrong numbers; MAX_ERRORS is 20"


@task("1.7")
def test_malformed_json_is_one_error_of_the_whole_body(service, rows):
    """There is no field to point at in a text that is not JSON; the empty pointer means all of it."""
    assert 201 == predict(service, rows).status_code, "a good request must succeed"

    reply = service.client.post(PREDICTIONS, content=b'{"features": [1, 2', headers=JSON)

    assert (422, [""]) == (reply.status_code, pointers(reply)), "a body that ends in the middle; see hint 1.7"


@task("1.7")
def test_only_422_has_errors(service, models, rows):
    """A list of errors in a body that was not wrong would send the client searching."""
    replies = [fail(service, models, rows, case) for case in ("unknown-model", "unforeseen", "model-fails")]

    assert [False, False, False] == ["errors" in problem_of(reply) for reply in replies], "404, 500, 503"


@task("1.7")
@pytest.mark.parametrize("case", ["model-answers-nan", "unforeseen", "model-fails"])
def test_a_fault_tells_nothing_internal(service, models, rows, case):
    """Paths, class names and messages of libraries help an attacker and nobody else."""
    reply = fail(service, models, rows, case)

    said = f"{problem_of(reply)} {reply.headers}"
    inside = (
        r"secret|0x7f|Traceback|\.py\b|\w+Error\b|\w+Exception\b|\bnan\b|shape|numpy|float32|unix:|\.sock"
    )
    assert [] == re.findall(inside, said, re.IGNORECASE), "what the answer tells of the inside; see hint 1.7"


@task("1.7")
def test_what_the_client_is_not_told_stands_in_the_log(service, models, rows):
    """Whoever is called at night has the client's request id and the log, and needs the cause."""
    assert 201 == predict(service, rows).status_code, "a good request must succeed"
    with crashing(models["digits"], "0x7f42"):
        request_id = problem_of(predict(service, rows))["request_id"]

    # What is printed takes its own way, and can come after the answer.
    deadline = time.monotonic() + 2
    found = []
    while found != [True, True] and time.monotonic() < deadline:
        time.sleep(0.01)
        found = [text in service.output for text in (request_id, "0x7f42")]
    assert [True, True] == found, (
        "an unforeseen exception: are its request id and its message in the output? see hint 1.7"
    )


@task("1.7")
def test_a_failing_model_is_503_with_retry_after(service, models, rows):
    """The client did nothing wrong and may come again; it should know when."""
    reply = fail(service, models, rows, "model-fails")
    problem_of(reply)

    assert (503, "7") == (reply.status_code, reply.headers.get("retry-after")), "SERVICE_RETRY_AFTER_S is 7"
    assert 201 == predict(service, rows).status_code, "the model has recovered, so must the service"
