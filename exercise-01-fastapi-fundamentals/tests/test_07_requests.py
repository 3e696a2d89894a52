"""Task 1.7: bodies that are too large or hostile, and the id that each request has."""

import json
import re

from failure import FAILURES, JSON, LIMIT_BYTES, PREDICTIONS, fail, predict, problem_of

from servelab.grading.marks import task

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEAD = f"POST {PREDICTIONS} HTTP/1.1\r\nHost: service\r\nContent-Type: application/json\r\n"


@task("1.7")
def test_a_body_is_allowed_up_to_the_limit(service, rows):
    """A limit that is one byte off breaks the client that was told of it."""
    body = b'{"features": ' + str(rows["digits"][0]).encode() + b"}"

    sent = [
        service.client.post(PREDICTIONS, content=body.ljust(size), headers=JSON)
        for size in (LIMIT_BYTES, LIMIT_BYTES + 1)
    ]

    assert [201, 413] == [reply.status_code for reply in sent], (
        "SERVICE_MAX_BODY_BYTES is 65536: a body of 65536 bytes, then one of 65537; see hint 1.7"
    )


@task("1.7")
def test_an_announced_body_is_refused_before_it_is_sent(service, rows):
    """A client must not have to send a gigabyte, nor the service to read it, to learn that it is too much."""
    assert 201 == predict(service, rows).status_code, "a good request must succeed"
    connection = service.raw()

    connection.send(f"{HEAD}Content-Length: 1000000000\r\n\r\n".encode())
    answer = connection.receive(until=b"\r\n", timeout=2)
    connection.close()

    assert b"413" == (answer.split() or [b"", b""])[1], (
        "the request announces 1 GB and sends none of it; see hint 1.7"
    )


@task("1.7")
def test_a_body_without_a_length_is_bounded_too(service, rows):
    """A client that sends in chunks need not say how much will come."""
    assert 201 == predict(service, rows).status_code, "a good request must succeed"
    connection = service.raw()

    connection.send(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
    for _ in range(5):
        connection.send(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
    answer = connection.receive(until=b"\r\n", timeout=2)
    connection.close()

    assert b"413" == (answer.split() or [b"", b""])[1], (
        "5 chunks of 16 KiB, and no end of it: 80 KiB are too much"
    )


@task("1.7")
def test_a_hostile_body_is_the_clients_mistake(service, rows):
    """Whoever can make a service say 500 can hide an attack among its faults, and wake somebody at night."""
    bodies = {
        "bytes that are no text": b'{"features": "\xff\xff"}',
        "30000 brackets": b'{"features": ' + b"[" * 30_000,
        "5000 digits": b'{"features": [' + b"1" * 5_000 + b"]}",
        "no numbers of JSON": b'{"features": [NaN, 1e999]}',
        "half a character": b'{"features": [1], "\\ud800": 1}',
    }
    assert 201 == predict(service, rows).status_code, "a good request must succeed"

    replies = {
        name: service.client.post(PREDICTIONS, content=body, headers=JSON) for name, body in bodies.items()
    }

    statuses = {name: problem_of(reply)["status"] for name, reply in replies.items()}
    assert {name: reply.status_code for name, reply in replies.items()} == statuses, (
        "status line and body agree"
    )
    assert [] == [name for name, status in statuses.items() if status not in {400, 422}], (
        f"each of these bodies should be 400 or 422; they are {statuses}; see hint 1.7"
    )


@task("1.7")
def test_only_a_body_that_calls_itself_json_is_read_as_json(service, rows):
    """A form that happens to parse is still a mistake, and a browser sends it from any stranger's page."""
    body = json.dumps({"features": rows["digits"][0]}).encode()
    expected = {
        "application/json": 201,
        "Application/JSON; charset=utf-8": 201,
        "application/vnd.predictions+json": 201,
        "text/plain": 415,
        "application/x-www-form-urlencoded": 415,
        "application/jsonp": 415,
        "text/json": 415,
    }

    replies = {
        kind: service.client.post(PREDICTIONS, content=body, headers={"content-type": kind})
        for kind in expected
    }

    assert expected == {kind: reply.status_code for kind, reply in replies.items()}, (
        "the same good body under several values of Content-Type; see hint 1.7"
    )
    assert 415 == service.client.post(PREDICTIONS, content=body).status_code, (
        "the same body without a Content-Type"
    )


@task("1.7")
def test_every_failure_carries_its_request_id(service, models, rows):
    """The id is all that a client has to say for its request to be found in the log."""
    replies = {case: fail(service, models, rows, case) for case in FAILURES}

    in_header = {case: reply.headers.get("x-request-id") for case, reply in replies.items()}
    in_problem = {case: problem_of(reply).get("request_id") for case, reply in replies.items()}
    assert in_header == in_problem, (
        "the id in the header X-Request-ID, and the one in the problem; see hint 1.7"
    )
    assert [] == [each for each in in_header.values() if not REQUEST_ID.fullmatch(str(each))], (
        "ids that are not 1 to 64 of A-Z a-z 0-9 . _ -"
    )
    assert len(FAILURES) == len(set(in_header.values())), "each request has an id of its own"


@task("1.7")
def test_a_decent_request_id_of_the_client_is_kept(service, rows):
    """Through the client's id one request can be followed from service to service."""
    for given in ("a", "Order-7_b.2", "x" * 64):
        good = predict(service, rows, headers={"x-request-id": given})
        bad = service.client.get("/v1/models/letters", headers={"x-request-id": given})

        ids = [
            good.headers.get("x-request-id"),
            bad.headers.get("x-request-id"),
            problem_of(bad).get("request_id"),
        ]
        assert [201, 404] == [good.status_code, bad.status_code], (
            "a good request, and one for an unknown model"
        )
        assert [given] * 3 == ids, (
            "the id given in X-Request-ID: in both headers, and in the problem; see hint 1.7"
        )


@task("1.7")
def test_any_other_request_id_is_replaced(service, rows):
    """Ids appear in logs and headers: what a client can smuggle into them, it can forge there."""
    for given in ("", "x" * 65, "a b", "a;b", "a\tb", '"quoted"', "<script>", "caf\xe9", "a/../b"):
        headers = {"x-request-id": given.encode("latin-1")}
        good = predict(service, rows, headers=headers)
        bad = service.client.get("/v1/models/letters", headers=headers)

        ids = [good.headers.get("x-request-id", ""), problem_of(bad).get("request_id", "")]
        assert [201, 404] == [good.status_code, bad.status_code], (
            "a strange X-Request-ID is no reason to refuse"
        )
        assert [True, True] == [REQUEST_ID.fullmatch(each) is not None for each in ids], (
            f"X-Request-ID: {given[:70]!r} should be replaced by an id of the service's own; it used {ids}"
        )
        assert 3 == len({given, *ids}), f"the id given and those of two requests should be three ids: {ids}"
