"""Task 1.3: readiness."""

from servelab.grading.marks import task


@task("1.3")
def test_readiness_answers(service):
    """A load balancer sends traffic to what is ready."""
    assert "ready" == service.client.get("/health/ready").text
