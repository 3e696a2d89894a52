"""The package of an attack."""
