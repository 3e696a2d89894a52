"""Where the configuration of the monitoring lies in this clone."""

from typing import Final

from servelab.course_root import COURSE_ROOT

MONITORING: Final = COURSE_ROOT / "shared" / "monitoring"
PROMETHEUS: Final = MONITORING / "prometheus"
ALERTMANAGER: Final = MONITORING / "alertmanager" / "alertmanager.yml"
DASHBOARDS: Final = MONITORING / "grafana" / "dashboards"
RUNBOOK: Final = MONITORING / "RUNBOOK.md"
