"""Runs at the start of every Python that has its folder on the path."""

from pathlib import Path

Path("/tmp/servelab-escape-14").touch()
