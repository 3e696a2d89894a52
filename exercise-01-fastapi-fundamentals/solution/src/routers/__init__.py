"""The HTTP edge: routes that translate between requests and services."""
