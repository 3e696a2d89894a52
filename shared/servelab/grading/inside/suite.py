"""Run a black-box test suite of the learner's against a service.

    SERVICE_URL=http://127.0.0.1:8000 python suite.py tests/test_service.py

The suite finds the service at the URL in SERVICE_URL. The exit code is pytest's, but a
suite that only broke (in a fixture, say) and failed no test gets BROKEN in the place of 1.
"""

import os
import sys

import pytest

BROKEN = 6
QUIET = ("-q", "--tb=short", "--no-header", "--color=no", "-p", "no:cacheprovider", "-c", os.devnull)


class FailureCounter:
    """Counts the tests that failed by a statement of their own; what breaks in a fixture tests nothing."""

    failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at one phase of one test."""
        self.failed += report.when == "call" and report.failed


def main() -> int:
    """Run the suite named by the arguments."""
    counter = FailureCounter()
    code = pytest.main([*QUIET, "--rootdir", os.curdir, *sys.argv[1:]], plugins=[counter])
    return BROKEN if code == pytest.ExitCode.TESTS_FAILED and not counter.failed else int(code)


if __name__ == "__main__":
    sys.exit(main())
