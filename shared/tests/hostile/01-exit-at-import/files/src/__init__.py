"""Ends whatever process imports it, with the exit code of a success."""

import os

os._exit(0)
