"""The workshop: what only contributors and CI need; only the command line imports it."""
