"""Ask a registry which models are ready, while some of them never answer."""

import asyncio
import threading

from src.services import registry

from servelab.zoo.signature import Signature

HANG_S = 4.0
IN_TIME_S = 2.5
answers = threading.Event()
asked = []


class FakeModel:
    """A model whose check answers at once."""

    signature = Signature("fake", "0" * 12, 2, 0.0, 1.0, ("no", "yes"), None)

    def check(self):
        """Answer that all is well."""

    def run(self, _):
        """Be asked, which is too much for a probe."""
        self.check()

    def close(self):
        """Be closed."""


class HangingModel(FakeModel):
    """A model whose check answers nobody until the end of the scenario, or of all patience."""

    def check(self):
        """Hang."""
        asked.append(self)
        answers.wait(HANG_S)
        answers.set()


async def play(timeout_s):
    """Return who is not ready, whether that came in time, and whether the event loop turned meanwhile."""
    registry.CHECK_TIMEOUT_S = timeout_s
    models = registry.ModelRegistry({"one": HangingModel(), "well": FakeModel(), "two": HangingModel()})
    turns = []
    turning = asyncio.create_task(_turn(turns))
    loop = asyncio.get_running_loop()
    started = loop.time()
    unready = await models.unready()
    in_time = loop.time() - started < IN_TIME_S
    turned = len(turns)
    answers.set()
    turning.cancel()
    return {"unready": unready, "in time": in_time, "asked": len(asked), "loop turned": turned > 1}


async def _turn(turns):
    while True:
        await asyncio.sleep(0.001)
        turns.append(1)
