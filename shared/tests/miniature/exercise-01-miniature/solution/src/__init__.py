"""A service in the smallest form: the standard library answers three paths."""
