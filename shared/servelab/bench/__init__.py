"""Measure a service so that the figures can be trusted: open-loop load, validity, comparison, capacity."""
