"""Figures from samples: small pure functions, each with its source."""
