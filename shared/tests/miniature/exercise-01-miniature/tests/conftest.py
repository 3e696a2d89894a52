"""One running service for all graded tests."""

import pytest


@pytest.fixture(scope="session")
def service(submission):
    """The running service."""
    made = submission.serve()
    yield made
    made.kill()
