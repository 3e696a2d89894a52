"""The planted bugs. Each is the right service, and one mistake of those that people make.

A bug is a function of a request and of the right service; one that remembers something is made anew for
each run. The name before the dash is the area, which is all that a learner is told of a bug that goes unseen.
"""

import json
import re
from collections.abc import Callable

from planted.message import Answer, Ask, Bug, Request

CREATED, OK, NO_CONTENT, UNPROCESSABLE = 201, 200, 204, 422


def none(request: Request, ask: Ask) -> Answer:
    """No bug: the right service."""
    return ask(request)


def batch_in_another_order(request: Request, ask: Ask) -> Answer:
    """The predictions of a batch come back in another order than its instances."""
    answer = ask(request)
    if not request.is_for("POST", "/batch") or answer.status != OK:
        return answer
    content = answer.json
    return answer.with_json(content | {"predictions": content["predictions"][::-1]})


def bad_instances_left_out(request: Request, ask: Ask) -> Answer:
    """Instances that can't be used are left out of a batch, and nobody is told."""
    answer = ask(request)
    if not request.is_for("POST", "/batch") or answer.status != UNPROCESSABLE:
        return answer
    bad = {int(number) for number in re.findall(r"/instances/(\d+)", answer.body.decode())}
    instances = request.json.get("instances", []) if isinstance(request.json, dict) else []
    good = [instance for number, instance in enumerate(instances) if number not in bad]
    return ask(request.with_json({"instances": good})) if bad and good else answer


def wrong_values_taken_as_zero(request: Request, ask: Ask) -> Answer:
    """A feature that is no number, or out of range, counts as zero."""
    answer = ask(request)
    if not request.is_for("POST", "/predictions") or answer.status != UNPROCESSABLE:
        return answer
    wrong = {int(number) for number in re.findall(r'"/features/(\d+)', answer.body.decode())}
    try:
        features = json.loads(request.body)["features"]
        mended = [0.0 if place in wrong else value for place, value in enumerate(features)]
        return ask(request.with_json({"features": mended})) if wrong else answer
    except (ValueError, KeyError, TypeError):
        return answer


def unknown_fields_ignored(request: Request, ask: Ask) -> Answer:
    """What the service does not know in a body, it overlooks."""
    known = {"POST": "features", "PUT": "label"}.get(request.method, "")
    content = request.json
    if isinstance(content, dict) and known in content:
        return ask(request.with_json({known: content[known]}))
    return ask(request)


def nothing_is_deleted(request: Request, ask: Ask) -> Answer:
    """DELETE says that it is done, and does nothing."""
    if request.method == "DELETE" and "/predictions/" in request.path:
        return ask(request.to("DELETE", "/v1/predictions/never-was"))
    return ask(request)


def feedback_not_kept(request: Request, ask: Ask) -> Answer:
    """Feedback is answered as if it were kept, and is gone when the prediction is read."""
    answer = ask(request)
    if request.method == "GET" and "/predictions/" in request.path and answer.status == OK:
        return answer.with_json(answer.json | {"feedback": None})
    return answer


class WrongLocation:
    """Location of a new prediction is that of the one before it."""

    def __init__(self) -> None:
        self._last = "/v1/predictions/0"

    def __call__(self, request: Request, ask: Ask) -> Answer:
        """Answer with the Location of the answer before."""
        answer = ask(request)
        if request.method != "POST" or answer.status != CREATED:
            return answer
        before, self._last = self._last, answer.header("location")
        return answer.with_header("location", before)


def unknown_models_are_digits(request: Request, ask: Ask) -> Answer:
    """A model that there is not answers as the first one does."""
    path = re.sub(r"^/v1/models/(?!digits\b|tumour\b)[^/?]+", "/v1/models/digits", request.path)
    return ask(request.to(request.method, path))


def second_best_label(request: Request, ask: Ask) -> Answer:
    """The label is not that of the highest probability, but of the second highest."""
    answer = ask(request)
    content = answer.json
    if not isinstance(content, dict):
        return answer
    for outcome in [content, *content.get("predictions", [])]:
        if "probabilities" in outcome and "label" in outcome:
            ranked = sorted(outcome["probabilities"], key=outcome["probabilities"].get)
            outcome["label"] = ranked[-2]
    return answer.with_json(content)


class AnswersFromBefore:
    """The first answer of a model is given to everybody who asks it."""

    def __init__(self) -> None:
        self._first: dict[str, dict[str, object]] = {}

    def __call__(self, request: Request, ask: Ask) -> Answer:
        """Answer with what the model said first."""
        answer = ask(request)
        if not request.is_for("POST", "/predictions") or answer.status != CREATED:
            return answer
        content = answer.json
        said = {key: content[key] for key in ("label", "probabilities")}
        return answer.with_json(content | self._first.setdefault(request.path, said))


def _always(bug: Bug) -> Callable[[], Bug]:
    return lambda: bug


AREAS = {
    "batches": "how batches are answered",
    "input": "what the service accepts",
    "resources": "what becomes of predictions after they are made",
    "models": "which model answers",
    "answers": "what a prediction says",
}
PLANTED: dict[str, Callable[[], Bug]] = {
    "batches-1": _always(batch_in_another_order),
    "batches-2": _always(bad_instances_left_out),
    "input-1": _always(wrong_values_taken_as_zero),
    "input-2": _always(unknown_fields_ignored),
    "resources-1": _always(nothing_is_deleted),
    "resources-2": _always(feedback_not_kept),
    "resources-3": WrongLocation,
    "models-1": _always(unknown_models_are_digits),
    "answers-1": _always(second_best_label),
    "answers-2": AnswersFromBefore,
}
RIGHT = _always(none)
