"""Turns every outcome of the suite into a test that has failed."""

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "failed"


def pytest_sessionfinish(session):
    session.exitstatus = 1
