"""Task 1.10: what can be seen of the service from outside: its log, Server-Timing and metrics."""

import re
import time
from datetime import datetime

import pytest
from scrape import DURATION, Scrape, eventually, log_lines

from servelab.grading.marks import task

PREDICTIONS = "/v1/models/digits/predictions"
ACTIVE = "http_server_active_requests"
MODEL_TIME = "model_inference_duration_seconds"
DROPPED = "prediction_records_dropped_total"
TEMPLATE = r"/v1/models/\{\w+\}/predictions"
PLACES = {"/v1/predictions/": r"/v1/predictions/\{\w+\}", "/no/such/route/": "unmatched"}
HELD_S = 0.06
IDS = 40


def predict(service, row, request_id="predicting", **options):
    """Ask for a prediction that has to succeed."""
    reply = service.client.post(
        PREDICTIONS, json={"features": row}, headers={"X-Request-ID": request_id}, **options
    )
    assert 201 == reply.status_code, f"POST {PREDICTIONS} with a good row"
    return reply


def predict_slowly(service, model, row):
    """Return a prediction for which the model took at least HELD_S, and how long it took for the client."""
    started = time.monotonic()
    with (
        model.hold(),
        service.in_background(lambda client: client.post(PREDICTIONS, json={"features": row})) as call,
    ):
        assert model.wait_for_calls(1, 5), "the prediction never reached the model"
        time.sleep(HELD_S)
        model.release()
        reply = call.result()
    return reply, time.monotonic() - started


def server_timing(reply):
    """Return the durations of Server-Timing in milliseconds, by name."""
    entries = re.findall(r"(\w+);dur=([0-9.]+)", reply.headers.get("server-timing", ""))
    return {name: float(duration) for name, duration in entries}


@task("1.10")
def test_each_request_leaves_one_json_line(service, rows):
    """A machine reads the log: what happened to a request must be found by its id, in one place."""
    predict(service, rows["digits"][0], "one-line.1")

    lines = log_lines(service, "one-line.1")

    assert 1 == len(lines), "one JSON line on stdout for each request, with its request_id; see hint 1.10"
    expected = {"level": "info", "method": "POST", "path": PREDICTIONS, "status": 201}
    assert expected == {key: lines[0].get(key) for key in expected}, (
        "level, method, path and status of the line"
    )
    assert re.fullmatch(TEMPLATE, str(lines[0].get("route"))), (
        f"route is the route's template, here it was {lines[0].get('route')!r}; see hint 1.10"
    )
    assert datetime.fromisoformat(str(lines[0].get("time"))).tzinfo, (
        "time says in which zone it is; see hint 1.10"
    )
    assert 0 < lines[0].get("duration_ms", 0) < 5000, "duration_ms is what the request took, in milliseconds"


@task("1.10")
def test_what_fails_is_logged_as_the_client_saw_it(service, models, rows):
    """Failures are what a log is read for."""
    replies = {
        "found": service.client.get("/v1/models", headers={"X-Request-ID": "found"}),
        "unknown": service.client.get("/v1/predictions/no-such-id", headers={"X-Request-ID": "unknown"}),
        "nowhere": service.client.get("/no/such/route", headers={"X-Request-ID": "nowhere"}),
        "invalid": service.client.post(
            PREDICTIONS, json={"features": []}, headers={"X-Request-ID": "invalid"}
        ),
    }
    with models["digits"].answering([float("nan")] * 10):
        replies["broken"] = service.client.post(
            PREDICTIONS, json={"features": rows["digits"][0]}, headers={"X-Request-ID": "broken"}
        )

    seen = {name: reply.status_code for name, reply in replies.items()}
    logged = {name: [line.get("status") for line in log_lines(service, name)] for name in replies}

    assert {"found": 200, "unknown": 404, "nowhere": 404, "invalid": 422, "broken": 500} == seen, (
        "five requests"
    )
    assert {name: [status] for name, status in seen.items()} == logged, "the status in the log; see hint 1.10"


@task("1.10")
def test_a_client_cannot_forge_a_line(service):
    """Who can write lines of their own into a log can hide in it."""
    forged = '"}\n{"message": "request", "request_id": "forged", "path": "/innocent"}\n'
    url = "/v1/models/" + "".join(f"%{ord(character):02X}" for character in forged)
    service.client.get(url, headers={"X-Request-ID": "forger"})

    assert 1 == len(log_lines(service, "forger")), (
        "a request whose path has quotes and line breaks in it is one JSON line as well; see hint 1.10"
    )
    assert [] == log_lines(service, "forged"), (
        "the client wrote a line of its own into the log; see hint 1.10"
    )


@task("1.10")
def test_server_timing_says_in_milliseconds_where_the_time_went(service, models, rows):
    """A browser's developer tools show it, so slow can be told from far away."""
    reply, elapsed_s = predict_slowly(service, models["digits"], rows["digits"][0])

    timing = server_timing(reply)

    assert {"model", "app"} == set(timing), (
        "Server-Timing: model;dur=…, app;dur=… on a prediction; see hint 1.10"
    )
    assert HELD_S * 900 <= timing["model"] <= timing["app"] <= elapsed_s * 1000, (
        f"the model took at least {HELD_S * 1000:.0f} ms, the client waited {elapsed_s * 1000:.0f} ms, "
        f"Server-Timing says {timing}; see hint 1.10"
    )


