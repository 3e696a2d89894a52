"""Proof that the services work: start each, really use it, stop it, and look for what is left."""
