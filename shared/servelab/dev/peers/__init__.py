"""Other load generators, run side by side with ours against the same servers."""
