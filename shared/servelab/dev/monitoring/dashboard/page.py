"""What every dashboard has: its uid, its range of time, its variables.

Leaves out: editing in Grafana. What is changed there is lost; change the code and generate again.
"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from servelab.dev.monitoring.dashboard.panel import SOURCE

# What stands for "All" in a query: `=~".+"` matches every value, and no series without the label.
EVERY = ".+"


def page(uid: str, title: str, description: str) -> Dashboard:
    """Return an empty dashboard.

    Args:
        uid: its name in URLs; it stays when the title changes.
        title: what stands above it.
        description: which question it answers.
    """
    return (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["model-serving"])
        .readonly()
        .time("now-1h", "now")
        .refresh("15s")
        .timezone("browser")
        # The same moment is marked in all panels: what happened together is seen together.
        .tooltip(DashboardCursorSync.CROSSHAIR)
    )


def variable(name: str, metric: str) -> QueryVariable:
    """Return a variable with the values that a label of a metric has, all of them at first.

    Args:
        name: of the variable and of the label.
        metric: a metric that every service worth choosing has.
    """
    return (
        QueryVariable(name)
        .query(f"label_values({metric}, {name})")
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(EVERY)
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )
