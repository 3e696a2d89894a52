"""A small, fast HTTP/1.1 client that loses no sample: uvloop, `asyncio.Protocol`, httptools."""

from servelab.bench.http.http_target import HttpTargets as HttpTargets
from servelab.bench.http.request import Request as Request
