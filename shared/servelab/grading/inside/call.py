"""Call one function of the learner's code and write its value as JSON to a descriptor.

stdin: {"target": "src.module:name", "arguments": {…}}; argv[1]: the descriptor.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
from collections.abc import Awaitable


def main() -> None:
    """Read the request, call, answer."""
    answer = int(sys.argv[1])
    request = json.load(sys.stdin)
    module, _, name = request["target"].partition(":")
    result = getattr(importlib.import_module(module), name)(**request["arguments"])
    if inspect.isawaitable(result):
        result = asyncio.run(_wait(result))
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        pipe.write(json.dumps({"value": result}))


async def _wait(awaitable: Awaitable[object]) -> object:
    return await awaitable


if __name__ == "__main__":
    main()
