"""The grader: manifest, submission boundary, isolation, verdicts, scores and reports.

Where to start: `session.py` grades one submission; `submission.py` is all that a test sees of it.
"""
