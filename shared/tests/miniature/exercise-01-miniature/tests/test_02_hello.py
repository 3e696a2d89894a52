"""Task 1.2: a greeting."""

from servelab.grading.marks import task


@task("1.2")
def test_a_visitor_is_greeted(service):
    """A visitor is greeted."""
    assert "hello" == service.client.get("/hello").text