@task("1.10")
def test_server_timing_names_the_model_only_when_one_ran(service, rows):
    """A model's time from some other request would send whoever looks for slowness the wrong way."""
    replies = [
        predict(service, rows["digits"][0]),
        service.client.get("/v1/models"),
        service.client.get("/v1/predictions/no-such-id"),
        service.client.get("/no/such/route"),
    ]

    assert [{"app", "model"}, {"app"}, {"app"}, {"app"}] == [
        set(server_timing(reply)) for reply in replies
    ], "the names in Server-Timing of a prediction, of a list, and of two failures; see hint 1.10"


@task("1.10")
def test_the_metrics_are_of_the_right_kind(service, rows):
    """Prometheus aggregates by kind: quantiles come from histograms, levels from gauges."""
    predict(service, rows["digits"][0])
    kinds = Scrape(service).kinds

    expected = {
        DURATION: "histogram",
        ACTIVE: "gauge",
        MODEL_TIME: "histogram",
        DROPPED.removesuffix("_total"): "counter",
    }
    assert expected == {name: kinds.get(name, "missing") for name in expected}, "GET /metrics; see hint 1.10"


@task("1.10")
def test_every_request_is_counted_once(service, rows):
    """Error rates are quotients of these numbers."""
    before = Scrape(service)
    predict(service, rows["digits"][0])
    for _ in range(3):
        service.client.get("/v1/models")
    for _ in range(2):
        service.client.post(PREDICTIONS, json={"features": []})
    after = Scrape(service)

    asked = [("POST", TEMPLATE, 201), ("GET", "/v1/models", 200), ("POST", TEMPLATE, 422)]
    assert [1, 3, 2] == [after.requests(*labels) - before.requests(*labels) for labels in asked], (
        f"{DURATION}_count by method, route and status of the requests grew by; see hint 1.10"
    )


@task("1.10")
@pytest.mark.parametrize("place", PLACES)
def test_many_paths_make_one_series(service, place):
    """A label with an id in it makes a time series for each id, and brings Prometheus down within days."""
    for number in range(IDS):
        service.client.get(f"{place}id-{number}")
    scrape = Scrape(service)

    routes = {labels.get("http_route", "") for labels in scrape.series(f"{DURATION}_count")}
    assert [] == sorted(route for route in routes if "id-" in route)[:3], (
        f"http_route after {IDS} requests to {place}id-…: the route's template, or unmatched; see hint 1.10"
    )
    assert IDS <= scrape.requests("GET", PLACES[place], 404), (
        f"{IDS} requests to {place}id-… should be counted with one http_route; see hint 1.10"
    )


@task("1.10")
@pytest.mark.parametrize("name", [DURATION, MODEL_TIME])
def test_durations_are_in_seconds_and_fall_into_buckets(service, models, rows, name):
    """Dashboards assume seconds, and quantiles are only as good as the buckets around them."""
    labels = {"model": "digits"} if name == MODEL_TIME else {"http_response_status_code": "201"}
    before = Scrape(service)
    elapsed_s = predict_slowly(service, models["digits"], rows["digits"][0])[1]
    eventually(
        1, lambda: Scrape(service).total(f"{name}_count", **labels) - before.total(f"{name}_count", **labels)
    )
    after = Scrape(service)

    grown = {
        part: after.total(f"{name}_{part}", **labels) - before.total(f"{name}_{part}", **labels)
        for part in ("count", "sum")
    }
    assert 1 == grown["count"], f"{name}_count grew by, after one prediction; see hint 1.10"
    assert HELD_S * 0.9 <= grown["sum"] <= elapsed_s, (
        f"the model took at least {HELD_S} s, the client waited {elapsed_s:.3f} s, {name}_sum grew by "
        f"{grown['sum']:g}; see hint 1.10"
    )
    bounds = sorted({float(series["le"]) for series in after.series(f"{name}_bucket")})
    between = [bound for bound in bounds if 0.0005 <= bound <= 10]
    assert len(between) >= 5, (
        f"{name} has buckets at {bounds}: a model answers in 1 ms to 10 s; see hint 1.10"
    )


@task("1.10")
def test_requests_in_flight_are_a_level(service, models, rows):
    """Autoscaling looks at this number; one that only grows scales for ever."""

    def level():
        return Scrape(service).total(ACTIVE)

    quiet = level()
    uploading, leaving = service.raw(), service.raw()
    head = f"POST {PREDICTIONS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99"
    for connection in (uploading, leaving):
        connection.send(head.encode() + b'\r\n\r\n{"features": [')
    busy = eventually(quiet + 2, level)
    leaving.close()
    one_left = eventually(quiet + 1, level)
    uploading.send(b"!" * 85)
    answer = uploading.receive(b"\r\n")
    uploading.close()
    with models["digits"].failing():
        service.client.post(PREDICTIONS, json={"features": rows["digits"][0]})
    quiet_again = eventually(quiet, level)

    assert b" 422 " in answer, "the body that came slowly was no JSON"
    assert [2, 1, 0] == [count - quiet for count in (busy, one_left, quiet_again)], (
        f"{ACTIVE}, compared with before: while two bodies are sent, when one client has left, when the "
        "other one has its answer; see hint 1.10"
    )
