"""Imports of every grading session, made once in the fork server: they cost more than most tests."""

import httpx  # noqa: F401
import numpy as np  # noqa: F401
import onnx  # noqa: F401
import pytest  # noqa: F401
import websockets.sync.client  # noqa: F401

import servelab.grading.plugin
import servelab.grading.session_worker
import servelab.zoo  # noqa: F401
