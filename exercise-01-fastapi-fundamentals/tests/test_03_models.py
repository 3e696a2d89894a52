"""Task 1.3: exact shapes of requests and responses, and rows that suit their model."""

import json

import pytest

from servelab.grading.marks import task

REQUEST = "src.models.prediction:PredictionRequest"
FEEDBACK = "src.models.prediction:FeedbackRequest"
OUTCOME = "src.models.prediction:OutcomeResponse"
ANSWER = "src.models.prediction:PredictionResponse"
GOOD = {
    "a-row": [0, 7.5, -3],
    "one-number": [16.0],
    "1024-numbers": [0.25] * 1024,
}
ONE = {"value": {"features": [16.0]}}
REFUSED_ROWS = {
    "text": '{"features": [1.0, "2.0"]}',
    "boolean": '{"features": [1.0, true]}',
    "null": '{"features": [1.0, null]}',
    "nested": '{"features": [1.0, [2.0]]}',
    "nan": '{"features": [1.0, NaN]}',
    "infinity": '{"features": [1.0, -Infinity]}',
    "overflow": '{"features": [1.0, 1e999]}',
    "huge-integer": f'{{"features": [1.0, 1{"0" * 400}]}}',
}
REFUSED_SHAPES = {
    "no-number": '{"features": []}',
    "1025-numbers": json.dumps({"features": [0.25] * 1025}),
    "a-lone-number": '{"features": 1.0}',
    "no-features": "{}",
    "a-bare-row": "[1.0, 2.0]",
}
REFUSED_FEEDBACK = {
    "empty": '{"label": ""}',
    "101-characters": json.dumps({"label": "x" * 101}),
    "number": '{"label": 3}',
    "missing": "{}",
}
PREDICTION = {
    "id": "0a1a50df894f4dc89e4246a31eca5313",
    "model": "digits",
    "model_version": "1286a94fb804",
    "label": "3",
    "probabilities": {"3": 0.75, "8": 0.25},
    "created_at": "2026-01-31T12:00:00Z",
    "feedback": None,
}
MODEL = {
    "name": "digits",
    "version": "1286a94fb804",
    "features": 64,
    "minimum": 0.0,
    "maximum": 16.0,
    "classes": ["3", "8"],
    "image_shape": [8, 8],
}
RESPONSES = {
    "model-with-images": ("src.models.model:ModelResponse", MODEL),
    "model-without-images": ("src.models.model:ModelResponse", {**MODEL, "image_shape": None}),
    "outcome": (
        OUTCOME,
        {"label": "3", "probabilities": {"3": 0.75, "8": 0.25}},
    ),
    "prediction": (ANSWER, PREDICTION),
    "judged-prediction": (
        "src.models.prediction:PredictionResponse",
        {**PREDICTION, "feedback": {"label": "8"}},
    ),
}
SIGNATURE = {**MODEL, "features": 3, "image_shape": None}
ROWS = {
    "suits": [0.0, 8.0, 16.0],
    "too-few": [1.0, 2.0],
    "too-many": [1.0, 2.0, 3.0, 4.0],
    "below": [-0.5, 1.0, 2.0],
    "above": [1.0, 2.0, 16.5],
    "two-wrong": [-1.0, 8.0, 17.0],
}


@pytest.fixture(scope="module")
def played(submission):
    """What becomes of all the bodies and rows of this module, and of the models' own examples."""
    bodies = {f"row: {case}": (REQUEST, json.dumps({"features": row})) for case, row in GOOD.items()}
    bodies |= {f"row: {case}": (REQUEST, text) for case, text in {**REFUSED_ROWS, **REFUSED_SHAPES}.items()}
    bodies |= {f"feedback: {case}": (FEEDBACK, text) for case, text in REFUSED_FEEDBACK.items()}
    bodies |= {
        f"response: {case}": (target, json.dumps(value)) for case, (target, value) in RESPONSES.items()
    }
    bodies["row: unknown field"] = (REQUEST, '{"features": [1.0], "temperature": 2}')
    bodies["feedback: good"] = (FEEDBACK, '{"label": "3"}')
    bodies["feedback: unknown field"] = (FEEDBACK, '{"label": "3", "weight": 2}')
    targets, at = [REQUEST, FEEDBACK, OUTCOME, ANSWER], "/instances/2/features"
    return submission.play(
        "scenarios/shapes.py", bodies=bodies, targets=targets, signature=SIGNATURE, rows=ROWS, at=at
    )


@pytest.fixture(scope="module")
def validated(played):
    """What the models make of each body, by case."""
    return played["validated"]


@pytest.fixture(scope="module")
def checked(played):
    """The pointers that `feature_errors` gives for each of ROWS."""
    return played["checked"]


