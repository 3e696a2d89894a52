"""Values that the documentation shows and a client can copy: each of them is accepted."""

from pydantic import JsonValue

# A handwritten 3, eight rows of eight pixels, 0 is paper and 16 is ink.
# fmt: off
DIGIT: list[JsonValue] = [
    0, 0, 7, 15, 13, 1, 0, 0,
    0, 8, 13, 6, 15, 4, 0, 0,
    0, 2, 1, 13, 13, 0, 0, 0,
    0, 0, 2, 15, 11, 1, 0, 0,
    0, 0, 0, 1, 12, 12, 1, 0,
    0, 0, 0, 0, 1, 10, 8, 0,
    0, 0, 8, 4, 5, 14, 9, 0,
    0, 0, 7, 13, 13, 9, 0, 0,
]
# fmt: on

OUTCOME: dict[str, JsonValue] = {"label": "3", "probabilities": {"3": 0.96875, "9": 0.03125}}

PREDICTION: dict[str, JsonValue] = {
    "id": "0a1a50df894f4dc89e4246a31eca5313",
    "model": "digits",
    "model_version": "1286a94fb804",
    **OUTCOME,
    "created_at": "2026-01-31T12:00:00Z",
    "feedback": {"label": "3"},
}
