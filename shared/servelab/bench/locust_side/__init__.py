"""The user-behaviour side: Locust plays people, and its results come into the same report as a closed loop.

    plan        when a user meant to start what it does
    recording   Locust's request events as the samples of a run
    user        `PlannedUser`, the base class for locustfiles, with `--bench-html` and `--bench-json`

Only `user` imports Locust, which patches the standard library's sockets and
threads as soon as it is imported: nothing else of servelab may import it.
Leaves out: Locust's own CSV files, which hold no single request, so that no
bound could be worked out from them; several Locust processes.
"""
