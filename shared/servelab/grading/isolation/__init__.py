"""Isolation levels: how learner code is kept apart from the grader and from the machine.

    process      own session, limits, scrubbed environment: for practice, not for grading
    bubblewrap   own user, PID and network namespaces, read-only binds, another real uid

Both open the same `Sandbox`, in which programs are started, so a container level fits beside them.
Where to start: `level.py`, then `sandbox.py`.
"""
