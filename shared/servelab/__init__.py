"""Servelab: the model zoo, the grader and the command line of the course "ML Model Serving & APIs"."""
