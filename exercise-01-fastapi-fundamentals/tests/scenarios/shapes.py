"""Validate bodies and examples in the way FastAPI does, and ask which features do not suit a model."""

import importlib
import json

from pydantic import TypeAdapter, ValidationError
from src.services.feature_check import feature_errors

from servelab.zoo.signature import Signature


async def play(bodies, targets, signature, rows, at):
    """Return what becomes of bodies, of the examples of the targets, and of rows.

    A body is [model, JSON text], and the text may hold what only Python takes for JSON, such as NaN;
    what becomes of it is {"value": …} or {"wrong": [path of each wrong value]}.
    What becomes of a row is the pointers of its errors.
    """
    known = Signature(**{**signature, "classes": tuple(signature["classes"])})
    return {
        "validated": {case: _validate(_find(target), text) for case, (target, text) in bodies.items()},
        "examples": {target: _try_examples(_find(target)) for target in targets},
        "checked": {case: _check(row, known, at) for case, row in rows.items()},
    }


def _check(row, signature, at):
    try:
        return [error.pointer for error in feature_errors(row, signature, at)]
    except NotImplementedError as error:
        # The schemas are worth a verdict of their own while this part is still to be written.
        return f"not written yet: {error}"


def _find(target):
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _validate(model, text):
    try:
        value = TypeAdapter(model).validate_python(json.loads(text))
    except ValidationError as error:
        return {"wrong": [list(item["loc"]) for item in error.errors()]}
    return {"value": value.model_dump(mode="json")}


def _try_examples(model):
    examples = _examples(model.model_json_schema())
    return [{"shown": example, **_validate(model, json.dumps(example))} for example in examples]


def _examples(schema):
    if "examples" in schema:
        return schema["examples"]
    fields = schema.get("properties", {})
    example = {name: field["examples"][0] for name, field in fields.items() if "examples" in field}
    return [example] if example else []
