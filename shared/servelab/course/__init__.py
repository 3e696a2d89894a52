"""The learner's way through the course: progress, hints, watch mode, practice, reset.

The way of `servelab test 1.4` from the command to its verdict:

    commands/test            reads the command line, and prints what comes
    course/selection         finds the task, by grading/manifest, and the implementation
    course/practice          runs the task at level `process`, and remembers what passed
    course/source            digests the task's regions (course/region), to tell a later change
    grading/session          makes a job of it: a copy by grading/intake, a session process, points
    grading/session_worker   the process: pytest with the tests of the task, a verdict for each
"""
