"""One module for each server: how it is run, and how it is asked whether it is ready."""
