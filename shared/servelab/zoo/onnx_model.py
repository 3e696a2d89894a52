"""A model in this process, on ONNX Runtime.

Source: onnxruntime's Python API and its guide to thread management.
Leaves out: other execution providers than the CPU's.
"""

import os
from typing import Any

import numpy as np

from servelab.zoo.errors import ModelCorruptError, ModelUnavailableError, one_line
from servelab.zoo.model import Float32Array, check_instances
from servelab.zoo.signature import METADATA_KEY, Signature, file_version, parse_metadata

OUTPUT = "probabilities"


class OnnxModel:
    """One ONNX Runtime session; `run` is thread-safe and releases the GIL."""

    def __init__(self, content: bytes, *, label: str, intra_op_threads: int = 1) -> None:
        """Load a model from the bytes of its file.

        Args:
            content: the bytes, read once, so that what was checked is what is loaded.
            label: how messages name the model.
            intra_op_threads: threads for one call, the caller's included.

        Raises:
            ModelCorruptError: not ONNX, no signature, or a signature that the graph contradicts.
        """
        self._label = label
        self._session: Any = _open_session(content, label, intra_op_threads)
        metadata = self._session.get_modelmeta().custom_metadata_map
        if METADATA_KEY not in metadata:
            msg = f"{label} carries no {METADATA_KEY!r} metadata; only files of `servelab zoo build` have it"
            raise ModelCorruptError(msg)
        self.signature: Signature = parse_metadata(metadata[METADATA_KEY], file_version(content))
        self._input: str = self._checked_input()

    def run(self, instances: Float32Array) -> Float32Array:
        """Return probabilities of shape (B, K); see `Model.run`."""
        rows = check_instances(instances, self.signature)
        session = self._open()
        try:
            (probabilities,) = session.run([OUTPUT], {self._input: rows})
        except Exception as error:  # ONNX Runtime's errors share no narrower base
            count = len(rows)
            msg = f"{self._label} failed on {count} instances: {one_line(error)}; run `servelab zoo check`"
            raise ModelUnavailableError(msg) from error
        return np.asarray(probabilities, dtype=np.float32)

    def check(self) -> None:
        """Raise ModelUnavailableError after `close`; a session in this process is otherwise always there."""
        self._open()

    def close(self) -> None:
        """Release the session; calls that are already running end undisturbed."""
        self._session = None

    def _open(self) -> Any:  # noqa: ANN401 - onnxruntime ships no types
        session = self._session
        if session is None:
            msg = f"{self._label} is closed; open it again with zoo.open"
            raise ModelUnavailableError(msg)
        return session

    def _checked_input(self) -> str:
        """Return the name of the input, after holding graph and signature against each other."""
        inputs = [(node.name, node.type, node.shape) for node in self._session.get_inputs()]
        outputs = [(node.name, node.type, node.shape) for node in self._session.get_outputs()]
        shapes_in = [(kind, shape[1:]) for _, kind, shape in inputs]
        shapes_out = [(name, kind, shape[1:]) for name, kind, shape in outputs]
        features, classes = self.signature.features, len(self.signature.classes)
        wanted_out = [(OUTPUT, "tensor(float)", [classes])]
        if shapes_in != [("tensor(float)", [features])] or shapes_out != wanted_out:
            msg = (
                f"{self._label}: its signature says (B, {features}) -> {OUTPUT} (B, {classes}) in float32, "
                f"its graph {inputs} -> {outputs}; rebuild it with `servelab zoo build`"
            )
            raise ModelCorruptError(msg)
        return str(inputs[0][0])


def _open_session(content: bytes, label: str, intra_op_threads: int) -> Any:  # noqa: ANN401 - no types
    runtime = _import_runtime()
    options = runtime.SessionOptions()
    # One thread a call by default: a service gets its parallelism from calls side by side
    # (two threads with one each scale 1.98 times), and a pool per session would fight over the cores.
    options.intra_op_num_threads = intra_op_threads
    # Threads between operators help only graphs with branches; those of the zoo are chains.
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: what is wrong is raised, stderr belongs to the service
    try:
        return runtime.InferenceSession(content, sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no narrower base
        msg = (
            f"{label} is no model that ONNX Runtime can load: {one_line(error)}; restore or rebuild the file"
        )
        raise ModelCorruptError(msg) from error


def _import_runtime() -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """Import onnxruntime without its telemetry.

    From 1.29 on the Linux builds report usage to Microsoft unless this variable is in the
    environment before the library loads; without it an unprivileged uid also gets a warning on
    stderr, because the device id can't be stored.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # noqa: PLC0415 - 0.17 s that a `unix:` model must not pay

    return onnxruntime
