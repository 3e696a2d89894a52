"""What some tasks require beside the course itself: environments and services.

Without them these tasks are not run, so each is optional.
"""

from collections.abc import Iterator

from servelab.course.check import Check
from servelab.grading.manifest import exercises


def environments() -> Iterator[Check]:
    """Look at the environments of all exercises, those that share a name once."""
    declared = {each.name: each for exercise in exercises() for each in exercise.environments}
    for name, environment in declared.items():
        fault = environment.fault()
        found = f"{fault} ({environment.size})" if fault else f"here: {environment.prefix}"
        yield _check(f"environment: {name}", found, environment.command if fault else "")


def services() -> Iterator[Check]:
    """Say where each service would be taken from; the name of a stand-in says that it is one."""
    from servelab.services.availability import availability  # noqa: PLC0415 - doctor alone needs it

    for service in availability():
        yield _check(
            f"service: {service.name}", service.source, service.mend if service.state == "lacking" else ""
        )


def _check(name: str, found: str, mend: str) -> Check:
    return Check(name, "optional", not mend, found, mend)