@task("1.3")
@pytest.mark.parametrize("case", GOOD)
def test_a_row_of_numbers_is_taken_as_it_is(validated, case):
    """Integers are numbers too, and no number may be changed or lost on its way to the model."""
    assert {"value": {"features": GOOD[case]}} == validated[f"row: {case}"], (
        "PredictionRequest should take 1 to 1024 numbers and keep them; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize("case", REFUSED_ROWS)
def test_what_is_no_finite_number_is_refused_at_its_place(validated, case):
    """A text or a NaN that slips through becomes a confident answer to a question that nobody asked."""
    refused = validated[f"row: {case}"]
    paths = [path[:2] for path in refused.get("wrong", [])]

    assert ONE == validated["row: one-number"], "PredictionRequest must take a row of one number"
    assert [["features", 1]] == paths[:1], (
        f"{REFUSED_ROWS[case][:60]} is no row of finite numbers: expected a validation error at features[1], "
        f"got {str(refused)[:200]}; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize("case", REFUSED_SHAPES)
def test_a_body_of_another_shape_is_refused(validated, case):
    """An empty or an endless row has no meaning for any model, and should not get as far as one."""
    assert ONE == validated["row: one-number"], "PredictionRequest must take a row of one number"
    assert ["wrong"] == list(validated[f"row: {case}"]), (
        f"{REFUSED_SHAPES[case][:60]} should be refused by PredictionRequest; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize("kind", ["row", "feedback"])
def test_an_unknown_field_is_refused(validated, kind):
    """A client that misspells an option must learn of it, rather than get an answer without it."""
    good = {"row": ONE, "feedback": {"value": {"label": "3"}}}[kind]
    taken = validated["row: one-number" if kind == "row" else "feedback: good"]

    assert good == taken, "the same body without the unknown field must be taken"
    assert ["wrong"] == list(validated[f"{kind}: unknown field"]), (
        "a body with a field that the model does not declare should be refused; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize("case", REFUSED_FEEDBACK)
def test_feedback_is_a_label_of_1_to_100_characters(validated, case):
    """Feedback trains the next model: what is no label must not get into it."""
    assert {"value": {"label": "3"}} == validated["feedback: good"], (
        'FeedbackRequest must take {"label": "3"}'
    )
    assert {"wrong": [["label"]]} == validated[f"feedback: {case}"], (
        f"{REFUSED_FEEDBACK[case][:60]} should be refused by FeedbackRequest; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize("case", RESPONSES)
def test_a_response_has_exactly_the_promised_fields(validated, case):
    """Clients are written against these names; a field that is missing or changes its form breaks them."""
    target, value = RESPONSES[case]

    assert {"value": value} == validated[f"response: {case}"], (
        f"{target.partition(':')[2]} as JSON; see hint 1.3"
    )


@task("1.3")
def test_the_examples_are_valid(played):
    """Whoever tries a service copies its example first; an example that is refused costs their trust."""
    for target, examples in played["examples"].items():
        name = target.partition(":")[2]
        assert [] != examples, f"{name} shows no example in its JSON schema; see hint 1.3"
        assert [] == [each["wrong"] for each in examples if "wrong" in each], (
            f"{name} refuses its own example"
        )
    shown = played["examples"][REQUEST][0]["shown"]["features"]
    assert (64, True) == (len(shown), all(0 <= number <= 16 for number in shown)), (
        "the example of PredictionRequest should suit the digits: 64 numbers from 0 to 16; see hint 1.3"
    )


@task("1.3")
def test_a_row_that_suits_its_model_has_no_errors(checked):
    """The bounds themselves are allowed: black and white are colours too."""
    assert [] == checked["suits"], f"feature_errors({ROWS['suits']}, 3 features, 0 to 16); see hint 1.3"


@task("1.3")
@pytest.mark.parametrize("case", ["too-few", "too-many"])
def test_a_row_of_the_wrong_length_is_refused_as_a_whole(checked, case):
    """A row with a number missing has every later number in the wrong place: none of them can be trusted."""
    assert [] == checked["suits"], "a row that suits the model has no errors"
    assert ["/instances/2/features"] == checked[case], (
        f"feature_errors({ROWS[case]}, 3 features, at=…): one error, at the row; see hint 1.3"
    )


@task("1.3")
@pytest.mark.parametrize(
    ("case", "places"),
    [("below", [0]), ("above", [2]), ("two-wrong", [0, 2])],
    ids=["below", "above", "two-wrong"],
)
def test_each_number_out_of_range_is_named(checked, case, places):
    """A client with two mistakes should not need three tries."""
    assert [] == checked["suits"], "a row that suits the model has no errors"
    assert [f"/instances/2/features/{place}" for place in places] == checked[case], (
        f"feature_errors({ROWS[case]}, 0 to 16, at=…): a pointer to each wrong number; see hint 1.3"
    )
