"""Grafana dashboards as code, one module each, on grafana-foundation-sdk."""
