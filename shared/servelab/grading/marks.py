"""The mark by which a graded test names its task.

@task("1.2")
@task("1.2", guard=True)   passes on the starter too: scores nothing by itself,
                           but the task gets no points when it fails
@task("1.2", image=True)   builds and runs an image: counts only when that is asked for
"""

import pytest


def task(task_id: str, *, guard: bool = False, image: bool = False) -> pytest.MarkDecorator:
    """Mark a test as belonging to a task of the exercise."""
    return pytest.mark.task(task_id, guard=guard, image=image)
