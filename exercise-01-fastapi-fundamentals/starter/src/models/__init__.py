"""What goes over the wire: the shapes of requests and responses, and nothing else."""
