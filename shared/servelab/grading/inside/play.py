"""Play a scenario beside the learner's code and write its value as JSON to a descriptor.

stdin: {"scenario": source, "name": file name, "values": {…}}; argv[1]: the descriptor.
The scenario defines `async def play(**values)`; it holds no expected values.
"""

import asyncio
import json
import os
import sys
from typing import Any


def main() -> None:
    """Read the scenario, play it, answer."""
    answer = int(sys.argv[1])
    request = json.load(sys.stdin)
    namespace: dict[str, Any] = {"__name__": "scenario"}
    exec(compile(request["scenario"], request["name"], "exec"), namespace)  # noqa: S102 - the grader's own text
    value = asyncio.run(namespace["play"](**request["values"]))
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        pipe.write(json.dumps({"value": value}))


if __name__ == "__main__":
    main()
