"""Import, create, start and stop applications, and tell which models were opened and closed meanwhile.

The models are fakes behind `zoo.open`: what counts here is who opens and closes them, and when.
"""

import asyncio
import importlib

from servelab import zoo
from servelab.zoo import opening
from servelab.zoo.errors import ModelCorruptError
from servelab.zoo.signature import Signature

PATIENCE_S = 10.0
BROKEN = ("file:/missing.onnx", "file:/corrupt.onnx", "unix:/unreachable.sock")
opened = []
closed = []
open_really = zoo.open


class FakeModel:
    """A model that is only opened and closed."""

    signature = Signature("fake", "0" * 12, 2, 0.0, 1.0, ("no", "yes"), None)

    def __init__(self, uri):
        self.uri = uri

    def check(self):
        """Answer that all is well."""

    def close(self):
        """Take note."""
        closed.append(self.uri)


def open_fake(uri, **_options):
    """Open a fake, unless its URI says that this can't be done."""
    if "corrupt" in uri:
        msg = f"{uri} is not a model; restore the file"
        raise ModelCorruptError(msg)
    if uri in BROKEN:
        return open_really(uri)
    opened.append(uri)
    return FakeModel(uri)


class Running:
    """An application whose lifespan is driven as a server drives it."""

    def __init__(self, app):
        self._in, self._out = asyncio.Queue(), asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
        self._task = asyncio.create_task(app(scope, self._in.get, self._out.put))
        # Looked at, so that asyncio does not complain about it as well.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def tell(self, what):
        """Send `startup` or `shutdown` and return the answer; what the application raises is raised here."""
        await self._in.put({"type": f"lifespan.{what}"})
        answer = asyncio.create_task(self._out.get())
        await asyncio.wait({answer, self._task}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if self._out.empty() and not answer.done():
            answer.cancel()
            await asyncio.wait_for(self._task, PATIENCE_S)
        return await answer


async def play():
    """Return what was opened and closed at each step."""
    zoo.open = opening.open_model = open_fake
    create_app = importlib.import_module("src.main").create_app
    settings = importlib.import_module("src.config").Settings
    seen = {"after import": list(opened)}
    first = create_app(settings(models={"a": "first-a", "b": "first-b"}))
    second = create_app(settings(models={"a": "second-a"}))
    seen["after create_app"] = list(opened)

    one, two = Running(first), Running(second)
    seen["first start"] = [(await one.tell("startup"))["type"], list(opened)]
    seen["second start"] = [(await two.tell("startup"))["type"], list(opened)]
    seen["first stop"] = [(await one.tell("shutdown"))["type"], list(closed)]
    seen["second stop"] = [(await two.tell("shutdown"))["type"], list(closed)]
    for uri in BROKEN:
        broken = create_app(settings(models={"first": "good", "ledger": uri, "last": "never"}))
        seen[uri] = await _failed_start(Running(broken))
    return seen


async def _failed_start(running):
    opened.clear()
    closed.clear()
    try:
        answer = await running.tell("startup")
    except Exception as error:  # noqa: BLE001 - whatever it is, the test tells what came
        answer = {"type": "raised", "message": repr(error)}
    told = {"type": answer["type"], "message": answer.get("message", "")}
    return {**told, "opened": list(opened), "closed": list(closed)}
