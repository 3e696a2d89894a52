"""The pages for a browser, one function for each kind of measurement."""

from servelab.bench.report.capacity_page import of_capacity
from servelab.bench.report.comparison_page import of_comparison
from servelab.bench.report.run_page import of_run

__all__ = ["of_capacity", "of_comparison", "of_run"]
