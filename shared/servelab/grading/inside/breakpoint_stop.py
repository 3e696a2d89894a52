"""What `breakpoint()` does under `servelab debug`: it stops, at the learner's terminal or in their editor.

The service has no terminal of its own: its output is read by the grader. So the
debugger opens the learner's by its path.
Leaves out: line editing at the prompt; readline works on the standard streams only.
"""

import os
import pdb
import sys
from types import FrameType

EDITOR_PORT = 5678
_sessions: list[pdb.Pdb] = []


def stop(*_args: object, **_options: object) -> None:
    """Stand in for `sys.breakpointhook` (PYTHONBREAKPOINT)."""
    frame = sys._getframe(1)  # noqa: SLF001 - the frame that called breakpoint()
    if os.environ.get("SERVELAB_EDITOR"):
        _stop_in_editor()
    else:
        _stop_at_terminal(frame)


def _stop_at_terminal(frame: FrameType) -> None:
    if not _sessions:
        terminal = os.environ["SERVELAB_TERMINAL"]
        # Two streams: a terminal cannot be opened for reading and writing at once with a buffer between.
        _sessions.append(
            pdb.Pdb(
                stdin=open(terminal, encoding="utf-8"),  # noqa: PTH123, SIM115 - open as long as the service
                stdout=open(terminal, "w", encoding="utf-8"),  # noqa: PTH123, SIM115 - likewise
                nosigint=True,
            )
        )
    _sessions[0].set_trace(frame)


def _stop_in_editor() -> None:
    import debugpy  # noqa: PLC0415 - optional, and checked before the service starts

    if not debugpy.is_client_connected():
        debugpy.listen(("127.0.0.1", EDITOR_PORT))
        with open(os.environ["SERVELAB_TERMINAL"], "w", encoding="utf-8") as terminal:  # noqa: PTH123 - a device
            print(f"waiting for your editor to attach to 127.0.0.1:{EDITOR_PORT}", file=terminal)
        debugpy.wait_for_client()
    debugpy.breakpoint()
