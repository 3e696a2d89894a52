"""A model in another process, reached through a Unix socket.

Imports neither onnx nor onnxruntime. Reconnects by itself: a model that was down
answers the first call after it is up again.
"""

from pathlib import Path

from servelab.zoo import wire
from servelab.zoo.connection_pool import ConnectionPool
from servelab.zoo.errors import InvalidInputError, ModelUnavailableError, WireError, one_line
from servelab.zoo.model import Float32Array, check_instances
from servelab.zoo.signature import Signature, parse_signature

LIMIT = wire.Limit(header_bytes=1 << 16, body_bytes=1 << 24, frame_s=10.0)
SEND_TIMEOUT_S = 10.0
CHECK_TIMEOUT_S = 2.0
RUN_TIMEOUT_S = 300.0  # only against a hang for ever; a busy model may well take seconds


class RemoteModel:
    """The client of `instrumented`; thread-safe, a connection for each call in progress."""

    def __init__(self, path: Path) -> None:
        """Connect, and ask for the signature.

        Raises:
            ModelUnavailableError: nothing answers at the socket.
        """
        self._path = path
        self._pool = ConnectionPool(path)
        try:
            self.signature: Signature = self._open()
        except BaseException:
            self._pool.close()
            raise

    def run(self, instances: Float32Array) -> Float32Array:
        """Return probabilities of shape (B, K); see `Model.run`."""
        rows = check_instances(instances, self.signature)
        answer = self._ask(wire.Frame({"op": "run"}, rows), RUN_TIMEOUT_S)
        if answer.array is None:
            msg = f"unix:{self._path} answered without probabilities; both ends need the same servelab"
            raise WireError(msg)
        return answer.array

    def check(self) -> None:
        """Ask the other side whether it can answer; at most 2 s."""
        self._ask(wire.Frame({"op": "check"}), CHECK_TIMEOUT_S)

    def close(self) -> None:
        """Close all connections; further calls raise ModelUnavailableError."""
        self._pool.close()

    def _open(self) -> Signature:
        signature = self._ask(wire.Frame({"op": "open"}), CHECK_TIMEOUT_S).header.get("signature")
        version = signature.get("version") if isinstance(signature, dict) else None
        return parse_signature(signature, str(version))

    def _ask(self, question: wire.Frame, timeout_s: float) -> wire.Frame:
        with self._pool.connection() as connection:
            try:
                wire.send(connection, question, SEND_TIMEOUT_S)
                answer = wire.receive(connection, LIMIT, first_byte_s=timeout_s)
            except OSError as error:
                reason = (
                    f"no answer in {timeout_s:g} s" if isinstance(error, TimeoutError) else error.strerror
                )
                msg = f"unix:{self._path}: connection failed ({reason}); call again when the model is up"
                raise ModelUnavailableError(msg) from error
            if answer is None:
                msg = f"unix:{self._path} closed without an answer; call again when the model is up"
                raise ModelUnavailableError(msg)
        if answer.header.get("ok") is not True:
            raise _failure(answer.header)
        return answer


def _failure(header: dict[str, object]) -> ModelUnavailableError | InvalidInputError:
    message = one_line(header.get("message", "the model failed without a message"))
    return InvalidInputError(message) if header.get("error") == "input" else ModelUnavailableError(message)
