"""Monitoring of the stack: dashboards as code, and the proof that rules and panels work.

The configuration itself stands in `shared/monitoring`, as Prometheus, Alertmanager and Grafana read it.
"""
