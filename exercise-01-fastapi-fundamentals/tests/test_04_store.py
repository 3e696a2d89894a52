"""Task 1.4: what the store keeps, for how long, and how much of it."""

import pytest

from servelab.grading.marks import task

STORIES = {
    "kept": (9, 10.0, ["put a", "wait 9.5", "get a"]),
    "expired": (9, 10.0, ["put a", "get a", "wait 10.5", "get a", "judge a"]),
    "reading": (9, 10.0, ["put a", "wait 6", "get a", "wait 6", "get a"]),
    "judging": (9, 10.0, ["put a", "wait 6", "judge a", "get a", "wait 6", "get a"]),
    "full": (2, 10.0, ["put a", "put b", "put c", "get a", "get b", "get c"]),
    "judged and full": (2, 10.0, ["put a", "put b", "judge a", "put c", "get a", "get b", "get c"]),
    "memory": (3, 10.0, [*(f"put {number}" for number in range(50)), "count", "get 49"]),
    "room again": (2, 10.0, ["put a", "put b", "delete a", "put c", "get a", "get b", "get c"]),
}


@pytest.fixture(scope="module")
def stories(submission):
    """What a store gives in each of STORIES."""
    return submission.play("scenarios/stories.py", stories=STORIES)


@task("1.4")
def test_predictions_expire(stories):
    """A prediction is promised for SERVICE_STORE_TTL_S, neither shorter nor longer."""
    assert ["a"] == stories["kept"], "with ttl_s=10, 9.5 s after put(a): get(a) finds it"
    assert ["a", "gone", "gone"] == stories["expired"], (
        "with ttl_s=10, 10.5 s after put(a): UnknownPredictionError"
    )


@task("1.4")
@pytest.mark.parametrize(
    ("story", "found"), [("reading", "a"), ("judging", "a, feedback 8")], ids=["reading", "judging"]
)
def test_neither_reading_nor_feedback_prolongs_a_life(stories, story, found):
    """Otherwise a client that polls would keep a prediction for ever."""
    assert [found, "gone"] == stories[story], (
        f"ttl_s=10, {STORIES[story][2]}: expired 10 s after the put; see hint 1.4"
    )


@task("1.4")
@pytest.mark.parametrize("story", ["full", "judged and full"], ids=["full", "judged-and-full"])
def test_the_oldest_prediction_makes_room(stories, story):
    """What was made last is asked for most; feedback makes a prediction no younger."""
    assert ["gone", "b", "c"] == stories[story], f"capacity=2, {STORIES[story][2]}; see hint 1.4"


@task("1.4")
def test_what_is_gone_takes_no_memory_and_no_place(stories):
    """Hiding a prediction is not forgetting it."""
    assert [3, "49"] == stories["memory"], (
        "after 50 puts with capacity=3, how many are in memory, and get(49)"
    )
    assert ["gone", "b", "c"] == stories["room again"], (
        f"capacity=2, {STORIES['room again'][2]}: a deleted one frees its place"
    )
