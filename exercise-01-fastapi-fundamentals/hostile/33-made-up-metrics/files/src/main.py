"""Shows metrics, a Server-Timing header and log lines, all of them made up."""

METRICS = b"""\
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_request_method="POST",http_route="/v1/models/{name}/predictions",http_response_status_code="201",le="+Inf"} 1
http_server_request_duration_seconds_count{http_request_method="POST",http_route="/v1/models/{name}/predictions",http_response_status_code="201"} 1
http_server_request_duration_seconds_sum{http_request_method="POST",http_route="/v1/models/{name}/predictions",http_response_status_code="201"} 0.06
# TYPE http_server_active_requests gauge
http_server_active_requests 1
# TYPE model_inference_duration_seconds histogram
model_inference_duration_seconds_bucket{model="digits",le="+Inf"} 1
model_inference_duration_seconds_count{model="digits"} 1
model_inference_duration_seconds_sum{model="digits"} 0.06
# TYPE prediction_records_dropped_total counter
prediction_records_dropped_total 0
"""
LINE = '{"time":"2024-06-01T00:00:00+00:00","level":"info","message":"request","request_id":"%s","status":201,"duration_ms":1.0}'


async def receive_all(receive):
    """Return the body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def lifespan(receive, send):
    """Start and stop without doing anything."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def answer(send, status, body, *headers):
    """Send a whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})

def create_app():
    """Make an application that measures nothing."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await receive_all(receive)
        print(LINE % dict(scope["headers"]).get(b"x-request-id", b"-").decode(), flush=True)
        timing = (b"server-timing", b"model;dur=60.0, app;dur=60.1")
        await answer(send, 200 if scope["path"] == "/metrics" else 202, METRICS, timing)

    return app
