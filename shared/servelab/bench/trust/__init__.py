"""Whether a run may be believed."""
