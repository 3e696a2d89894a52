"""Services with a bug planted into them: what a learner's own tests are to find."""
