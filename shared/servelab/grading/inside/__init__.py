"""Programs that run inside the sandbox, beside learner code.

Each is a script of its own that imports the standard library only, so that
nothing of the grader needs to be visible there. None holds a secret.
"""
